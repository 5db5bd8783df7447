import * as v from "valibot";

/**
 * The order: its schema, its types, and nothing else. All amounts are integer cents, all rates basis points, all
 * times ISO 8601 UTC with milliseconds.
 */

export const orderStatuses = ["PENDING", "PAYMENT_PENDING", "PAID", "PROCESSING", "COMPLETED", "CANCELLED", "EXPIRED", "REFUNDED"] as const;
export const OrderStatus = v.picklist(orderStatuses);
export type OrderStatus = v.InferOutput<typeof OrderStatus>;

export const paymentMethods = ["payfast", "card", "eft", "cash", "manual"] as const;
export const PaymentMethod = v.picklist(paymentMethods);
export type PaymentMethod = v.InferOutput<typeof PaymentMethod>;

export const documentTypes = ["order", "taxInvoice", "creditNote"] as const;
export const DocumentType = v.picklist(documentTypes);
export type DocumentType = v.InferOutput<typeof DocumentType>;

const Cents = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const BasisPoints = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(10_000));
const Timestamp = v.pipe(v.string(), v.isoTimestamp());

export const OrderItem = v.object({
  id: v.string(),
  productId: v.string(),
  productName: v.string(),
  description: v.optional(v.string()),
  quantity: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Cents, excluding VAT. */
  unitPrice: Cents,
  /** Cents off the line's gross amount. */
  discount: Cents,
  /** Cents: gross less discount, excluding VAT. */
  subtotal: Cents,
});
export type OrderItem = v.InferOutput<typeof OrderItem>;

export const BillingAddress = v.object({
  fullName: v.optional(v.string()),
  street: v.string(),
  addressLine2: v.optional(v.string()),
  city: v.string(),
  province: v.optional(v.string()),
  postalCode: v.string(),
  country: v.string(),
  vatNumber: v.optional(v.string()),
});
export type BillingAddress = v.InferOutput<typeof BillingAddress>;

/** The campaign as it was when the order was priced. */
export const CampaignSnapshot = v.object({
  code: v.string(),
  name: v.string(),
  description: v.optional(v.string()),
  /** Percent as the campaign service states it, e.g. 20. */
  discountPercentage: v.number(),
  productId: v.string(),
  termsConditionsLink: v.optional(v.string()),
  fromDate: v.string(),
  toDate: v.string(),
});
export type CampaignSnapshot = v.InferOutput<typeof CampaignSnapshot>;

export const Attribution = v.object({
  campaignName: v.optional(v.string()),
  source: v.optional(v.string()),
  medium: v.optional(v.string()),
});

/** A priced order as CreateOrder accepts it: everything the record function needs, except its number and a guest's tenant. */
export const AcceptedOrder = v.object({
  id: v.string(),
  /** Absent for a guest: the record function resolves it from the e-mail. */
  tenantId: v.optional(v.string()),
  source: v.picklist(["api", "guest"]),
  customerEmail: v.string(),
  firstName: v.optional(v.string()),
  lastName: v.optional(v.string()),
  company: v.optional(v.string()),
  primaryPhone: v.optional(v.string()),
  notes: v.optional(v.string()),
  purchaseOrderNumber: v.optional(v.string()),
  items: v.pipe(v.array(OrderItem), v.minLength(1), v.maxLength(50)),
  subtotal: Cents,
  discount: Cents,
  tax: Cents,
  total: Cents,
  taxRate: BasisPoints,
  currency: v.literal("ZAR"),
  campaign: v.optional(CampaignSnapshot),
  attribution: v.optional(Attribution),
  billingAddress: BillingAddress,
  paymentMethod: PaymentMethod,
  /** `sub` of the caller, or `guest`. Never an e-mail. */
  createdBy: v.string(),
  /** Time of acceptance. */
  dateCreated: Timestamp,
});
export type AcceptedOrder = v.InferOutput<typeof AcceptedOrder>;

export const StatusChange = v.object({ status: OrderStatus, at: Timestamp, by: v.string(), reason: v.optional(v.string()) });
export type StatusChange = v.InferOutput<typeof StatusChange>;

export const PaymentDetails = v.object({
  paymentReference: v.string(),
  method: v.string(),
  amount: Cents,
  currency: v.literal("ZAR"),
  paidAt: Timestamp,
  payfastPaymentId: v.optional(v.string()),
  amountFee: v.optional(v.pipe(v.number(), v.safeInteger())),
  amountNet: v.optional(v.pipe(v.number(), v.safeInteger())),
});
export type PaymentDetails = v.InferOutput<typeof PaymentDetails>;

/** A rendered document: where it lies and what it hashes to. A tax invoice and a credit note have their number before their PDF. */
export const IssuedDocument = v.object({
  number: v.optional(v.string()),
  key: v.optional(v.string()),
  sha256: v.optional(v.string()),
  issuedAt: Timestamp,
});
export type IssuedDocument = v.InferOutput<typeof IssuedDocument>;

export const Documents = v.object({
  order: v.optional(IssuedDocument),
  taxInvoice: v.optional(IssuedDocument),
  creditNote: v.optional(IssuedDocument),
});
export type Documents = v.InferOutput<typeof Documents>;

export const Order = v.object({
  ...AcceptedOrder.entries,
  tenantId: v.string(),
  orderNumber: v.string(),
  status: OrderStatus,
  statusHistory: v.array(StatusChange),
  paymentDetails: v.optional(PaymentDetails),
  cancellationReason: v.optional(v.string()),
  documents: Documents,
  lastUpdatedBy: v.string(),
  dateLastUpdated: Timestamp,
  active: v.boolean(),
  /** Optimistic lock: 1 at creation, +1 with every transition. A document's arrival does not count. */
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
});
export type Order = v.InferOutput<typeof Order>;
