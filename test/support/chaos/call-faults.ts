/** What may go wrong at a call of AWS. */
import type { Sabotage } from "@bbws/local/lambda/protocol.ts";

export type Fault = Omit<Sabotage, "call" | "name">;

/** A function dies before or after a call's effect; the call is throttled, answered by a 503 or timed out before it, or its answer is lost after it. */
const anywhere: readonly Fault[] = [
  { phase: "before", how: "die" },
  { phase: "after", how: "die" },
  { phase: "before", how: "throttle" },
  { phase: "before", how: "unavailable" },
  { phase: "before", how: "timeout" },
  { phase: "after", how: "timeout" },
];
export const deaths = anywhere.filter(({ how }) => how === "die");

const cancellations: readonly Fault[] = [
  { phase: "before", how: "conflict" },
  { phase: "before", how: "outrun" },
];

/**
 * @param called name of the call, as in `RecordedCall`
 * @param entries which of a batch's messages SQS may refuse
 */
export const faultsOf = (called: string, entries: readonly NonNullable<Sabotage["entries"]>[]): readonly Fault[] => [
  ...anywhere,
  ...(called.includes("TransactWriteItems") ? cancellations : []),
  ...(called.includes("SendMessageBatch") ? entries.map((which) => ({ phase: "before", how: "refuse", entries: which }) as const) : []),
];
