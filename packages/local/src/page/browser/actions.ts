/** What can be done with an order, by whom, and what the page says when it is done. */
import { allowedStatuses, isUnpaid } from "@bbws/core/order/status.ts";
import type { Sighting } from "./journey.ts";
import { admin, customerOf, local, type Order, payments } from "./service.ts";

export type Action = { key: string; label: string; by: string; main?: boolean; run(): Promise<string> };

/** In the order in which they are offered. */
export function actionsOf({ placed, order }: Sighting): Action[] {
  if (!order) return [];
  const actions: Action[] = [];
  const { tenantId } = placed.buyer;
  if (isUnpaid(order.status)) {
    actions.push({ key: "pay", label: "Confirm payment", by: "payment service", main: true, run: () => pay(order) });
    const owner = tenantId ? customerOf(tenantId, placed.buyer.email) : admin;
    actions.push({
      key: "cancel",
      label: "Cancel",
      by: tenantId ? "customer" : "support",
      run: async () => {
        await owner.updateOrder(order.id, { status: "CANCELLED", cancellationReason: "Changed my mind" });
        return "Cancelled.";
      },
    });
    actions.push({
      key: "expire",
      label: "Let its time run out",
      by: "timer",
      run: async () => {
        await local.expire(order.id);
        return "The timer has run out: the table drops it, its stream tells the expirer.";
      },
    });
    return actions;
  }
  for (const status of allowedStatuses(order.status, ["Admin"])) {
    actions.push({
      key: status,
      label: adminLabels[status] ?? status,
      by: "admin",
      main: status === "PROCESSING" || status === "COMPLETED",
      run: async () => {
        await admin.updateOrder(order.id, { status });
        return `Moved on by an admin.`;
      },
    });
  }
  if (order.paymentDetails)
    actions.push({ key: "again", label: "Confirm the same payment again", by: "payment service", run: () => payAgain(order) });
  return actions;
}

const adminLabels: Partial<Record<Order["status"], string>> = { PROCESSING: "Start work", COMPLETED: "Complete", REFUNDED: "Refund" };

const paymentOf = (order: Order, paymentReference: string) => ({
  paymentReference,
  paymentMethod: order.paymentMethod,
  paymentAmount: order.total,
  paymentCurrency: order.currency,
});

async function pay(order: Order): Promise<string> {
  const { invoiceNumber } = await payments.confirmPayment(order.id, paymentOf(order, `PAY-${order.orderNumber.replace(/^ORD-/, "")}`));
  return `Paid. Tax invoice ${invoiceNumber} is numbered.`;
}

async function payAgain(order: Order): Promise<string> {
  const { paymentReference } = order.paymentDetails!;
  const { invoiceNumber } = await payments.confirmPayment(order.id, paymentOf(order, paymentReference));
  return `Answered as the first time (${invoiceNumber}). Nothing was written, nothing is sent.`;
}
