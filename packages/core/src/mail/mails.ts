import type { OrderEvent, OrderEventQueue } from "../order/events.ts";
import type { DocumentType, OrderStatus } from "../order/order.ts";
import { customerMailKinds, internalMailKinds, type MailKind } from "./kinds.ts";
import type { MailOccasion } from "./ledger.ts";

/** What to send on which event (events.md, the table of events). Pure. */

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
  /** Set when an operator asked for this very mail: it goes out again, once per request, to `to` if that is given. */
  request?: { id: string; to?: string };
};

const templates: Record<MailKind, MailTemplate> = {
  order_confirmation: "customer/order_confirmation",
  payment_received: "customer/payment_received",
  order_cancelled: "customer/order_cancelled",
  order_status_update: "customer/order_status_update",
  internal_new: "internal/order_notification",
  internal_paid: "internal/order_notification",
  internal_cancelled: "internal/order_notification",
  internal_refunded: "internal/order_notification",
};

/** The mail a customer gets for an event, if any. */
export function customerMailOf(event: OrderEvent): Mail | undefined {
  switch (event.type) {
    case "order.recorded":
      return event.data.status === "CANCELLED" ? undefined : mailOf("order_confirmation", "PENDING");
    case "order.document_ready":
      return documentMails[event.data.documentType];
    case "order.status_changed":
      return customerStatusMails[event.data.to];
    case "order.mail_requested":
      return requestedMail(event, customerMailKinds);
  }
}

/** The mail staff get for an event, if any. */
export function internalMailOf(event: OrderEvent): Mail | undefined {
  switch (event.type) {
    case "order.recorded":
      return internalStatusMails[event.data.status];
    case "order.document_ready":
      return undefined;
    case "order.status_changed":
      return internalStatusMails[event.data.to];
    case "order.mail_requested":
      return requestedMail(event, internalMailKinds);
  }
}

/** The mail of an event, by the queue whose consumer sends it. */
export const mailByQueue = {
  CustomerNotificationQueue: customerMailOf,
  InternalNotificationQueue: internalMailOf,
} as const satisfies Partial<Record<OrderEventQueue, (event: OrderEvent) => Mail | undefined>>;

export type MailQueue = keyof typeof mailByQueue;

export const mailQueues = Object.keys(mailByQueue) as MailQueue[];

/** What the ledger knows the mail of an event by. */
export const occasionOf = ({ orderId, orderVersion }: OrderEvent, { kind, request }: Mail): MailOccasion => ({
  orderId,
  kind,
  orderVersion: [orderVersion, request?.id].filter(Boolean).join("#"),
});

function mailOf(kind: MailKind, status: OrderStatus): Mail {
  return { kind, template: templates[kind], status, ...(attachmentOf(kind, status) && { attachment: attachmentOf(kind, status) }) };
}

/** A tax invoice goes with the receipt of a payment, a credit note with the news of a refund. */
function attachmentOf(kind: MailKind, status: OrderStatus): DocumentType | undefined {
  if (kind === "payment_received") return "taxInvoice";
  return kind === "order_status_update" && status === "REFUNDED" ? "creditNote" : undefined;
}

function requestedMail({ data }: Extract<OrderEvent, { type: "order.mail_requested" }>, kinds: readonly MailKind[]): Mail | undefined {
  if (!kinds.includes(data.kind)) return undefined;
  return { ...mailOf(data.kind, data.status), request: { id: data.requestId, ...(data.to && { to: data.to }) } };
}

/** PAID and REFUNDED wait for their document. */
const customerStatusMails: Partial<Record<OrderStatus, Mail>> = {
  CANCELLED: mailOf("order_cancelled", "CANCELLED"),
  EXPIRED: mailOf("order_status_update", "EXPIRED"),
  PROCESSING: mailOf("order_status_update", "PROCESSING"),
  COMPLETED: mailOf("order_status_update", "COMPLETED"),
};

const documentMails: Partial<Record<DocumentType, Mail>> = {
  taxInvoice: mailOf("payment_received", "PAID"),
  creditNote: mailOf("order_status_update", "REFUNDED"),
};

const internalStatusMails: Partial<Record<OrderStatus, Mail>> = {
  PENDING: mailOf("internal_new", "PENDING"),
  PAID: mailOf("internal_paid", "PAID"),
  CANCELLED: mailOf("internal_cancelled", "CANCELLED"),
  REFUNDED: mailOf("internal_refunded", "REFUNDED"),
};
