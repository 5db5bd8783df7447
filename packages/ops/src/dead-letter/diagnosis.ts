import { gapText } from "@bbws/core/order/completeness.ts";
import { type Store, storeOf } from "../order/store.ts";
import type { LoggedFailure, Target } from "../target/target.ts";
import { type Explanation, explain, type LetterFacts } from "./explain.ts";
import { sentAs } from "./given-up.ts";
import type { Letter } from "./letters.ts";
import type { DeadLetterQueue } from "./queues.ts";

/** A letter with all that is known of its end. */
export type Diagnosis = Letter & { queue: string; logged: LoggedFailure | undefined } & Explanation;

/** Looks at the function's log and at the order itself, and says why each letter died. */
export async function diagnose(target: Target, queue: DeadLetterQueue, letters: readonly Letter[]): Promise<Diagnosis[]> {
  if (letters.length === 0) return [];
  const store = storeOf(target);
  const since = new Date(Math.min(...letters.map(({ sentAt }) => sentAt.getTime())));
  const unexplained = letters.filter(({ errorReason }) => errorReason === undefined);
  const ids = unexplained.flatMap(({ loggedAs }) => loggedAs);
  const logged = await target.failures.lastOf(queue.consumer, ids, since);
  const diagnoses: Diagnosis[] = [];
  for (const letter of letters) {
    const failure = letter.loggedAs.map((id) => logged.get(id)).find(Boolean);
    const facts: LetterFacts = {
      ...letter,
      sentAs: sentAs(letter),
      logged: failure?.error,
      order: await orderOf(store, letter),
      accepted: letter.about.type === "order.accepted",
    };
    diagnoses.push({ ...letter, queue: queue.component, logged: failure, ...explain(facts) });
  }
  return diagnoses;
}

async function orderOf(store: Store, { about }: Letter): Promise<LetterFacts["order"]> {
  if (about.orderId === undefined) return undefined;
  const order = await store.find(about.orderId);
  if (!order) return { recorded: false };
  return { recorded: true, status: order.status, lacks: (await store.lacks(order)).map(gapText) };
}

/** A diagnosis as `--json` shows it; the message itself is personal data and comes only when asked for. */
export function diagnosisData(
  { queue, messageId, sentAt, receives, errorReason, logged, about, cause, advice, body }: Diagnosis,
  { withBody = false } = {},
) {
  return {
    queue,
    messageId,
    sentAt: sentAt.toISOString(),
    ageSeconds: Math.round((Date.now() - sentAt.getTime()) / 1000),
    receives,
    errorReason: errorReason ?? null,
    lastLoggedFailure: logged ?? null,
    orderId: about.orderId ?? null,
    tenantId: about.tenantId ?? null,
    type: about.type ?? null,
    correlationId: about.correlationId ?? null,
    cause,
    advice,
    ...(withBody && { body }),
  };
}
