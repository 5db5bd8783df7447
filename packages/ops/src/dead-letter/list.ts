import { exitCode } from "../exit-code.ts";
import { columns, plural, type Result } from "../output.ts";
import type { Target } from "../target/target.ts";
import { depth } from "./depth.ts";
import { deadLetterQueues } from "./queues.ts";

/** Every queue with what waits in it and what died. */
export async function listDeadLetters(target: Target): Promise<Result> {
  const rows = await Promise.all(
    deadLetterQueues.map(async ({ component, source, consumer }) => {
      const [letters, work] = await Promise.all([depth(target, component), source ? depth(target, source) : undefined]);
      return { queue: component, letters: letters.waiting + letters.inFlight, source: source ?? null, consumer, work: work ?? null };
    }),
  );
  const total = rows.reduce((sum, { letters }) => sum + letters, 0);
  const table = columns(
    ["Dead-letter queue", "Letters", "Work queue", "Waiting", "In flight", "Consumer"],
    rows.map(({ queue, letters, source, work, consumer }) => [
      queue,
      letters,
      source ?? "(table stream)",
      work?.waiting ?? "-",
      work?.inFlight ?? "-",
      source ? consumer : "OrderChangeRouter, OrderExpirer",
    ]),
    [1, 3, 4],
  );
  return {
    data: { total, queues: rows },
    text: `${table}\n\n${total === 0 ? "No dead letters." : `${plural(total, "dead letter")}: dlq peek <queue> tells why.`}`,
    exitCode: total === 0 ? exitCode.ok : exitCode.notClean,
  };
}
