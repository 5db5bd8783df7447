import { exitCode } from "../exit-code.ts";
import { duration, facts, paragraphs, plural, type Result, section } from "../output.ts";
import type { Target } from "../target/target.ts";
import { type Diagnosis, diagnose, diagnosisData } from "./diagnosis.ts";
import { heldText, lettersIn, ofOrder } from "./letters.ts";
import { deadLetterQueue } from "./queues.ts";

export type PeekOptions = { order?: string; max?: number; body?: boolean };

/** Shows the letters of a queue and why each died. They stay where they are. */
export async function peek(target: Target, queueName: string, { order, max = 20, body = false }: PeekOptions): Promise<Result> {
  const queue = deadLetterQueue(queueName, target.stage);
  const { letters, held } = await lettersIn(target, queue.component, await ofOrder(target, order));
  const diagnoses = await diagnose(target, queue, letters.slice(0, max));
  const rest = letters.length - diagnoses.length;
  const of = order ? ` of ${order}` : "";
  return {
    data: {
      queue: queue.component,
      letters: diagnoses.map((diagnosis) => diagnosisData(diagnosis, { withBody: body })),
      notShown: rest,
      held,
    },
    text: paragraphs(
      `${queue.component}: ${letters.length === 0 ? `no dead letters${of}` : `${plural(letters.length, "dead letter")}${of}`}`,
      ...diagnoses.map((diagnosis) => letterText(diagnosis, body)),
      rest > 0 ? `${rest} more: --max ${letters.length}` : undefined,
      held > 0 ? heldText(held, queue.component) : undefined,
    ),
    exitCode: letters.length + held === 0 ? exitCode.ok : exitCode.notClean,
  };
}

/** One letter on a few lines. */
export function letterText({ messageId, about, sentAt, receives, logged, cause, advice, body }: Diagnosis, withBody = false): string {
  return section(
    `${about.type ?? "message"} ${messageId}`,
    facts([
      ["order", about.orderId],
      ["age", `${duration(Date.now() - sentAt.getTime())}, ${plural(receives, "receive")}`],
      ["correlation", about.correlationId ?? logged?.correlationId],
      ["why", cause],
      ["what to do", advice],
      ["body", withBody ? body : undefined],
    ]),
  );
}
