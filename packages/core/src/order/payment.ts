import { OrderError } from "../errors.ts";
import { type Cents, toRand } from "../money.ts";
import type { Order, OrderStatus, PaymentDetails } from "./order.ts";
import { isUnpaid, transitions } from "./status.ts";

/** What the payment service says happened. Amounts in cents. */
export type Payment = {
  paymentReference: string;
  method: string;
  amount: Cents;
  currency: string;
  paidAt?: string;
  payfastPaymentId?: string;
  amountFee?: Cents;
  amountNet?: Cents;
};

/** `repeat`: this very payment was confirmed before, answer the same. `confirm`: take the money. */
export type PaymentDecision = "repeat" | "confirm";

const paidStatuses: readonly OrderStatus[] = ["PAID", "PROCESSING", "COMPLETED"];

/**
 * Decides a payment confirmation, in the order api.md lists the cases. Pure.
 * @param usedBy the order that already holds this payment reference, if any.
 * @throws OrderError ORDER_ALREADY_PAID, PAYMENT_REFERENCE_USED, INVALID_STATUS_TRANSITION (422) or PAYMENT_AMOUNT_MISMATCH.
 */
export function decidePayment(order: Order, payment: Payment, usedBy: string | undefined): PaymentDecision {
  if (order.paymentDetails?.paymentReference === payment.paymentReference) return "repeat";
  if (paidStatuses.includes(order.status)) {
    throw new OrderError("ORDER_ALREADY_PAID", "The order has already been paid", {
      details: { currentStatus: order.status, paymentConfirmedAt: confirmedAt(order) },
    });
  }
  if (usedBy !== undefined && usedBy !== order.id) {
    throw new OrderError("PAYMENT_REFERENCE_USED", "The payment reference belongs to another order");
  }
  if (!isUnpaid(order.status)) {
    throw new OrderError("INVALID_STATUS_TRANSITION", `A payment cannot be confirmed for an order that is ${order.status}`, {
      status: 422,
      details: { currentStatus: order.status, allowedStatuses: payableStatuses },
    });
  }
  if (payment.amount !== order.total || payment.currency !== order.currency) {
    throw new OrderError("PAYMENT_AMOUNT_MISMATCH", "The payment's amount or currency is not the order's", {
      details: { orderTotal: toRand(order.total), paymentAmount: toRand(payment.amount) },
    });
  }
  return "confirm";
}

/** Statuses an order can be paid in. */
export const payableStatuses: OrderStatus[] = transitions.filter((t) => t.to === "PAID").map((t) => t.from);

/** When the service marked the order PAID (not when the customer paid). */
export function confirmedAt(order: Order): string | undefined {
  return order.statusHistory.find((change) => change.status === "PAID")?.at;
}

/** What is stored of a payment. */
export function paymentDetails(payment: Payment, now: Date): PaymentDetails {
  const { currency: _, paidAt, ...rest } = payment;
  return { ...rest, currency: "ZAR", paidAt: paidAt ?? now.toISOString() };
}
