import { randomUUID } from "node:crypto";
import { systemClock } from "@bbws/core/clock.ts";
import { type CustomerMailKind, customerMailKinds, type MailKind } from "@bbws/core/mail/kinds.ts";
import { isErased } from "@bbws/core/order/erasure.ts";
import { EVENT_VERSION, type OrderEvent, queuesOf } from "@bbws/core/order/events.ts";
import type { Order, OrderStatus } from "@bbws/core/order/order.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { exitCode, OpsError, usageError } from "../exit-code.ts";
import type { Result } from "../output.ts";
import type { Target } from "../target/target.ts";
import { emit } from "./emit.ts";
import { storeOf } from "./store.ts";

export type ResendOptions = { kind: MailKind; to?: string; status?: OrderStatus; dryRun?: boolean };

/** Asks for one mail of an order again; each call is one mail. */
export async function resend(target: Target, idOrNumber: string, { dryRun = false, ...options }: ResendOptions): Promise<Result> {
  const order = await storeOf(target).get(idOrNumber);
  const event = mailRequest(order, options, { requestId: randomUUID(), now: systemClock() });
  const emissions = queuesOf(event).map((queue) => ({ queue, event }));
  if (!dryRun) await emit(target, emissions);
  const receiver = options.to ?? (isForCustomer(options.kind) ? order.customerEmail : "the stage's internal recipients");
  return {
    data: { orderId: order.id, kind: options.kind, to: receiver, dryRun, eventId: event.eventId },
    text: `${options.kind} of ${order.orderNumber} ${dryRun ? "would go" : "is on its way"} to ${receiver}.`,
    exitCode: exitCode.ok,
  };
}

const isForCustomer = (kind: MailKind) => customerMailKinds.includes(kind as CustomerMailKind);

const statusOfKind: Partial<Record<MailKind, OrderStatus>> = {
  order_confirmation: "PENDING",
  payment_received: "PAID",
  order_cancelled: "CANCELLED",
  internal_new: "PENDING",
  internal_paid: "PAID",
  internal_cancelled: "CANCELLED",
  internal_refunded: "REFUNDED",
};

/**
 * The event that asks for a mail. Pure.
 * @throws OpsError when the order has never been where the mail says it is, or the document it carries is not stored.
 */
export function mailRequest(
  order: StoredOrder,
  { kind, to, status: asked }: Omit<ResendOptions, "dryRun">,
  { requestId, now }: { requestId: string; now: Date },
): OrderEvent {
  if (to !== undefined && !/^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/.test(to)) throw usageError(`${to} is not an e-mail address`);
  if (to === undefined && isForCustomer(kind) && isErased(order)) {
    throw new OpsError("the customer of this order was erased: there is nobody to write to (--to names somebody)");
  }
  const status = statusOfKind[kind] ?? asked ?? order.status;
  if (asked !== undefined && asked !== status) throw usageError(`${kind} speaks of ${status} only: --status is for order_status_update`);
  checkHasHappened(order, kind, status);
  const type = "order.mail_requested";
  return {
    type,
    version: EVENT_VERSION,
    eventId: `${order.id}:${order.version}:${type}:${requestId}`,
    occurredAt: now.toISOString(),
    correlationId: requestId,
    tenantId: order.tenantId,
    orderId: order.id,
    orderVersion: order.version,
    data: { kind, status, requestId, ...(to && { to }) },
  };
}

function checkHasHappened(order: Order, kind: MailKind, status: OrderStatus): void {
  // Every order was new once; only a suspended tenant's never was PENDING.
  if (!order.statusHistory.some((entry) => entry.status === status)) {
    throw new OpsError(`${order.orderNumber} has never been ${status}: it is ${order.status}, and ${kind} would not be true`);
  }
  const document =
    kind === "payment_received" ? "taxInvoice" : kind === "order_status_update" && status === "REFUNDED" ? "creditNote" : undefined;
  if (document && !order.documents[document]?.key) {
    throw new OpsError(
      `the ${document} this mail carries is not stored: order replay ${order.id} makes it, and the mail follows by itself`,
    );
  }
}
