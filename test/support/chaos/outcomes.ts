/** What must have become of an order, by the journey it took: written down here, not asked of the code that makes it so. */
import type { MailKind } from "@bbws/core/mail/kinds.ts";
import type { DocumentType, OrderStatus } from "@bbws/core/order/order.ts";
import type { Journey } from "./journey.ts";

/** A mail by its kind in the ledger, whom it goes to (`copy`: where an operator sent it), and its subject. SES never takes a refused one. */
export type DueMail = { kind: MailKind; to: "customer" | "copy" | "staff"; subject: string; isRefused?: true };

export type Outcome = { status: OrderStatus; removed?: true; documents: readonly DocumentType[]; mails: readonly DueMail[] };

const confirmation: DueMail = { kind: "order_confirmation", to: "customer", subject: "Order Confirmation - #{order}" };
const receipt: DueMail = { kind: "payment_received", to: "customer", subject: "Payment Received - Tax Invoice {invoice}" };
const cancelled: DueMail = { kind: "order_cancelled", to: "customer", subject: "Order #{order} Cancelled" };
const statusUpdate = (status: string): DueMail => ({
  kind: "order_status_update",
  to: "customer",
  subject: `Order #{order} - Status Update: ${status}`,
});
const staff = {
  new: { kind: "internal_new", to: "staff", subject: "New Order Received: {order}" },
  paid: { kind: "internal_paid", to: "staff", subject: "Order Paid: {order}" },
  cancelled: { kind: "internal_cancelled", to: "staff", subject: "Order Cancelled: {order}" },
  refunded: { kind: "internal_refunded", to: "staff", subject: "Order Refunded: {order}" },
} as const satisfies Record<string, DueMail>;

const placed = [staff.new, confirmation];
const paid = [...placed, staff.paid, receipt];
const completed = [...paid, statusUpdate("Processing"), statusUpdate("Completed")];
const refunded = [staff.refunded, statusUpdate("Refunded")];

export const outcomes: Record<Journey, Outcome> = {
  plain: { status: "PENDING", documents: ["order"], mails: placed },
  cancel: { status: "CANCELLED", documents: ["order"], mails: [...placed, staff.cancelled, cancelled] },
  remove: { status: "CANCELLED", removed: true, documents: ["order"], mails: [...placed, staff.cancelled, cancelled] },
  await: { status: "PAID", documents: ["order", "taxInvoice"], mails: paid },
  refund: { status: "REFUNDED", documents: ["creditNote", "order", "taxInvoice"], mails: [...paid, ...refunded] },
  return: { status: "REFUNDED", removed: true, documents: ["creditNote", "order", "taxInvoice"], mails: [...completed, ...refunded] },
  complete: { status: "COMPLETED", documents: ["order", "taxInvoice"], mails: [...completed, { ...confirmation, to: "copy" }] },
  expire: { status: "EXPIRED", documents: ["order"], mails: [...placed, statusUpdate("Expired")] },
  suspended: { status: "CANCELLED", documents: [], mails: [staff.cancelled] },
  refused: { status: "PENDING", documents: ["order"], mails: [staff.new, { ...confirmation, isRefused: true }] },
};
