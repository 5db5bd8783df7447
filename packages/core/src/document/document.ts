import { PermanentError } from "../errors.ts";
import type { DocumentType, Order, OrderItem, OrderStatus } from "../order/order.ts";
import type { Supplier } from "./supplier.ts";

/**
 * What a document says: a snapshot of facts that never change once the document is due. Amounts are integer cents, rates
 * basis points, times ISO 8601 UTC. Rendering the same facts again by the same release gives the same bytes.
 */
export type DocumentFacts = {
  type: DocumentType;
  /** The document's own serial number: the order's, the tax invoice's or the credit note's. */
  number: string;
  issuedAt: string;
  orderNumber: string;
  /** When the order was accepted. */
  orderedAt: string;
  purchaseOrderNumber?: string;
  supplier: Supplier;
  recipient: Recipient;
  lines: DocumentLine[];
  subtotal: number;
  discount: number;
  tax: number;
  taxRate: number;
  total: number;
  campaign?: { code: string; name: string; discountPercentage: number; termsConditionsLink?: string };
  /** How the customer means to pay. */
  paymentMethod: string;
  /** How the customer did pay. Present on a tax invoice and a credit note. */
  payment?: { method: string; reference: string; paidAt: string; amount: number };
  /** The tax invoice a credit note credits (VAT Act s 21(3)), and why. */
  credited?: { invoiceNumber: string; invoiceDate: string; reason?: string };
};

export type Recipient = {
  name: string;
  /** The person, where the name is a company's. */
  contact?: string;
  street: string;
  addressLine2?: string;
  city: string;
  province?: string;
  postalCode: string;
  /** ISO 3166 alpha-2. */
  country: string;
  vatNumber?: string;
  email: string;
  phone?: string;
};

export type DocumentLine = Pick<OrderItem, "productName" | "description" | "quantity" | "unitPrice" | "discount" | "subtotal">;

/**
 * The facts of one of an order's documents.
 * @throws {PermanentError} when the order cannot carry that document: it was never paid or refunded, or has no number for it.
 */
export function documentFacts(order: Order, type: DocumentType, supplier: Supplier): DocumentFacts {
  const common = { ...orderFacts(order, supplier), type };
  if (type === "order") return { ...common, number: order.orderNumber, issuedAt: firstEntry(order) };
  const invoiceNumber = numberOf(order, "taxInvoice");
  const paidAt = entryOf(order, "PAID", type);
  const paid = { ...common, payment: paymentOf(order) };
  if (type === "taxInvoice") return { ...paid, number: invoiceNumber, issuedAt: paidAt.at };
  const refunded = entryOf(order, "REFUNDED", type);
  return {
    ...paid,
    number: numberOf(order, "creditNote"),
    issuedAt: refunded.at,
    credited: { invoiceNumber, invoiceDate: paidAt.at, reason: refunded.reason },
  };
}

/** Storage key of a document: fixed by the order, so that a second rendering finds the first. */
export function documentKey(order: Order, type: DocumentType): string {
  if (type === "order") return `${order.tenantId}/orders/${order.id}.pdf`;
  if (type === "taxInvoice") return `${order.tenantId}/invoices/${numberOf(order, "taxInvoice")}.pdf`;
  return `${order.tenantId}/credit-notes/${numberOf(order, "creditNote")}.pdf`;
}

/** The name a document is downloaded and attached under, e.g. `INV-2026-00001.pdf`. */
export function documentFileName(facts: Pick<DocumentFacts, "number">): string {
  return `${facts.number}.pdf`;
}

function orderFacts(order: Order, supplier: Supplier) {
  const { campaign } = order;
  return {
    orderNumber: order.orderNumber,
    orderedAt: order.dateCreated,
    purchaseOrderNumber: order.purchaseOrderNumber,
    supplier,
    recipient: recipientOf(order),
    lines: order.items.map(({ productName, description, quantity, unitPrice, discount, subtotal }) => ({
      productName,
      description,
      quantity,
      unitPrice,
      discount,
      subtotal,
    })),
    subtotal: order.subtotal,
    discount: order.discount,
    tax: order.tax,
    taxRate: order.taxRate,
    total: order.total,
    campaign: campaign && {
      code: campaign.code,
      name: campaign.name,
      discountPercentage: campaign.discountPercentage,
      termsConditionsLink: campaign.termsConditionsLink,
    },
    paymentMethod: order.paymentMethod,
  };
}

function recipientOf(order: Order): Recipient {
  const { fullName, ...address } = order.billingAddress;
  const person = fullName ?? ([order.firstName, order.lastName].filter(Boolean).join(" ") || undefined);
  return {
    ...address,
    name: order.company ?? person ?? order.customerEmail,
    contact: order.company ? person : undefined,
    email: order.customerEmail,
    phone: order.primaryPhone,
  };
}

function paymentOf({ paymentDetails }: Order): DocumentFacts["payment"] {
  if (!paymentDetails) throw new PermanentError("the order is paid but carries no payment details");
  const { method, paymentReference, paidAt, amount } = paymentDetails;
  return { method, reference: paymentReference, paidAt, amount };
}

function firstEntry(order: Order): string {
  const [first] = order.statusHistory;
  if (!first) throw new PermanentError(`order ${order.id} has no history`);
  return first.at;
}

function entryOf(order: Order, status: OrderStatus, type: DocumentType) {
  const entry = order.statusHistory.find((change) => change.status === status);
  if (!entry) throw new PermanentError(`order ${order.id} was never ${status}: it carries no ${type}`);
  return entry;
}

function numberOf(order: Order, type: "taxInvoice" | "creditNote"): string {
  const number = order.documents[type]?.number;
  if (!number) throw new PermanentError(`order ${order.id} has no ${type} number`);
  return number;
}
