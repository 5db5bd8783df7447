import * as v from "valibot";
import { type CustomerMailKind, customerMailKinds, mailKinds } from "../mail/kinds.ts";
import { AcceptedOrder, DocumentType, documentTypes, type Order, OrderStatus } from "./order.ts";

/**
 * The messages between the functions. `order.accepted` carries the order itself, because there is no record to read
 * yet; every event after the record is thin, and its consumer reads the order.
 */

export const EVENT_VERSION = "1.0";

const envelope = {
  eventId: v.string(),
  version: v.literal(EVENT_VERSION),
  occurredAt: v.pipe(v.string(), v.isoTimestamp()),
  correlationId: v.string(),
};

export const OrderAccepted = v.object({ ...envelope, type: v.literal("order.accepted"), order: AcceptedOrder });
export type OrderAccepted = v.InferOutput<typeof OrderAccepted>;

const recorded = { ...envelope, tenantId: v.string(), orderId: v.string(), orderVersion: v.pipe(v.number(), v.integer()) };

export const OrderEvent = v.variant("type", [
  v.object({ ...recorded, type: v.literal("order.recorded"), data: v.object({ status: OrderStatus }) }),
  v.object({ ...recorded, type: v.literal("order.status_changed"), data: v.object({ from: OrderStatus, to: OrderStatus }) }),
  v.object({ ...recorded, type: v.literal("order.document_ready"), data: v.object({ documentType: DocumentType }) }),
  /** Not a change: an operator asks for a mail again. The table's stream never carries it. */
  v.object({
    ...recorded,
    type: v.literal("order.mail_requested"),
    data: v.object({ kind: v.picklist(mailKinds), status: OrderStatus, requestId: v.string(), to: v.optional(v.string()) }),
  }),
]);
export type OrderEvent = v.InferOutput<typeof OrderEvent>;

export type OrderEventQueue = "InvoiceQueue" | "InternalNotificationQueue" | "CustomerNotificationQueue";

/** What an order item in the table carries for the router besides the order itself. */
export type RecordedOrder = Order & { correlationId?: string };

const base = (order: RecordedOrder, orderVersion: number) => ({
  version: EVENT_VERSION as typeof EVENT_VERSION,
  tenantId: order.tenantId,
  orderId: order.id,
  orderVersion,
  correlationId: order.correlationId ?? order.id,
});

/**
 * The domain events of one change of one order item. Pure and deterministic: the same change always gives the same
 * events with the same ids, so a redelivered stream record is harmless.
 */
export function changeToEvents(before: RecordedOrder | undefined, after: RecordedOrder | undefined): OrderEvent[] {
  if (!after) return [];
  if (!before) return [recordedEvent(after)];
  const events: OrderEvent[] = [];
  if (before.status !== after.status) {
    const change = { from: before.status, to: after.status, at: after.dateLastUpdated };
    events.push(statusChangedEvent(after, change, after.version));
  }
  for (const documentType of documentTypes) {
    if (!after.documents[documentType]?.key || before.documents[documentType]?.key) continue;
    events.push(documentReadyEvent(after, documentType, documentVersion(after, documentType)));
  }
  return events;
}

/** The numbered document that a transition issues. */
export const numberedDocuments: Partial<Record<OrderStatus, NumberedDocument>> = { PAID: "taxInvoice", REFUNDED: "creditNote" };
export type NumberedDocument = Exclude<DocumentType, "order">;

/**
 * The version a document's event goes by: the place in the history of the transition that issued it, however late the
 * document comes. So whoever tells of it again, whenever, tells of the same occasion, and its mail goes out once.
 */
export function documentVersion({ statusHistory }: Pick<RecordedOrder, "statusHistory">, documentType: DocumentType): number {
  if (documentType === "order") return 1;
  return statusHistory.findLastIndex(({ status }) => numberedDocuments[status] === documentType) + 1;
}

/** The event of one transition; `at` when it took place, `orderVersion` the one it made. */
export function statusChangedEvent(
  order: RecordedOrder,
  { from, to, at }: { from: OrderStatus; to: OrderStatus; at: string },
  orderVersion: number,
): OrderEvent {
  const type = "order.status_changed";
  return { ...base(order, orderVersion), type, eventId: `${order.id}:${orderVersion}:${type}`, occurredAt: at, data: { from, to } };
}

/** The event of a document that is stored and noted on the order. */
export function documentReadyEvent(order: RecordedOrder, documentType: DocumentType, orderVersion: number): OrderEvent {
  const type = "order.document_ready";
  return {
    ...base(order, orderVersion),
    type,
    eventId: `${order.id}:${orderVersion}:${type}:${documentType}`,
    occurredAt: order.documents[documentType]!.issuedAt,
    data: { documentType },
  };
}

/** The event of an order's first appearance, at its first version whatever happened since. */
export function recordedEvent(order: RecordedOrder): OrderEvent {
  const type = "order.recorded";
  return {
    ...base(order, 1),
    type,
    eventId: `${order.id}:1:${type}`,
    occurredAt: order.dateCreated,
    data: { status: order.statusHistory[0]?.status ?? order.status },
  };
}

/** Which queues an event goes to (events.md, the table of events). */
export function queuesOf(event: OrderEvent): OrderEventQueue[] {
  if (event.type === "order.recorded") {
    // A suspended tenant's guest order is recorded as CANCELLED: staff hear of it, nobody else.
    if (event.data.status === "CANCELLED") return ["InternalNotificationQueue"];
    return ["InvoiceQueue", "InternalNotificationQueue", "CustomerNotificationQueue"];
  }
  if (event.type === "order.mail_requested") {
    return customerMailKinds.includes(event.data.kind as CustomerMailKind) ? ["CustomerNotificationQueue"] : ["InternalNotificationQueue"];
  }
  if (event.type === "order.document_ready") {
    return event.data.documentType === "order" ? [] : ["CustomerNotificationQueue"];
  }
  return statusChangeQueues[event.data.to];
}

const statusChangeQueues: Record<OrderStatus, OrderEventQueue[]> = {
  PENDING: [],
  PAYMENT_PENDING: [],
  PAID: ["InvoiceQueue", "InternalNotificationQueue"],
  PROCESSING: ["CustomerNotificationQueue"],
  COMPLETED: ["CustomerNotificationQueue"],
  CANCELLED: ["InternalNotificationQueue", "CustomerNotificationQueue"],
  EXPIRED: ["CustomerNotificationQueue"],
  REFUNDED: ["InvoiceQueue", "InternalNotificationQueue"],
};

/** The document an event asks for, if any. */
export function documentOf(event: OrderEvent): DocumentType | undefined {
  if (event.type === "order.recorded") return event.data.status === "CANCELLED" ? undefined : "order";
  if (event.type !== "order.status_changed") return undefined;
  return numberedDocuments[event.data.to];
}
