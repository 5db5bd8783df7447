import type { LedgerState } from "../mail/ledger.ts";
import { type Mail, mailByQueue, mailQueues } from "../mail/mails.ts";
import { isErased, isErasedWhole } from "./erasure.ts";
import {
  documentOf,
  documentReadyEvent,
  documentVersion,
  type NumberedDocument,
  numberedDocuments,
  type OrderEvent,
  type OrderEventQueue,
  queuesOf,
  type RecordedOrder,
  recordedEvent,
  statusChangedEvent,
} from "./events.ts";
import { EXPIRY_MS } from "./expiry-timer.ts";
import type { DocumentType, Order } from "./order.ts";
import { isUnpaid } from "./status.ts";

/** What an order's present state says must have happened, and what of it has not. Pure. */

/** A mail as the ledger knows it. */
export type KnownMail = { kind: Mail["kind"]; orderVersion: string; state: LedgerState; leaseUntil: number };

/** The timer of an order, if it has one. */
export type KnownTimer = { expiresAt: number } | undefined;

export type Gap =
  | { kind: "document"; documentType: DocumentType; queue: OrderEventQueue; event: OrderEvent }
  | { kind: "mail"; mail: Mail["kind"]; status: Order["status"]; unfinished: boolean; queue: OrderEventQueue; event: OrderEvent }
  /** Waits for money and nothing would ever end it. */
  | { kind: "timer" }
  /** Waits for money though its time is over. */
  | { kind: "expiry" };

/**
 * The events an order's present state implies, oldest first, with the ids and versions the change router gave them: a
 * consumer that has handled one recognises it. `mails` tells the versions that the order alone does not.
 */
export function impliedEvents(order: RecordedOrder, mails: readonly KnownMail[]): OrderEvent[] {
  const events: OrderEvent[] = [recordedEvent(order)];
  order.statusHistory.forEach((entry, index) => {
    const before = order.statusHistory[index - 1];
    if (!before) return;
    const orderVersion = versionOf(order, index, mails);
    events.push(statusChangedEvent(order, { from: before.status, to: entry.status, at: entry.at }, orderVersion));
    const documentType = numberedDocuments[entry.status];
    if (documentType && order.documents[documentType]?.key)
      events.push(documentReadyEvent(order, documentType, documentOccasion(order, documentType, orderVersion, mails)));
  });
  return events.filter((event) => queuesOf(event).length > 0);
}

/**
 * What an order lacks at this moment. A mail that waits for a document is not a gap of its own. An erased order
 * lacks nothing but the documents that the law keeps of it.
 */
export function gapsOf(order: RecordedOrder, known: { mails: readonly KnownMail[]; timer: KnownTimer }, now: Date): Gap[] {
  const gaps = impliedEvents(order, known.mails).flatMap((event) => gapsOfEvent(order, event, known.mails, now));
  if (isErased(order)) return isErasedWhole(order) ? [] : gaps.filter((gap) => gap.kind === "document" && gap.documentType !== "order");
  if (!isUnpaid(order.status)) return gaps;
  if (now.getTime() > dueAt(order)) return [...gaps, { kind: "expiry" }];
  return known.timer ? gaps : [...gaps, { kind: "timer" }];
}

/** Epoch ms after which an unpaid order has expired. */
export const dueAt = (order: Pick<Order, "dateCreated">) => Date.parse(order.dateCreated) + EXPIRY_MS;

/** A gap in a few words. */
export function gapText(gap: Gap): string {
  if (gap.kind === "document") return `${gap.documentType} document`;
  if (gap.kind === "mail")
    return `mail ${gap.mail}${gap.mail === "order_status_update" ? ` (${gap.status})` : ""}${gap.unfinished ? ", begun" : ""}`;
  return gap.kind === "timer" ? "expiry timer" : "expiry: unpaid past its time";
}

function gapsOfEvent(order: RecordedOrder, event: OrderEvent, mails: readonly KnownMail[], now: Date): Gap[] {
  const gaps: Gap[] = [];
  const documentType = documentOf(event);
  if (documentType && !order.documents[documentType]?.key) gaps.push({ kind: "document", documentType, queue: "InvoiceQueue", event });
  for (const queue of mailQueues) {
    const mail = mailByQueue[queue](event);
    if (!mail) continue;
    const known = mails.find(({ kind, orderVersion }) => kind === mail.kind && orderVersion === String(event.orderVersion));
    if (known && (known.state !== "CLAIMED" || known.leaseUntil > now.getTime())) continue;
    gaps.push({ kind: "mail", mail: mail.kind, status: mail.status, unfinished: known !== undefined, queue, event });
  }
  return gaps;
}

/**
 * The version a transition made. Each transition adds one, and so does a soft delete or its undoing, which leaves no
 * trace in the history; only an order that will not be worked on any more can be soft-deleted, and of those only a
 * COMPLETED one moves again, to REFUNDED. So every entry's version is its place, but for a refund after that.
 */
function versionOf(order: RecordedOrder, index: number, mails: readonly KnownMail[]): number {
  const entry = order.statusHistory[index]!;
  if (entry.status !== "REFUNDED" || order.version === order.statusHistory.length) return index + 1;
  const told = occasionsOf(mails, "internal_refunded")[0];
  if (told !== undefined) return told;
  return entry.at === order.dateLastUpdated ? order.version : index + 1;
}

/** Before `documentVersion` an event carried the version the order had when its document came: the ledger remembers. */
function documentOccasion(order: RecordedOrder, documentType: NumberedDocument, since: number, mails: readonly KnownMail[]): number {
  const kind = documentType === "taxInvoice" ? "payment_received" : "order_status_update";
  return occasionsOf(mails, kind).find((version) => version >= since) ?? documentVersion(order, documentType);
}

/** Versions of the order for which the ledger has a mail of a kind; what operators asked for (`3#id`) is not an occasion. */
function occasionsOf(mails: readonly KnownMail[], wanted: Mail["kind"]): number[] {
  return mails
    .filter(({ kind, orderVersion }) => kind === wanted && /^\d+$/.test(orderVersion))
    .map(({ orderVersion }) => Number(orderVersion))
    .sort((a, b) => a - b);
}
