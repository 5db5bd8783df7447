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

const base = (order: RecordedOrder) => ({
  version: EVENT_VERSION as typeof EVENT_VERSION,
  tenantId: order.tenantId,
  orderId: order.id,
  orderVersion: order.version,
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
    const type = "order.status_changed";
    events.push({
      ...base(after),
      type,
      eventId: `${after.id}:${after.version}:${type}`,
      occurredAt: after.dateLastUpdated,
      data: { from: before.status, to: after.status },
    });
  }
  for (const documentType of documentTypes) {
    const document = after.documents[documentType];
    if (!document?.key || before.documents[documentType]?.key) continue;
    const type = "order.document_ready";
    const orderVersion = documentVersion(after, documentType);
    events.push({
      ...base(after),
      orderVersion,
      type,
      eventId: `${after.id}:${orderVersion}:${type}:${documentType}`,
      occurredAt: document.issuedAt,
      data: { documentType },
    });
  }
  return events;
}

/**
 * The version a document's event goes by: the place in the history of the transition that issued it, however late the
 * document comes. So whoever tells of it again, whenever, tells of the same occasion, and its mail goes out once.
 */
export function documentVersion({ statusHistory }: Pick<RecordedOrder, "statusHistory">, documentType: DocumentType): number {
  const issuedBy = ({ order: undefined, taxInvoice: "PAID", creditNote: "REFUNDED" } as const)[documentType];
  return issuedBy === undefined ? 1 : statusHistory.findLastIndex(({ status }) => status === issuedBy) + 1;
}

/** The event of an order's first appearance, at its first version whatever happened since. */
export function recordedEvent(order: RecordedOrder): OrderEvent {
  const type = "order.recorded";
  return {
    ...base(order),
    orderVersion: 1,
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
  if (event.data.to === "PAID") return "taxInvoice";
  return event.data.to === "REFUNDED" ? "creditNote" : undefined;
}
