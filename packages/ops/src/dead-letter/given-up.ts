import { SENT_AS } from "@bbws/core/mail/ledger.ts";
import { type MailQueue, mailByQueue, mailQueues, occasionOf } from "@bbws/core/mail/mails.ts";
import { OrderEvent } from "@bbws/core/order/events.ts";
import * as v from "valibot";
import type { QueueName } from "../../../../infra/settings.ts";
import { OpsError } from "../exit-code.ts";
import { type Emission, emit } from "../order/emit.ts";
import type { Store } from "../order/store.ts";
import type { Target } from "../target/target.ts";
import { heldText, type Letter, lettersIn } from "./letters.ts";
import { deadLetterQueues } from "./queues.ts";

/** Dead letters that tell more than that they failed, found by the queue they came from and the event they tell of. */
export type GivenUp = {
  /** A letter that its consumer gave up at once, or whose mail SES has. */
  letterOf(queue: QueueName, eventId: string | undefined): Letter | undefined;
  /** Why nothing can be said of a queue's letters: another command holds some of them, which hides them for as long. */
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
    const { letters, held } = await lettersIn(
      target,
      component,
      (letter) => letter.errorReason !== undefined || sentAs(letter) !== undefined,
    );
    if (held > 0) hidden.set(source, heldText(held, component));
    for (const letter of letters) {
      const key = keyOf(source, letter.about.eventId);
      if (!sentAs(found.get(key))) found.set(key, letter);
    }
  }
  return { letterOf: (queue, eventId) => found.get(keyOf(queue, eventId)), hidden: (queue) => hidden.get(queue) };
}

/** The id under which SES took the mail of a letter, where only the note of it is missing. */
export const sentAs = (letter: Letter | undefined) => letter?.attributes[SENT_AS]?.StringValue;

/**
 * Notes in the ledger that SES has the mail of a letter that says so: sent back to its consumer the message could fail there
 * again, and lie hidden in its queue meanwhile.
 * @returns what was done, undefined when the letter does not say so or cannot be read
 */
export async function noteLetter({ mails }: Store, queue: QueueName, letter: Letter): Promise<string | undefined> {
  const sesMessageId = sentAs(letter);
  if (!sesMessageId || !isMailQueue(queue)) return undefined;
  const { success, output: event } = v.safeParse(v.pipe(v.string(), v.parseJson(), OrderEvent), letter.body);
  if (!success) return undefined;
  const mail = mailByQueue[queue](event);
  if (!mail) return undefined;
  await mails.markSent(occasionOf(event, mail), sesMessageId);
  return `noted: SES took the mail as ${sesMessageId}`;
}

const isMailQueue = (queue: QueueName): queue is MailQueue => (mailQueues as readonly QueueName[]).includes(queue);

/** Emits events; of a mail whose dead letter says that SES has it, only the note is made. */
export type Emit = (emissions: readonly Emission[]) => Promise<void>;

/** @throws OpsError while another command holds letters of the mails: one of them may say that SES has a mail */
export async function emitterOf(target: Target, store: Store): Promise<Emit> {
  const letters = await givenUp(target, mailQueues);
  const hidden = mailQueues.map(letters.hidden).find(Boolean);
  if (hidden) throw new OpsError(hidden);
  return async (emissions) => {
    const unsent: Emission[] = [];
    for (const { queue, event } of emissions) {
      const letter = letters.letterOf(queue, event.eventId);
      if (!letter || !(await noteLetter(store, queue, letter))) unsent.push({ queue, event });
    }
    await emit(target, unsent);
  };
}
