import { SENT_AS } from "@bbws/core/mail/ledger.ts";
import type { QueueName } from "../../../../infra/settings.ts";
import type { Emission } from "../order/emit.ts";
import { plural } from "../output.ts";
import type { Target } from "../target/target.ts";
import { depth } from "./depth.ts";
import { type Letter, lettersIn } from "./letters.ts";
import { deadLetterQueues } from "./queues.ts";

/** Dead letters that their consumers gave up at once, found by the queue they came from and the event they tell of. */
export type GivenUp = {
  letterOf(queue: QueueName, eventId: string | undefined): Letter | undefined;
  /** What cannot be known of a queue's letters, while another command holds some of them: it hides them for as long. */
  hidden(queue: QueueName): string | undefined;
};

export const nothingGivenUp: GivenUp = { letterOf: () => undefined, hidden: () => undefined };

const keyOf = (queue: QueueName, eventId: string | undefined) => `${queue} ${eventId}`;

/** @param sources the work queues whose letters are looked at; all of them unless told */
export async function givenUp(target: Target, sources?: readonly QueueName[]): Promise<GivenUp> {
  const found = new Map<string, Letter>();
  const hidden = new Map<QueueName, string>();
  for (const { component, source } of deadLetterQueues) {
    if (!source || (sources && !sources.includes(source))) continue;
    const { inFlight } = await depth(target, component);
    if (inFlight > 0)
      hidden.set(source, `another command holds ${plural(inFlight, "letter")} of ${component}, run this again in two minutes`);
    for (const letter of await lettersIn(target, component, ({ errorReason }) => errorReason !== undefined)) {
      const key = keyOf(source, letter.about.eventId);
      if (!sentAs(found.get(key))) found.set(key, letter);
    }
  }
  return { letterOf: (queue, eventId) => found.get(keyOf(queue, eventId)), hidden: (queue) => hidden.get(queue) };
}

/** The id under which SES took the mail of a letter, where only the note of it is missing. */
export const sentAs = (letter: Letter | undefined) => letter?.attributes[SENT_AS]?.StringValue;

const MAIL_QUEUES: readonly QueueName[] = ["InternalNotificationQueue", "CustomerNotificationQueue"];

/**
 * Tells emissions from each other whose mail SES has already, as its dead letter says: their consumer notes it and sends nothing.
 * @throws while another command holds letters of the mails: one of them may say so
 */
export async function handedOver(target: Target): Promise<(emission: Emission) => Emission> {
  const letters = await givenUp(target, MAIL_QUEUES);
  const hidden = MAIL_QUEUES.map(letters.hidden).find(Boolean);
  if (hidden) throw new Error(hidden);
  return (emission) => {
    const sesMessageId = sentAs(letters.letterOf(emission.queue, emission.event.eventId));
    return sesMessageId ? { ...emission, sesMessageId } : emission;
  };
}
