import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { storeOf } from "../order/store.ts";
import { plural } from "../output.ts";
import type { Target } from "../target/target.ts";
import { depth } from "./depth.ts";

/** A dead letter as an operator sees it. */
export type Letter = {
  messageId: string;
  body: string;
  /** Of the message when it was first sent. */
  sentAt: Date;
  /** How often it has been received: by its consumer, and by whoever peeked. */
  receives: number;
  /** Why its consumer gave it up at once; absent when it was received too often. */
  errorReason: string | undefined;
  /** Ids under which its consumer may have logged it. */
  loggedAs: string[];
  /** What the body tells, where it can be read. */
  about: About;
  attributes: Record<string, MessageAttributeValue>;
  receiptHandle: string;
};

export type About = { type?: string; orderId?: string; tenantId?: string; eventId?: string; correlationId?: string; email?: string };

/** Attributes that speak of a letter's end; a message that gets another chance does not carry them. */
const epitaph = ["errorReason", "originalMessageId", "function"];

/** How long a letter stays hidden while it is looked at, in seconds: after a kill it is back then. */
const HOLD_SECONDS = 120;
const BATCH = 10;

/**
 * Goes through a dead-letter queue once. `visit` says what became of a letter: `taken` (it is gone from the queue) or
 * `left`; what was left is visible again at once when this returns, and by itself after two minutes if it never does.
 * @param max how many letters to take at most
 */
export async function visitLetters(
  target: Target,
  component: string,
  visit: (letter: Letter) => Promise<"taken" | "left">,
  max = Number.POSITIVE_INFINITY,
): Promise<{ seen: number; taken: number }> {
  const QueueUrl = target.queueUrl(component);
  const seen = new Set<string>();
  const held = new Map<string, string>();
  let taken = 0;
  let empty = 0;
  try {
    while (taken < max && empty < target.polling.emptyLooks) {
      const { Messages = [] } = await target.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: BATCH,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
          VisibilityTimeout: HOLD_SECONDS,
          WaitTimeSeconds: target.polling.waitSeconds,
        }),
      );
      const fresh = Messages.map(letterOf).filter(({ messageId }) => !seen.has(messageId));
      // Its hold ran out while the rest was visited: the newest receipt is the one that counts.
      for (const message of Messages) held.set(message.MessageId!, message.ReceiptHandle!);
      empty = fresh.length === 0 ? empty + 1 : 0;
      if (Messages.length > 0 && fresh.length === 0) break;
      for (const letter of fresh) {
        seen.add(letter.messageId);
        if (taken >= max) continue;
        if ((await visit(letter)) === "left") continue;
        held.delete(letter.messageId);
        taken += 1;
      }
    }
  } finally {
    await release(target, QueueUrl, [...held.values()]);
  }
  return { seen: seen.size, taken };
}

/** Tells letters of one order, named by its id or a number; every letter fits when none is named. */
export async function ofOrder(target: Target, order: string | undefined): Promise<(letter: Letter) => boolean> {
  if (order === undefined) return () => true;
  const orderId = await storeOf(target).idOf(order);
  return ({ about }) => about.orderId === orderId;
}

/**
 * Every letter of a queue that fits, oldest first. They stay where they are.
 * @returns with them, how many more another command holds, which hides them for as long; on AWS the counts are approximate
 */
export async function lettersIn(
  target: Target,
  component: string,
  fits: (letter: Letter) => boolean = () => true,
): Promise<{ letters: Letter[]; held: number }> {
  const letters: Letter[] = [];
  const { waiting, inFlight } = await depth(target, component);
  const { seen } = await visitLetters(target, component, async (letter) => {
    if (fits(letter)) letters.push(letter);
    return "left";
  });
  letters.sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
  return { letters, held: Math.max(0, waiting + inFlight - seen) };
}

/** What to say of letters that another command holds. */
export const heldText = (held: number, component: string) =>
  `another command holds ${plural(held, "letter")} of ${component}, run this again in two minutes`;

/** Ends a letter. */
export async function deleteLetter(target: Target, component: string, { receiptHandle }: Letter): Promise<void> {
  await target.sqs.send(new DeleteMessageCommand({ QueueUrl: target.queueUrl(component), ReceiptHandle: receiptHandle }));
}

async function release(target: Target, QueueUrl: string, receipts: string[]): Promise<void> {
  for (let i = 0; i < receipts.length; i += BATCH) {
    await target.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: receipts.slice(i, i + BATCH).map((ReceiptHandle, n) => ({ Id: String(n), ReceiptHandle, VisibilityTimeout: 0 })),
      }),
    );
  }
}

function letterOf(message: Message): Letter {
  const { MessageId = "", Body = "", ReceiptHandle = "", Attributes = {}, MessageAttributes = {} } = message;
  const { errorReason, originalMessageId } = MessageAttributes;
  const attributes = Object.fromEntries(Object.entries(MessageAttributes).filter(([name]) => !epitaph.includes(name)));
  return {
    messageId: MessageId,
    body: Body,
    sentAt: new Date(Number(Attributes.SentTimestamp)),
    receives: Number(Attributes.ApproximateReceiveCount) || 0,
    errorReason: errorReason?.StringValue,
    loggedAs: [MessageId, originalMessageId?.StringValue ?? ""].filter(Boolean),
    about: aboutOf(Body),
    attributes,
    receiptHandle: ReceiptHandle,
  };
}

type Body = Record<string, unknown> & { eventName?: unknown; order?: Record<string, unknown>; keys?: Record<string, { S?: string }> };

/** What a body tells of its order: an event, an accepted order, or the keys of a change. */
export function aboutOf(body: string): About {
  let json: Body;
  try {
    json = (JSON.parse(body) ?? {}) as Body;
  } catch {
    return {};
  }
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const partition = text(json.keys?.PK?.S);
  const sort = text(json.keys?.SK?.S);
  return {
    type: text(json.type) ?? changeType(json),
    orderId: text(json.orderId) ?? text(json.order?.id) ?? afterPrefix("ORDER#", sort, partition),
    tenantId: text(json.tenantId) ?? text(json.order?.tenantId) ?? afterPrefix("TENANT#", partition),
    eventId: text(json.eventId) ?? text(json.eventID),
    correlationId: text(json.correlationId),
    email: text(json.order?.customerEmail),
  };
}

/** What the router or Lambda puts into OrderChangesDLQ has no type of its own. */
function changeType({ keys, eventName, DDBStreamBatchInfo }: Body): string | undefined {
  if (keys) return `change ${eventName ?? ""}`.trim();
  return DDBStreamBatchInfo ? "changes given up" : undefined;
}

function afterPrefix(prefix: string, ...keys: (string | undefined)[]): string | undefined {
  return keys.find((key) => key?.startsWith(prefix))?.slice(prefix.length);
}
