import { type Cents, toRand } from "../money.ts";
import { type DocumentType, documentTypes, type Order, type OrderStatus } from "./order.ts";
import { type Actor, allowedStatuses } from "./status.ts";

/** The order as the API shows it: rand instead of cents, and what the caller may do next. */

const href = (path: string) => ({ href: path });
export const orderPath = (orderId: string) => `/v1.0/orders/${orderId}`;
export const invoicePath = (orderId: string, type?: DocumentType) => `${orderPath(orderId)}/invoice${type ? `?type=${type}` : ""}`;

/** Version of the order and how many documents are issued, e.g. `"3-1"`. */
export function entityTag(order: Order): string {
  const issued = documentTypes.filter((type) => order.documents[type]?.key).length;
  return `"${order.version}-${issued}"`;
}

export function orderView(order: Order & { correlationId?: string }, roles: readonly Actor[]) {
  const { correlationId: _, documents, paymentDetails, items, subtotal, discount, tax, total, ...rest } = order;
  return {
    ...rest,
    items: items.map((item) => ({
      ...item,
      unitPrice: toRand(item.unitPrice),
      discount: toRand(item.discount),
      subtotal: toRand(item.subtotal),
    })),
    subtotal: toRand(subtotal),
    discount: toRand(discount),
    tax: toRand(tax),
    total: toRand(total),
    ...(paymentDetails && {
      paymentDetails: {
        ...paymentDetails,
        amount: toRand(paymentDetails.amount),
        ...optionalRand("amountFee", paymentDetails.amountFee),
        ...optionalRand("amountNet", paymentDetails.amountNet),
      },
    }),
    allowedStatuses: allowedStatuses(order.status, roles),
    documents: documentTypes
      .filter((type) => documents[type]?.key)
      .map((type) => ({
        type,
        number: documents[type]!.number ?? order.orderNumber,
        issuedAt: documents[type]!.issuedAt,
        ...href(invoicePath(order.id, type)),
      })),
    _links: { self: href(orderPath(order.id)), invoice: href(invoicePath(order.id)) },
  };
}
export type OrderView = ReturnType<typeof orderView>;

export function orderSummary(order: Order) {
  const { id, orderNumber, tenantId, customerEmail, status, currency, dateCreated, dateLastUpdated, active } = order;
  return {
    id,
    orderNumber,
    tenantId,
    customerEmail,
    status,
    total: toRand(order.total),
    currency,
    itemsCount: order.items.length,
    dateCreated,
    dateLastUpdated,
    active,
  };
}
export type OrderSummary = ReturnType<typeof orderSummary>;

/** What the holder of a status link sees; nothing personal. Before the record there is no number yet. */
export type PublicStatus = { orderId: string; orderNumber: string | null; status: OrderStatus | "ACCEPTED" };

/** What a payment confirmation answers: stored values only, so that a repeat answers the same. */
export function paymentView(order: Order, confirmedAt: string | undefined) {
  return {
    id: order.id,
    orderNumber: order.orderNumber,
    status: "PAID" as const,
    paymentReference: order.paymentDetails!.paymentReference,
    paymentConfirmedAt: confirmedAt,
    invoiceNumber: order.documents.taxInvoice?.number,
    _links: { self: href(orderPath(order.id)), invoice: href(invoicePath(order.id, "taxInvoice")) },
  };
}

function optionalRand<const Key extends string>(key: Key, amount: Cents | undefined) {
  return (amount === undefined ? {} : { [key]: toRand(amount) }) as { [K in Key]?: number };
}
