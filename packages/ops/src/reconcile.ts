import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { epochSeconds, systemClock } from "@bbws/core/clock.ts";
import { type Gap, gapText } from "@bbws/core/order/completeness.ts";
import { EXPIRY_MS } from "@bbws/core/order/expiry-timer.ts";
import { IDEMPOTENCY_SECONDS } from "@bbws/core/order/idempotency.ts";
import { orderStatuses } from "@bbws/core/order/order.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { isUnpaid } from "@bbws/core/order/status.ts";
import { exitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";
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
type Finding = { orderId: string; orderNumber: string | null; status: string; lacks: string; heal: () => Promise<string> };

/** Orders looked at side by side. */
const AT_ONCE = 8;

/**
 * Finds orders that lack something: a record, a document, a mail, a timer, their expiry; and sets it going again through
 * the same queues and functions, which do only what has not been done.
 */
export async function reconcile(target: Target, { sinceMs, graceMs, dryRun = false }: ReconcileOptions, io: Io): Promise<Result> {
  const now = systemClock();
  const store = storeOf(target);
  const findings: Finding[] = [];
  const malformed: string[] = [];
  let looked = 0;
  await scanTable(target.table, changedSince(now, sinceMs), io, async (items) => {
    for (let i = 0; i < items.length; i += AT_ONCE) {
      await Promise.all(
        items.slice(i, i + AT_ONCE).map(async (item) => {
          if (item.entityType === "Idempotency") return void findings.push(...(await lostRequest(target, store, item, now, graceMs)));
          const order = orderOfItem(item);
          if (!order) return void malformed.push(`${item.PK} ${item.SK}`);
          looked += 1;
          findings.push(...(await gapsFound(target, store, order, now, graceMs)));
        }),
      );
    }
  });
  findings.sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
  const rows: { orderId: string; orderNumber: string | null; status: string; lacks: string; outcome: string; healed: boolean }[] = [];
  for (const { heal, ...finding } of findings) {
    const outcome = dryRun ? { text: "dry run", healed: false } : await attempt(heal);
    rows.push({ ...finding, outcome: outcome.text, healed: outcome.healed });
  }
  return report(rows, { looked, malformed, dryRun });
}

type Row = { orderId: string; orderNumber: string | null; status: string; lacks: string; outcome: string; healed: boolean };

async function attempt(heal: () => Promise<string>): Promise<{ text: string; healed: boolean }> {
  try {
    return { text: await heal(), healed: true };
  } catch (error) {
    return { text: `failed: ${(error as Error).message}`, healed: false };
  }
}

function report(rows: Row[], { looked, malformed, dryRun }: { looked: number; malformed: string[]; dryRun: boolean }): Result {
  const failed = rows.filter(({ healed }) => !healed).length;
  const table =
    rows.length === 0
      ? undefined
      : columns(
          ["Order", "Number", "Status", "Lacks", "Outcome"],
          rows.map(({ orderId, orderNumber, status, lacks, outcome }) => [orderId, orderNumber ?? "-", status, lacks, outcome]),
        );
  const strange = malformed.length === 0 ? undefined : `Items that are no orders though they say so: ${malformed.join(", ")}`;
  const summary =
    rows.length === 0
      ? `${plural(looked, "order")} looked at: nothing is missing.`
      : `${plural(looked, "order")} looked at, ${plural(rows.length, "thing")} missing${dryRun ? "" : `, ${rows.length - failed} set going again`}.`;
  return {
    data: { looked, dryRun, missing: rows, malformed },
    text: paragraphs(table, strange, summary),
    exitCode: exitCodeOf(rows, { failed, malformed, dryRun }),
  };
}

function exitCodeOf(rows: Row[], { failed, malformed, dryRun }: { failed: number; malformed: string[]; dryRun: boolean }) {
  if (!dryRun && failed > 0) return exitCode.failed;
  return (dryRun && rows.length > 0) || malformed.length > 0 ? exitCode.notClean : exitCode.ok;
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
    .map((gap) => ({ orderId, orderNumber, status, lacks: gapText(gap), heal: () => heal(target, store, order, gap) }));
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

/** A request that was answered 202 and whose order never appeared: its message is remembered byte for byte. */
async function lostRequest(target: Target, store: Store, item: Item, now: Date, graceMs: number): Promise<Finding[]> {
  const { orderId, message, expiresAt } = item as { orderId: string; message: string; expiresAt: number };
  const acceptedAt = (expiresAt - IDEMPOTENCY_SECONDS) * 1000;
  if (now.getTime() - acceptedAt < graceMs || (await store.find(orderId))) return [];
  const heal = async () => {
    await target.sqs.send(new SendMessageCommand({ QueueUrl: target.queueUrl("OrderCreationQueue"), MessageBody: message }));
    return "emitted to OrderCreationQueue";
  };
  return [{ orderId, orderNumber: null, status: "ACCEPTED", lacks: "record", heal }];
}
