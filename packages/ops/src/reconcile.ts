import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { epochSeconds, systemClock } from "@bbws/core/clock.ts";
import { type Gap, gapText } from "@bbws/core/order/completeness.ts";
import { EXPIRY_MS } from "@bbws/core/order/expiry-timer.ts";
import { IDEMPOTENCY_SECONDS, isRefused } from "@bbws/core/order/idempotency.ts";
import { orderStatuses } from "@bbws/core/order/order.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { isUnpaid } from "@bbws/core/order/status.ts";
import { deadLetterQueueOf, type QueueName } from "../../../infra/settings.ts";
import { type GivenUp, givenUp, noteLetter, nothingGivenUp, sentAs } from "./dead-letter/given-up.ts";
import { aboutOf, type Letter } from "./dead-letter/letters.ts";
import { exitCode } from "./exit-code.ts";
import { type Io, startProgress } from "./io.ts";
import { emit } from "./order/emit.ts";
import { type Store, storeOf } from "./order/store.ts";
import { columns, paragraphs, plural, type Result } from "./output.ts";
import { type Item, orderOfItem, scanTable } from "./table/scan.ts";
import type { Target } from "./target/target.ts";

export type ReconcileOptions = {
  /** Looks at what changed since then. Orders whose time to pay is over are looked at whatever their age. */
  sinceMs: number;
  /** What changed within it may still be under way and is left alone. */
  graceMs: number;
  dryRun?: boolean;
};

/** One thing that should have happened and has not. */
type Finding = {
  orderId: string;
  orderNumber: string | null;
  status: string;
  lacks: string;
  /** The message that would set it going, as its letter is known among the dead ones. */
  message?: { queue: QueueName; eventId: string };
  heal: () => Promise<string>;
};

/** Orders looked at side by side. */
const AT_ONCE = 8;

/**
 * Finds orders that lack something: a record, a document, a mail, a timer, their expiry; and sets it going again through
 * the same queues and functions, which do only what has not been done. What its consumer gave up for good stays with its dead
 * letter: the same message again would die again. A mail whose letter says that SES has it is noted, not sent. While another
 * command holds letters of a queue, what goes to that queue is left for the next run: its letter may be among them.
 */
export async function reconcile(target: Target, { sinceMs, graceMs, dryRun = false }: ReconcileOptions, io: Io): Promise<Result> {
  const now = systemClock();
  const store = storeOf(target);
  const findings: Finding[] = [];
  const malformed: string[] = [];
  let looked = 0;
  let refused = 0;
  await scanTable(target.table, changedSince(now, sinceMs), io, async (items) => {
    for (let i = 0; i < items.length; i += AT_ONCE) {
      await Promise.all(
        items.slice(i, i + AT_ONCE).map(async (item) => {
          if (item.entityType === "Idempotency") {
            if (isRefused(item)) refused += 1;
            else findings.push(...(await lostRequest(target, store, item, now, graceMs)));
            return;
          }
          const order = orderOfItem(item);
          if (!order) return void malformed.push(`${item.PK} ${item.SK}`);
          looked += 1;
          findings.push(...(await gapsFound(target, store, order, now, graceMs)));
        }),
      );
    }
  });
  findings.sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
  const letters = findings.length > 0 ? await givenUp(target) : nothingGivenUp;
  const bar = startProgress(io, "setting it going again", findings.length);
  const rows: Row[] = [];
  for (const finding of findings) {
    rows.push(await settle(finding, { letters, store, dryRun }));
    bar.advance(1);
  }
  bar.done(`${plural(rows.length, "thing")} gone through`);
  return report(rows, { looked, refused, malformed, dryRun });
}

type Row = {
  orderId: string;
  orderNumber: string | null;
  status: string;
  lacks: string;
  outcome: string;
  healed: boolean;
  /** Nothing was tried: its dead letter waits for an operator, or another command holds letters that may be its own. */
  left: "dead letter" | "held" | null;
};

type Settling = { letters: GivenUp; store: Store; dryRun: boolean };

async function settle({ heal, message, ...facts }: Finding, { letters, store, dryRun }: Settling): Promise<Row> {
  const letter = message && letters.letterOf(message.queue, message.eventId);
  const hidden = message && !letter ? letters.hidden(message.queue) : undefined;
  if (hidden) return { ...facts, outcome: `stays: ${hidden}`, healed: false, left: "held" };
  if (letter && !sentAs(letter)) {
    const outcome = `stays: ${deadLetterQueueOf(message.queue)} holds its letter (${letter.errorReason})`;
    return { ...facts, outcome, healed: false, left: "dead letter" };
  }
  if (dryRun) return { ...facts, outcome: "dry run", healed: false, left: null };
  const { text, healed } = await attempt(letter ? () => note(store, message.queue, letter) : heal);
  return { ...facts, outcome: text, healed, left: null };
}

async function note(store: Store, queue: QueueName, letter: Letter): Promise<string> {
  const noted = await noteLetter(store, queue, letter);
  if (!noted) throw new Error(`the letter ${letter.messageId} of ${deadLetterQueueOf(queue)} cannot be read`);
  return `${noted}; its dead letter may be purged`;
}

async function attempt(heal: () => Promise<string>): Promise<{ text: string; healed: boolean }> {
  try {
    return { text: await heal(), healed: true };
  } catch (error) {
    return { text: `failed: ${(error as Error).message}`, healed: false };
  }
}

type Around = { looked: number; refused: number; malformed: string[]; dryRun: boolean };

function report(rows: Row[], { looked, refused, malformed, dryRun }: Around): Result {
  const healed = rows.filter((row) => row.healed).length;
  const left = rows.filter((row) => row.left === "dead letter").length;
  const held = rows.filter((row) => row.left === "held").length;
  const table =
    rows.length === 0
      ? undefined
      : columns(
          ["Order", "Number", "Status", "Lacks", "Outcome"],
          rows.map(({ orderId, orderNumber, status, lacks, outcome }) => [orderId, orderNumber ?? "-", status, lacks, outcome]),
        );
  const strange = malformed.length === 0 ? undefined : `Items that are no orders though they say so: ${malformed.join(", ")}`;
  const missing = [
    `${plural(rows.length, "thing")} missing`,
    ...(dryRun ? [] : [`${healed} set going again`]),
    ...(left > 0 ? [`${left} left to the dead letters: dlq peek tells why`] : []),
    ...(held > 0 ? [`${held} left until no other command holds the letters: run it again`] : []),
  ];
  const summary = `${plural(looked, "order")} looked at${rows.length === 0 ? ": nothing is missing" : `, ${missing.join(", ")}`}.`;
  const unasked =
    refused === 0
      ? undefined
      : `${plural(refused, "create")} that the service refused while its queue was down: left to the customers' repeat.`;
  return {
    data: { looked, dryRun, missing: rows, refused, malformed },
    text: paragraphs(table, strange, summary, unasked),
    exitCode: exitCodeOf({ failed: rows.length - healed - left - held, left: left + held, malformed, dryRun }),
  };
}

function exitCodeOf({ failed, left, malformed, dryRun }: { failed: number; left: number; malformed: string[]; dryRun: boolean }) {
  if (!dryRun && failed > 0) return exitCode.failed;
  return failed + left + malformed.length > 0 ? exitCode.notClean : exitCode.ok;
}

/** Orders that changed lately, unpaid orders past their time, and the requests that are still remembered. */
function changedSince(now: Date, sinceMs: number) {
  const unpaid = orderStatuses.filter(isUnpaid);
  return {
    FilterExpression: [
      "(entityType = :order AND dateLastUpdated >= :since)",
      `(entityType = :order AND dateCreated <= :due AND #status IN (${unpaid.map((_, i) => `:unpaid${i}`).join(", ")}))`,
      "(entityType = :request AND expiresAt >= :expires)",
    ].join(" OR "),
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":order": { S: "Order" },
      ":request": { S: "Idempotency" },
      ":since": { S: new Date(now.getTime() - sinceMs).toISOString() },
      ":due": { S: new Date(now.getTime() - EXPIRY_MS).toISOString() },
      ":expires": { N: String(Math.max(epochSeconds(now), epochSeconds(now) + IDEMPOTENCY_SECONDS - Math.ceil(sinceMs / 1000))) },
      ...Object.fromEntries(unpaid.map((status, i) => [`:unpaid${i}`, { S: status }])),
    },
  };
}

async function gapsFound(target: Target, store: Store, order: StoredOrder, now: Date, graceMs: number): Promise<Finding[]> {
  const settling = now.getTime() - Date.parse(order.dateLastUpdated) < graceMs;
  const gaps = await store.lacks(order);
  const { id: orderId, orderNumber, status } = order;
  return gaps
    .filter(({ kind }) => kind === "expiry" || !settling)
    .map((gap) => ({
      ...{ orderId, orderNumber, status, lacks: gapText(gap), heal: () => heal(target, store, order, gap) },
      ...("event" in gap && { message: { queue: gap.queue, eventId: gap.event.eventId } }),
    }));
}

async function heal(target: Target, store: Store, order: StoredOrder, gap: Gap): Promise<string> {
  if (gap.kind === "timer") {
    await store.timers.restore(order);
    return "timer set again";
  }
  if (gap.kind === "expiry") {
    await store.timers.runOut(order);
    return "timer run out";
  }
  await emit(target, [gap]);
  return `emitted to ${gap.queue}`;
}

/**
 * A request whose order never appeared, though it was answered 202 (or nobody knows how): its message is remembered byte for
 * byte.
 */
async function lostRequest(target: Target, store: Store, item: Item, now: Date, graceMs: number): Promise<Finding[]> {
  const { orderId, message, expiresAt } = item as { orderId: string; message: string; expiresAt: number };
  const acceptedAt = (expiresAt - IDEMPOTENCY_SECONDS) * 1000;
  if (now.getTime() - acceptedAt < graceMs || (await store.find(orderId))) return [];
  const heal = async () => {
    await target.sqs.send(new SendMessageCommand({ QueueUrl: target.queueUrl("OrderCreationQueue"), MessageBody: message }));
    return "emitted to OrderCreationQueue";
  };
  const { eventId = "" } = aboutOf(message);
  return [{ orderId, orderNumber: null, status: "ACCEPTED", lacks: "record", message: { queue: "OrderCreationQueue", eventId }, heal }];
}
