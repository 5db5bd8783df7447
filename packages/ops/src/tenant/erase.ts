import { systemClock } from "@bbws/core/clock.ts";
import { documentKey } from "@bbws/core/document/document.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { decideErasure, type ErasureDecision, isErased, KEPT_FIELDS, keptDocuments } from "@bbws/core/order/erasure.ts";
import { documentTypes, type Order } from "@bbws/core/order/order.ts";
import { orderErasures } from "@bbws/core/order/order-erasures.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { isUnpaid } from "@bbws/core/order/status.ts";
import type { KeptOrder } from "@bbws/core/tenant/erasure.entity.ts";
import { suspensions } from "@bbws/core/tenant/suspension.ts";
import { type ErasureRecord, tenantErasures } from "@bbws/core/tenant/tenant-erasures.ts";
import { tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { deleteLetter, type Letter, visitLetters } from "../dead-letter/letters.ts";
import { deadLetterQueues } from "../dead-letter/queues.ts";
import { exitCode, OpsError } from "../exit-code.ts";
import { type Io, startProgress } from "../io.ts";
import { type Store, storeOf } from "../order/store.ts";
import { columns, facts, paragraphs, plural, type Result, section } from "../output.ts";
import type { Target } from "../target/target.ts";
import { deleteObjects, objectsUnder } from "./objects.ts";
import { checkTenantId } from "./standing.ts";

type Planned = { order: StoredOrder; decision: ErasureDecision };

/** A document of a kept order that is being written at the moment of erasure wins a few rounds at most. */
const ATTEMPTS = 3;

const CANCELLATION = "The customer's data was erased";

/**
 * Erases a tenant's personal data wherever the service keeps it, but for what the law keeps, which the report lists. It may
 * be run again at any time: after a failure it goes on, and when a tax record's seven years are over it takes that too.
 * What is found by e-mail goes first, because afterwards nobody knows the e-mail.
 */
export async function eraseTenant(target: Target, tenantId: string, { dryRun = false }: { dryRun?: boolean }, io: Io): Promise<Result> {
  checkTenantId(tenantId);
  const now = systemClock();
  const store = storeOf(target);
  const erasures = tenantErasures(target.table);
  const orderStore = orderErasures(target.table);
  const tenant = await suspensions(target.table, systemClock).find(tenantId);
  const orders = await orderStore.ordersOf(tenantId);
  if (!tenant && orders.length === 0) throw new OpsError(`there is nothing of a tenant ${tenantId}`);
  const planned = orders.map((order) => ({ order, decision: decideErasure(order, now) }));
  const emails = await emailsOf(target, tenantId, [tenant?.email, ...orders.map(({ customerEmail }) => customerEmail)]);
  const unpaid = orders.filter(({ status }) => isUnpaid(status));

  const letters = await forgetLetters(target, { tenantId, emails, dryRun });
  let requests = 0;
  if (!dryRun) {
    requests = await erasures.forgetRequests({ tenantId, emails, orderIds: new Set(orders.map(({ id }) => id)) });
    for (const email of emails) await erasures.forgetEmail(tenantId, email);
    await eraseOrders(planned, { store, orderStore, io });
  }
  // What was paid or refunded in the meantime has become a tax record: its documents stay.
  const settled = dryRun ? planned : (await orderStore.ordersOf(tenantId)).map((order) => ({ order, decision: decideErasure(order, now) }));
  const known = new Set(orders.map(({ id }) => id));
  const objects = await forgetDocuments(target, tenantId, { settled, known, dryRun });
  const gone = settled.filter(({ order }) => known.has(order.id));
  const kept = gone.map(keptOf).filter((one) => one !== undefined);
  const record: ErasureRecord = {
    tenantId,
    at: now.toISOString(),
    by: target.by,
    ordersErased: gone.length - kept.length,
    kept: kept.map(({ documents: _, ...one }) => one),
    objectsDeleted: objects,
  };
  if (!dryRun) {
    await erasures.eraseTenant(tenantId, record.at);
    await erasures.remember(record);
  }
  return report(record, { dryRun, cancelled: unpaid.map(({ id }) => id), letters, requests, emails: emails.length, kept });
}

/** The addresses that lead to the tenant and to nobody else: one that was only typed at a checkout may be another customer's. */
async function emailsOf(target: Target, tenantId: string, found: (string | undefined)[]): Promise<string[]> {
  const all = [...new Set(found.filter((email) => email !== undefined && !isErased({ customerEmail: email })))] as string[];
  const tenants = tenantsOf(target.table, systemClock);
  const owners = await Promise.all(all.map((email) => tenants.ofEmail(email)));
  return all.filter((_, i) => owners[i]?.tenantId === tenantId);
}

/**
 * An accepted order in a dead letter is a copy of everything the customer typed. A guest's names no tenant, and what could not
 * be read names nothing: there the address tells, as a whole value, whatever its case.
 */
async function forgetLetters(
  target: Target,
  { tenantId, emails, dryRun }: { tenantId: string; emails: readonly string[]; dryRun: boolean },
): Promise<number> {
  const isTheirs = ({ about, body }: Letter) =>
    (about.type === "order.accepted" && about.tenantId === tenantId) || emails.some((email) => body.toLowerCase().includes(`"${email}"`));
  let count = 0;
  for (const { component } of deadLetterQueues) {
    await visitLetters(target, component, async (letter) => {
      if (!isTheirs(letter)) return "left";
      count += 1;
      if (dryRun) return "left";
      await deleteLetter(target, component, letter);
      return "taken";
    });
  }
  return count;
}

type EraseParts = { store: Store; orderStore: ReturnType<typeof orderErasures>; io: Io };

async function eraseOrders(planned: readonly Planned[], { store, orderStore, io }: EraseParts): Promise<void> {
  const bar = startProgress(io, "erasing orders", planned.length);
  for (const { order } of planned) {
    await eraseOrder(order, { store, orderStore });
    bar.advance(1);
  }
  bar.done(`${plural(planned.length, "order")} gone through`);
}

/** Reads the order again and decides again whenever it changed meanwhile. An order that waits for money is cancelled first. */
async function eraseOrder(found: StoredOrder, { store, orderStore }: Omit<EraseParts, "io">): Promise<void> {
  let order = found;
  for (let attempt = 1; ; attempt++) {
    try {
      if (isUnpaid(order.status)) {
        order = await store.orders.update(order, { to: "CANCELLED", reason: CANCELLATION }, { by: "operator", correlationId: order.id });
      }
      await orderStore.erase(order, decideErasure(order, systemClock()));
      return;
    } catch (error) {
      if (!(error instanceof OrderError) || error.code !== "VERSION_CONFLICT" || attempt === ATTEMPTS) throw error;
      order = (await store.orders.get(order.tenantId, order.id))!;
    }
  }
}

/**
 * Every version of every object of the tenant goes, here and in the replica, but the documents that are kept, and those of
 * orders that came after the erasure began. @returns how many
 */
async function forgetDocuments(
  target: Target,
  tenantId: string,
  { settled, known, dryRun }: { settled: readonly Planned[]; known: ReadonlySet<string>; dryRun: boolean },
): Promise<number> {
  // By the key it will have, not by the key that is noted: one may be on its way into the store at this moment.
  const kept = new Set(
    settled.flatMap(({ order, decision }) =>
      (known.has(order.id) ? numberedDocuments(order, decision) : documentTypes).map((type) => documentKey(order, type)),
    ),
  );
  let count = 0;
  for (const bucket of [target.documents, target.documentReplica]) {
    if (!bucket) continue;
    const found = await objectsUnder(bucket, `${tenantId}/`, kept);
    if (!dryRun) await deleteObjects(bucket, found);
    count += found.length;
  }
  return count;
}

const numberedDocuments = (order: Order, { extent }: ErasureDecision) =>
  extent === "whole" ? [] : (["taxInvoice", "creditNote"] as const).filter((type) => order.documents[type]?.number);

const documentsOf = ({ order, decision }: Planned) => keptDocuments(order, decision).map((type) => order.documents[type]!.key!);

function keptOf(plan: Planned): (KeptOrder & { documents: string[] }) | undefined {
  const { order, decision } = plan;
  if (decision.extent === "whole") return undefined;
  const { invoiceNumber, keptUntil } = decision;
  return { orderId: order.id, orderNumber: order.orderNumber, invoiceNumber, keptUntil, documents: documentsOf(plan) };
}

type Report = {
  dryRun: boolean;
  cancelled: string[];
  letters: number;
  requests: number;
  emails: number;
  kept: (KeptOrder & { documents: string[] })[];
};

function report(record: ErasureRecord, { dryRun, cancelled, letters, requests, emails, kept }: Report): Result {
  const { tenantId, at, by, ordersErased, objectsDeleted } = record;
  return {
    data: {
      tenantId,
      at,
      by,
      dryRun,
      ordersErased,
      cancelled,
      objectsDeleted,
      deadLetters: letters,
      requests,
      emails,
      kept,
      keptFields: KEPT_FIELDS,
    },
    text: paragraphs(
      section(
        `Erasure of tenant ${tenantId}${dryRun ? "   dry run, nothing was changed" : ""}`,
        facts([
          ["at, by", `${at}, ${by}`],
          ["orders erased", ordersErased],
          ["of them cancelled first", cancelled.length || undefined],
          ["orders kept as tax records", kept.length],
          ["stored PDFs deleted", `${objectsDeleted} (all versions)`],
          ["e-mail locks", emails],
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
      "Not personal, and left: order and invoice numbers, lines and amounts, town and postal code, the campaign a page named, and the subject ids of the token issuer in the history. Backups forget within 35 days.",
    ),
    exitCode: exitCode.ok,
  };
}
