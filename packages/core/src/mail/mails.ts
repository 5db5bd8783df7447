import type { OrderEvent } from "../order/events.ts";
import type { DocumentType, OrderStatus } from "../order/order.ts";

/** What to send on which event (events.md, the table of events). Pure. */

export type MailKind =
  | "order_confirmation"
  | "payment_received"
  | "order_cancelled"
  | "order_status_update"
  | "internal_new"
  | "internal_paid"
  | "internal_cancelled"
  | "internal_refunded";

export type MailTemplate =
  | "customer/order_confirmation"
  | "customer/order_status_update"
  | "customer/order_cancelled"
  | "customer/payment_received"
  | "internal/order_notification";

export type Mail = {
  kind: MailKind;
  template: MailTemplate;
  /** The status the mail speaks of: the event's, not the order's present one, which may have moved on. */
  status: OrderStatus;
  attachment?: DocumentType;
};

/** The mail a customer gets for an event, if any. */
export function customerMailOf(event: OrderEvent): Mail | undefined {
  if (event.type === "order.recorded") {
    if (event.data.status === "CANCELLED") return undefined;
    return { kind: "order_confirmation", template: "customer/order_confirmation", status: "PENDING" };
  }
  if (event.type === "order.document_ready") return documentMails[event.data.documentType];
  if (event.data.to === "CANCELLED") return { kind: "order_cancelled", template: "customer/order_cancelled", status: "CANCELLED" };
  if (event.data.to === "EXPIRED" || event.data.to === "PROCESSING" || event.data.to === "COMPLETED") {
    return { kind: "order_status_update", template: "customer/order_status_update", status: event.data.to };
  }
  return undefined;
}

const documentMails: Record<DocumentType, Mail | undefined> = {
  order: undefined,
  taxInvoice: { kind: "payment_received", template: "customer/payment_received", status: "PAID", attachment: "taxInvoice" },
  creditNote: { kind: "order_status_update", template: "customer/order_status_update", status: "REFUNDED", attachment: "creditNote" },
};

/** The mail staff get for an event, if any. */
export function internalMailOf(event: OrderEvent): Mail | undefined {
  if (event.type === "order.document_ready") return undefined;
  const status = event.type === "order.recorded" ? event.data.status : event.data.to;
  const kind = internalKinds[status];
  return kind && { kind, template: "internal/order_notification", status };
}

const internalKinds: Partial<Record<OrderStatus, MailKind>> = {
  PENDING: "internal_new",
  PAID: "internal_paid",
  CANCELLED: "internal_cancelled",
  REFUNDED: "internal_refunded",
};
