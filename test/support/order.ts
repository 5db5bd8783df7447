/** Orders for tests: valid by default, and different only in what a test says. */
import { newItemId, newOrderId } from "@bbws/core/id.ts";
import type { AcceptedOrder, Order, OrderItem, OrderStatus } from "@bbws/core/order/order.ts";

/** A Tuesday morning in South Africa. */
export const NOW = new Date("2026-11-24T08:00:00.000Z");

export function item(changes: Partial<OrderItem> = {}): OrderItem {
  return {
    id: newItemId(),
    productId: "PROD-002",
    productName: "Basic",
    description: "WordPress hosting for one site, 10 GB",
    quantity: 1,
    unitPrice: 150_000,
    discount: 0,
    subtotal: 150_000,
    ...changes,
  };
}

/** An order as CreateOrder puts it on the queue. */
export function acceptedOrder<const Changes extends Partial<AcceptedOrder>>(changes?: Changes) {
  const base: AcceptedOrder & { tenantId: string } = {
    id: newOrderId(),
    tenantId: "tenant-a",
    source: "api",
    customerEmail: "thandi@example.co.za",
    firstName: "Thandi",
    lastName: "Nkosi",
    company: "Nkosi Bakery",
    primaryPhone: "+27821234567",
    items: [item()],
    subtotal: 150_000,
    discount: 0,
    tax: 22_500,
    total: 172_500,
    taxRate: 1500,
    currency: "ZAR",
    billingAddress: { street: "12 Long Street", city: "Cape Town", province: "Western Cape", postalCode: "8001", country: "ZA" },
    paymentMethod: "payfast",
    createdBy: "user-1",
    dateCreated: NOW.toISOString(),
  };
  return { ...base, ...changes } as typeof base & Changes;
}

/** A guest's order: no tenant until it is recorded. */
export function guestOrder(changes: Partial<AcceptedOrder> = {}): AcceptedOrder {
  const { tenantId: _, ...guest } = acceptedOrder({ source: "guest", createdBy: "guest", ...changes });
  return guest;
}

/** A recorded order, PENDING unless told otherwise. */
export function order(changes: Partial<Order> = {}): Order {
  const accepted = acceptedOrder();
  return {
    ...accepted,
    orderNumber: "ORD-2026-00001",
    status: "PENDING",
    statusHistory: [{ status: "PENDING", at: accepted.dateCreated, by: "system" }],
    documents: {},
    lastUpdatedBy: "system",
    dateLastUpdated: accepted.dateCreated,
    active: true,
    version: 1,
    ...changes,
  };
}

/** How an order usually gets to a status. */
const paths: Record<OrderStatus, OrderStatus[]> = {
  PENDING: [],
  PAYMENT_PENDING: ["PAYMENT_PENDING"],
  PAID: ["PAID"],
  PROCESSING: ["PAID", "PROCESSING"],
  COMPLETED: ["PAID", "PROCESSING", "COMPLETED"],
  CANCELLED: ["CANCELLED"],
  EXPIRED: ["EXPIRED"],
  REFUNDED: ["PAID", "REFUNDED"],
};

/** A recorded order that went its usual way to `status`: history, version, payment and numbers included. */
export function orderIn(status: OrderStatus, changes: Partial<Order> = {}): Order {
  const minuteLater = (n: number) => new Date(NOW.getTime() + n * 60_000).toISOString();
  const path = paths[status];
  const start = order();
  const at = minuteLater(path.length);
  return {
    ...start,
    status,
    version: 1 + path.length,
    statusHistory: [...start.statusHistory, ...path.map((to, i) => ({ status: to, at: minuteLater(i + 1), by: "user-1" }))],
    dateLastUpdated: at,
    ...(path.includes("PAID") && {
      paymentDetails: {
        paymentReference: "PF-1",
        method: "payfast",
        amount: start.total,
        currency: "ZAR" as const,
        paidAt: minuteLater(1),
      },
    }),
    documents: {
      ...(path.includes("PAID") && { taxInvoice: { number: "INV-2026-00001", issuedAt: minuteLater(1) } }),
      ...(path.includes("REFUNDED") && { creditNote: { number: "CRN-2026-00001", issuedAt: at } }),
    },
    ...changes,
  };
}
