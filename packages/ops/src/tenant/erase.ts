import { epochSeconds, systemClock } from "@bbws/core/clock.ts";
import { documentKey } from "@bbws/core/document/document.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { sha256 } from "@bbws/core/id.ts";
import { decideErasure, type ErasureDecision, isErased, isErasureDone, KEPT_FIELDS, keptDocuments } from "@bbws/core/order/erasure.ts";
import { IDEMPOTENCY_SECONDS, type RequestKey, scopeOf } from "@bbws/core/order/idempotency.ts";
import type { DocumentType, Order } from "@bbws/core/order/order.ts";
import { orderErasures } from "@bbws/core/order/order-erasures.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { isUnpaid } from "@bbws/core/order/status.ts";
import { sleep } from "@bbws/core/retry.ts";
import type { KeptOrder } from "@bbws/core/tenant/erasure.entity.ts";
import { suspensions } from "@bbws/core/tenant/suspension.ts";
import { normaliseEmail } from "@bbws/core/tenant/tenant.ts";
import { type ErasureRecord, tenantErasures } from "@bbws/core/tenant/tenant-erasures.ts";
import { tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { functions } from "../../../../infra/settings.ts";
import { depth } from "../dead-letter/depth.ts";
import { deleteLetter, visitLetters } from "../dead-letter/letters.ts";
import { deadLetterQueues } from "../dead-letter/queues.ts";
import { exitCode, OpsError } from "../exit-code.ts";
import { type Io, startProgress } from "../io.ts";
import { storeOf } from "../order/store.ts";
import { columns, facts, paragraphs, plural, type Result, section } from "../output.ts";
import { scanTable } from "../table/scan.ts";
import type { Target } from "../target/target.ts";
import { deleteObjects, objectsUnder } from "./objects.ts";
import { isPersonal, type Traces } from "./personal-letters.ts";
import { checkTenantId } from "./standing.ts";

type Planned = { order: StoredOrder; decision: ErasureDecision };

/** A document of a kept order that is being written at the moment of erasure wins a few rounds at most. */
const ATTEMPTS = 3;

/** How often the tenant's things are gone through until nothing new is found. */
const MAX_PASSES = 5;

/** How long a function that read an order before its erasure may go on, in seconds: the longest time-out, and a call that was on its way. */
const UNDER_WAY_SECONDS = Math.max(...Object.values(functions).map(({ timeoutSeconds }) => timeoutSeconds)) + 5;

const CANCELLATION = "The customer's data was erased";

/**
 * Erases a tenant's personal data wherever the service keeps it, but for what the law keeps, which the report lists: all that
 * was accepted before the erasure began. Then it waits until no function can be at work any more that read an order before
 * its erasure, and goes through everything again until it finds nothing.
 *
 * It may be run again at any time: after a failure it goes on, and when a tax record's seven years are over it takes that
 * too. What the e-mail leads to goes before the e-mail itself, because afterwards nobody knows it. So the e-mail stays where
 * something of it is out of reach (a message that is not recorded yet, a dead letter that somebody else holds): what comes of
 * that is then the same tenant's, and the next run finds it. The exit code says so (`notClean`).
 *
 * @param options.waitSeconds how long to wait for what is under way, and at most as long again for what is out of reach
 */
export async function eraseTenant(
  target: Target,
  tenantId: string,
  { dryRun = false, waitSeconds = UNDER_WAY_SECONDS }: { dryRun?: boolean; waitSeconds?: number },
  io: Io,
): Promise<Result> {
  checkTenantId(tenantId);
  const run: Run = {
    target,
    tenantId,
    dryRun,
    io,
    now: systemClock(),
    known: new Set(),
    cancelled: new Set(),
    emails: new Set(),
    letters: 0,
    objects: 0,
  };
  const erasures = tenantErasures(target.table);
  const tenant = await suspensions(target.table, systemClock).find(tenantId);
  let orders = await orderErasures(target.table).ordersOf(tenantId);
  if (!tenant && orders.length === 0) throw new OpsError(`there is nothing of a tenant ${tenantId}`);
  for (const { id } of orders) run.known.add(id);
  await pass(run, orders, tenant?.email);
  let requests = 0;
  let beyond = await (dryRun ? outOfReach(target) : untilNothingIsUnderWay(target, waitSeconds, io));
  const isInReach = () => beyond.unrecorded + beyond.held === 0;
  if (!dryRun) {
    // What appears while the table is read through, and until the e-mail is gone, is found by the pass after that.
    for (let passes = 2; ; passes++) {
      if (passes > MAX_PASSES) throw new OpsError(`there was always more to find of ${tenantId}: run it again`);
      orders = await ordersOf(run);
      const { found, erased } = await pass(run, orders, tenant?.email);
      if (passes > 2 && found === 0) break;
      // An order that was recorded only now: its document may be under way.
      if (erased > 0) beyond = await untilNothingIsUnderWay(target, waitSeconds, io);
      requests += await forgetRequests(run, new Set(orders.map(({ id }) => id)));
      if (isInReach()) for (const email of run.emails) await erasures.forgetEmail(tenantId, email);
    }
    orders = await ordersOf(run);
  }
  const plans = orders.map((order) => planned(run, order));
  const gone = dryRun ? plans : plans.filter(({ order, decision }) => isErasureDone(order, decision));
  const kept = gone.map(keptOf).filter((one) => one !== undefined);
  const untouched = plans.length - gone.length;
  const isWhole = isInReach() && untouched === 0;
  const record: ErasureRecord = {
    tenantId,
    at: run.now.toISOString(),
    by: target.by,
    ordersErased: gone.length - kept.length,
    kept: kept.map(({ documents: _, ...one }) => one),
    objectsDeleted: run.objects,
  };
  if (!dryRun) {
    if (isWhole) await erasures.eraseTenant(tenantId, record.at);
    await erasures.remember(record);
  }
  return report(record, { run, requests, kept, untouched, ...beyond });
}

/** One erasure and what it has done so far. */
type Run = {
  target: Target;
  tenantId: string;
  dryRun: boolean;
  io: Io;
  /** When it began: what was accepted later is a new customer's. */
  now: Date;
  /** Ids of the orders that were there then, whatever the operator's clock says. */
  known: Set<string>;
  /** Ids of orders that had to be cancelled first. */
  cancelled: Set<string>;
  /** Addresses that lead to the tenant and to nobody else. */
  emails: Set<string>;
  letters: number;
  objects: number;
};

const planned = ({ now }: Run, order: StoredOrder): Planned => ({ order, decision: decideErasure(order, now) });

/** The tenant's orders that were accepted before the erasure began. */
async function ordersOf(run: Run): Promise<StoredOrder[]> {
  const orders = await orderErasures(run.target.table).ordersOf(run.tenantId);
  return orders.filter((order) => isConcerned(run, order));
}

const isConcerned = ({ known, now }: Run, { id, dateCreated }: Order) => known.has(id) || dateCreated <= now.toISOString();

/** Goes once through letters, orders and documents. @returns how many of all these there were to erase, and how many orders */
async function pass(run: Run, orders: readonly StoredOrder[], tenantEmail: string | undefined): Promise<{ found: number; erased: number }> {
  const { emails, typed } = await addressesOf(run, [tenantEmail, ...orders.map(({ customerEmail }) => customerEmail)]);
  for (const email of emails) run.emails.add(email);
  const traces = { tenantId: run.tenantId, orderIds: new Set(orders.map(({ id }) => id)), emails: [...run.emails], typed, began: run.now };
  const letters = await forgetLetters(run, traces);
  const due = orders.map((order) => planned(run, order)).filter(({ order, decision }) => !isErasureDone(order, decision));
  for (const { order } of due) if (isUnpaid(order.status)) run.cancelled.add(order.id);
  if (!run.dryRun) await eraseOrders(run, due);
  const objects = await forgetDocuments(run);
  run.letters += letters;
  run.objects += objects;
  return { found: letters + due.length + objects, erased: due.length };
}

/** The addresses among those found that lead to the tenant and to nobody else, and those that lead to nobody. */
async function addressesOf({ target, tenantId }: Run, found: (string | undefined)[]): Promise<Pick<Traces, "emails" | "typed">> {
  const all = [...new Set(found.filter((email) => email !== undefined && !isErased({ customerEmail: email })))] as string[];
  const tenants = tenantsOf(target.table, systemClock);
  const owners = await Promise.all(all.map((email) => tenants.ofEmail(email)));
  return { emails: all.filter((_, i) => owners[i]?.tenantId === tenantId), typed: all.filter((_, i) => owners[i] === undefined) };
}

async function forgetLetters({ target, dryRun }: Run, traces: Traces): Promise<number> {
  let count = 0;
  for (const { component } of deadLetterQueues) {
    await visitLetters(target, component, async (letter) => {
      if (!isPersonal(letter.body, traces)) return "left";
      count += 1;
      if (dryRun) return "left";
      await deleteLetter(target, component, letter);
      return "taken";
    });
  }
  return count;
}

async function eraseOrders({ target, io }: Run, due: readonly Planned[]): Promise<void> {
  if (due.length === 0) return;
  const bar = startProgress(io, "erasing orders", due.length);
  for (const { order } of due) {
    await eraseOrder(target, order);
    bar.advance(1);
  }
  bar.done(`${plural(due.length, "order")} erased`);
}

/** Reads the order again and decides again whenever it changed meanwhile. An order that waits for money is cancelled first. */
async function eraseOrder(target: Target, found: StoredOrder): Promise<void> {
  const { orders } = storeOf(target);
  const erasures = orderErasures(target.table);
  let order = found;
  for (let attempt = 1; ; attempt++) {
    try {
      if (isUnpaid(order.status)) {
        order = await orders.update(order, { to: "CANCELLED", reason: CANCELLATION }, { by: "operator", correlationId: order.id });
      }
      await erasures.keepPlace(order, systemClock());
      await erasures.erase(order, decideErasure(order, systemClock()));
      return;
    } catch (error) {
      if (!(error instanceof OrderError) || error.code !== "VERSION_CONFLICT" || attempt === ATTEMPTS) throw error;
      order = (await orders.get(order.tenantId, order.id))!;
    }
  }
}

/** What an erasure cannot reach: it may be of the tenant, and nobody can look. */
type OutOfReach = {
  /** Messages of the creation queue: an order of the tenant among them is recorded after the erasure. */
  unrecorded: number;
  /** Dead letters that somebody else looks at: a receive does not get them. */
  held: number;
};

async function outOfReach(target: Target): Promise<OutOfReach> {
  const [records, ...letters] = await Promise.all(
    ["OrderCreationQueue", ...deadLetterQueues.map(({ component }) => component)].map((component) => depth(target, component)),
  );
  return { unrecorded: records!.waiting + records!.inFlight, held: letters.reduce((sum, { inFlight }) => sum + inFlight, 0) };
}

/**
 * Waits until what read an order before its erasure is over: a document that was being drawn is stored by then, an order that
 * was being recorded is in the table. Where the queues tell exactly that nobody is at work, that is enough. Then it waits for
 * what is out of reach, as long again at most. @returns what still is
 */
async function untilNothingIsUnderWay(target: Target, waitSeconds: number, io: Io): Promise<OutOfReach> {
  const bar = startProgress(io, "waiting for what is under way", waitSeconds);
  for (let second = 0; ; second++) {
    const [beyond, documents] = await Promise.all([outOfReach(target), depth(target, "InvoiceQueue")]);
    const isReached = beyond.unrecorded + beyond.held === 0;
    const isTimeOver = second >= waitSeconds;
    if (isReached && (isTimeOver || (target.exactDepths && documents.inFlight === 0))) {
      bar.done("what began before the erasure is over");
      return beyond;
    }
    if (second >= 2 * waitSeconds) {
      bar.done(`waited ${second} s, and not everything is in reach`);
      return beyond;
    }
    await sleep(1_000);
    bar.advance(1);
  }
}

/**
 * Remembered requests have no index by tenant: the table is read through. A request that was accepted after the erasure
 * began, told by the second, stays: its customer may still repeat it. @returns how many went
 */
async function forgetRequests({ target, tenantId, emails, now, io }: Run, orderIds: ReadonlySet<string>): Promise<number> {
  const erasures = tenantErasures(target.table);
  const scopes = new Set([scopeOf({ tenantId }), ...[...emails].map((email) => scopeOf({ guest: normaliseEmail(email) }))].map(sha256));
  const query = { FilterExpression: "entityType = :request", ExpressionAttributeValues: { ":request": { S: "Idempotency" } } };
  let count = 0;
  await scanTable(target.table, query, io, async (items) => {
    for (const { scopeHash, keyHash, orderId, expiresAt } of items as (RequestKey & { orderId: string; expiresAt: number })[]) {
      const isLater = expiresAt - IDEMPOTENCY_SECONDS > epochSeconds(now);
      if (!orderIds.has(orderId) && (isLater || !scopes.has(scopeHash))) continue;
      await erasures.forgetRequest({ scopeHash, keyHash });
      count += 1;
    }
  });
  return count;
}

/**
 * Every version of every object of the tenant goes, here and in the replica, but the documents that are kept, and those of
 * orders that were accepted after the erasure began. @returns how many
 */
async function forgetDocuments(run: Run): Promise<number> {
  const { target, tenantId, now, dryRun } = run;
  const buckets = [target.documents, target.documentReplica].filter((bucket) => bucket !== undefined);
  const found = await Promise.all(buckets.map(async (bucket) => ({ bucket, all: await objectsUnder(bucket, `${tenantId}/`) })));
  // Read after the objects: an order, and the number of its document, is in the table before a document of it is stored. So
  // every object that was found has its order here as it must be judged: what was paid or refunded a moment ago is a tax record.
  const orders = await orderErasures(target.table).ordersOf(tenantId);
  // By the key it will have, not by the key that is noted: one may be on its way into the store at this moment.
  const kept = new Set(
    orders.flatMap((order) => {
      const types: DocumentType[] = isConcerned(run, order)
        ? numberedDocuments(order, decideErasure(order, now))
        : ["order", ...numbered(order)];
      return types.map((type) => documentKey(order, type));
    }),
  );
  let count = 0;
  for (const { bucket, all } of found) {
    const gone = all.filter(({ Key }) => !kept.has(Key!));
    if (!dryRun) await deleteObjects(bucket, gone);
    count += gone.length;
  }
  return count;
}

const numbered = (order: Order) => (["taxInvoice", "creditNote"] as const).filter((type) => order.documents[type]?.number);

const numberedDocuments = (order: Order, { extent }: ErasureDecision) => (extent === "whole" ? [] : numbered(order));

const documentsOf = ({ order, decision }: Planned) => keptDocuments(order, decision).map((type) => order.documents[type]!.key!);

function keptOf(plan: Planned): (KeptOrder & { documents: string[] }) | undefined {
  const { order, decision } = plan;
  if (decision.extent === "whole") return undefined;
  const { invoiceNumber, keptUntil } = decision;
  return { orderId: order.id, orderNumber: order.orderNumber, invoiceNumber, keptUntil, documents: documentsOf(plan) };
}

type Report = {
  run: Run;
  requests: number;
  kept: (KeptOrder & { documents: string[] })[];
  /** Orders that appeared, or changed, after the last pass. */
  untouched: number;
} & OutOfReach;

function report(record: ErasureRecord, { run, requests, kept, untouched, unrecorded, held }: Report): Result {
  const { tenantId, at, by, ordersErased, objectsDeleted } = record;
  const { dryRun, cancelled, emails, letters } = run;
  const emailLocks = unrecorded + held > 0 && !dryRun ? 0 : emails.size;
  const again = dryRun ? [] : whatIsLeft({ untouched, unrecorded, held });
  return {
    data: {
      tenantId,
      at,
      by,
      dryRun,
      ordersErased,
      cancelled: [...cancelled],
      objectsDeleted,
      deadLetters: letters,
      requests,
      emails: emailLocks,
      kept,
      keptFields: KEPT_FIELDS,
      untouched,
      unrecorded,
      heldLetters: held,
    },
    text: paragraphs(
      section(
        `Erasure of tenant ${tenantId}${dryRun ? "   dry run, nothing was changed" : ""}`,
        facts([
          ["at, by", `${at}, ${by}`],
          ["orders erased", ordersErased],
          ["of them cancelled first", cancelled.size || undefined],
          ["orders kept as tax records", kept.length],
          ["stored PDFs deleted", `${objectsDeleted} (all versions)`],
          ["e-mail locks", emailLocks],
          ["remembered requests", dryRun ? "counted when it runs" : requests],
          ["dead letters", letters],
        ]),
      ),
      kept.length === 0
        ? undefined
        : section(
            "Kept by law (Tax Administration Act s 29), seven years from the last document",
            paragraphs(
              columns(
                ["Order", "Invoice", "Until", "Documents"],
                kept.map(({ orderNumber, invoiceNumber, keptUntil, documents }) => [
                  orderNumber,
                  invoiceNumber,
                  keptUntil.slice(0, 10),
                  documents.join(" "),
                ]),
              ),
              `Of each: ${KEPT_FIELDS.join(", ")}, and the documents as they were issued.`,
            ),
          ),
      again.length > 0 ? `NOT ALL IS ERASED, and the tenant's e-mail is kept to find the rest. ${again.join(" ")}` : undefined,
      "Left, because it tells of nobody: ids and numbers of orders, invoices and payments, lines and amounts, town and postal code, the campaign a page named, and the subject ids of staff in the history. Backups forget within 35 days, the table's stream within one.",
    ),
    exitCode: again.length === 0 ? exitCode.ok : exitCode.notClean,
  };
}

/** What stands in the way of a whole erasure, and what to do about it. */
function whatIsLeft({ untouched, unrecorded, held }: Pick<Report, "untouched" | keyof OutOfReach>): string[] {
  return [
    ...(untouched > 0 ? [`${plural(untouched, "order")} appeared or changed at the very end: run this again.`] : []),
    ...(unrecorded > 0
      ? [
          `OrderCreationQueue holds ${plural(unrecorded, "message")}: an order of theirs among them is recorded yet. Run this again when it is empty.`,
        ]
      : []),
    ...(held > 0
      ? [
          `Somebody else looks at ${plural(held, "dead letter")}, or did until lately: one of theirs may be among them. Run this again in two minutes.`,
        ]
      : []),
  ];
}
