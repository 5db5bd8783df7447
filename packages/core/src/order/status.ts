import type { DocumentType, Order, OrderStatus } from "./order.ts";

/** Who may ask for a transition. `Payment` is a payment confirmation, `Timer` the seven-day expiry. */
export const actors = ["Customer", "Support", "Admin", "System", "Payment", "Timer"] as const;
export type Actor = (typeof actors)[number];

type Transition = { from: OrderStatus; to: OrderStatus; by: readonly Actor[] };

/** The state machine as data (data.md, Status). Everything that moves an order asks this table. */
export const transitions: readonly Transition[] = [
  { from: "PENDING", to: "PAYMENT_PENDING", by: ["System", "Admin"] },
  { from: "PENDING", to: "PAID", by: ["Payment"] },
  { from: "PENDING", to: "CANCELLED", by: ["Customer", "Support", "Admin"] },
  { from: "PENDING", to: "EXPIRED", by: ["Timer"] },
  { from: "PAYMENT_PENDING", to: "PAID", by: ["Payment"] },
  { from: "PAYMENT_PENDING", to: "CANCELLED", by: ["Customer", "Support", "Admin"] },
  { from: "PAYMENT_PENDING", to: "EXPIRED", by: ["Timer"] },
  { from: "PAID", to: "PROCESSING", by: ["Admin"] },
  { from: "PROCESSING", to: "COMPLETED", by: ["Admin"] },
  { from: "PAID", to: "REFUNDED", by: ["Admin"] },
  { from: "PROCESSING", to: "REFUNDED", by: ["Admin"] },
  { from: "COMPLETED", to: "REFUNDED", by: ["Admin"] },
];

/** The status a recorded order starts with. */
export const initialStatus: OrderStatus = "PENDING";

/** Statuses that any of the given actors may move an order to next, in the table's order. */
export function allowedStatuses(from: OrderStatus, by: readonly Actor[]): OrderStatus[] {
  const targets = transitions.filter((t) => t.from === from && t.by.some((actor) => by.includes(actor))).map((t) => t.to);
  return [...new Set(targets)];
}

/** True when the table has the transition for anybody. */
export function isLegal(from: OrderStatus, to: OrderStatus): boolean {
  return transitions.some((t) => t.from === from && t.to === to);
}

/** True when one of the actors may make the transition. */
export function mayTransition(from: OrderStatus, to: OrderStatus, by: readonly Actor[]): boolean {
  return allowedStatuses(from, by).includes(to);
}

/** An order that money has not arrived for and may still arrive for. */
export function isUnpaid(status: OrderStatus): boolean {
  return mayTransition(status, "PAID", ["Payment"]);
}

/** Nothing leads out of this status. */
export function isFinal(status: OrderStatus): boolean {
  return !transitions.some((t) => t.from === status);
}

/** Statuses in which the order will not be worked on any more: the final ones and COMPLETED (which may only be refunded). */
export function isTerminal(status: OrderStatus): boolean {
  return isFinal(status) || status === "COMPLETED";
}

/** `PENDING_PAYMENT`, an old spelling, reads as PAYMENT_PENDING; any case is accepted. */
export function readStatus(text: string): string {
  const upper = text.trim().toUpperCase();
  return upper === "PENDING_PAYMENT" ? "PAYMENT_PENDING" : upper;
}

/** The latest document that carries a stored PDF: credit note, else tax invoice, else the order document. */
export function latestDocument(documents: Order["documents"]): DocumentType | undefined {
  return (["creditNote", "taxInvoice", "order"] as const).find((type) => documents[type]?.key !== undefined);
}
