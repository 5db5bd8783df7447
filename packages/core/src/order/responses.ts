import * as v from "valibot";
import { documentTypes, Order, OrderItem, OrderStatus, orderStatuses, PaymentDetails } from "./order.ts";

/**
 * What the API answers, as schemas: the OpenAPI document, the client's types and the contract tests come from them. No
 * function validates its own answers with them, so no function bundles them.
 */

/** Rand with at most two decimals. */
const Rand = v.number();
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Timestamp = v.pipe(v.string(), v.isoTimestamp());
export const Link = v.object({ href: v.string() });

/** `data` of the 202 to a create. */
export const AcceptedOrderResponse = v.object({
  orderId: v.string(),
  status: v.literal("PENDING"),
  message: v.string(),
  currency: v.literal("ZAR"),
  subtotal: Rand,
  discount: Rand,
  tax: Rand,
  total: Rand,
  /** Path and query of the signed status link, relative to the API. */
  statusUrl: v.string(),
  _links: v.object({ self: Link, invoice: Link, status: Link }),
});
export type AcceptedOrderResponse = v.InferOutput<typeof AcceptedOrderResponse>;

export const OrderItemResponse = v.object({ ...OrderItem.entries, unitPrice: Rand, discount: Rand, subtotal: Rand });

export const DocumentLink = v.object({ type: v.picklist(documentTypes), number: v.string(), issuedAt: Timestamp, href: v.string() });

/** An order as its owner, support and admins see it. */
export const OrderResponse = v.object({
  ...Order.entries,
  items: v.array(OrderItemResponse),
  subtotal: Rand,
  discount: Rand,
  tax: Rand,
  total: Rand,
  paymentDetails: v.optional(
    v.object({ ...PaymentDetails.entries, amount: Rand, amountFee: v.optional(Rand), amountNet: v.optional(Rand) }),
  ),
  documents: v.array(DocumentLink),
  allowedStatuses: v.array(OrderStatus),
  _links: v.object({ self: Link, invoice: Link }),
});
export type OrderResponse = v.InferOutput<typeof OrderResponse>;

export const OrderSummaryResponse = v.object({
  id: v.string(),
  orderNumber: v.string(),
  tenantId: v.string(),
  customerEmail: v.string(),
  status: OrderStatus,
  total: Rand,
  currency: v.literal("ZAR"),
  itemsCount: Count,
  dateCreated: Timestamp,
  dateLastUpdated: Timestamp,
  active: v.boolean(),
});
export type OrderSummaryResponse = v.InferOutput<typeof OrderSummaryResponse>;

/** One page of a list; `startAt` is the next page's token, null on the last. */
export const OrderListResponse = v.object({
  items: v.array(OrderSummaryResponse),
  count: Count,
  startAt: v.nullable(v.string()),
  moreAvailable: v.boolean(),
});
export type OrderListResponse = v.InferOutput<typeof OrderListResponse>;

/** What the holder of a status link sees. ACCEPTED: durable, but not recorded and numbered yet. */
export const PublicStatusResponse = v.object({
  orderId: v.string(),
  orderNumber: v.nullable(v.string()),
  status: v.picklist([...orderStatuses, "ACCEPTED"]),
});
export type PublicStatusResponse = v.InferOutput<typeof PublicStatusResponse>;

/** Where a document can be fetched for ten minutes. */
export const InvoiceLocationResponse = v.object({
  url: v.pipe(v.string(), v.url()),
  expiresAt: Timestamp,
  documentType: v.picklist(documentTypes),
});
export type InvoiceLocationResponse = v.InferOutput<typeof InvoiceLocationResponse>;

export const PaymentConfirmationResponse = v.object({
  id: v.string(),
  orderNumber: v.string(),
  status: v.literal("PAID"),
  paymentReference: v.string(),
  paymentConfirmedAt: Timestamp,
  invoiceNumber: v.string(),
  _links: v.object({ self: Link, invoice: Link }),
});
export type PaymentConfirmationResponse = v.InferOutput<typeof PaymentConfirmationResponse>;

export const HealthResponse = v.object({
  status: v.literal("ok"),
  service: v.literal("bbws-order"),
  version: v.string(),
  stage: v.string(),
});
export type HealthResponse = v.InferOutput<typeof HealthResponse>;
