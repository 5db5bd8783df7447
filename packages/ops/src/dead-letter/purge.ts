import { exitCode } from "../exit-code.ts";
import type { Progress } from "../io.ts";
import { plural, type Result } from "../output.ts";
import type { Target } from "../target/target.ts";
import { deleteLetter, ofOrder, visitLetters } from "./letters.ts";
import { deadLetterQueue } from "./queues.ts";

export type PurgeOptions = { order?: string; message?: string; dryRun?: boolean; progress?: Progress };

/** Deletes letters for good, one by one: what arrives meanwhile is not swept along unseen. */
export async function purge(target: Target, queueName: string, options: PurgeOptions): Promise<Result> {
  const { component } = deadLetterQueue(queueName, target.stage);
  const fits = await ofOrder(target, options.order);
  const ids: string[] = [];
  await visitLetters(target, component, async (letter) => {
    options.progress?.advance(1);
    if (!fits(letter)) return "left";
    if (options.message !== undefined && letter.messageId !== options.message) return "left";
    ids.push(letter.messageId);
    if (options.dryRun) return "left";
    await deleteLetter(target, component, letter);
    return "taken";
  });
  return {
    data: { queue: component, dryRun: options.dryRun ?? false, purged: ids },
    text: `${plural(ids.length, "letter")} of ${component} ${options.dryRun ? "would be deleted" : "deleted"}.`,
    exitCode: options.dryRun && ids.length > 0 ? exitCode.notClean : exitCode.ok,
  };
}
