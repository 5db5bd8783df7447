import * as v from "valibot";
import { formatBusinessDate } from "../../clock.ts";
import { countryName, formatPhone } from "../../document/contact.ts";
import { payByDate, paymentMethodLabel } from "../../document/payment.ts";
import type { Supplier } from "../../document/supplier.ts";
import { totalRows } from "../../document/totals.ts";
import { formatRand } from "../../money.ts";
import type { Order, OrderStatus } from "../../order/order.ts";
import type { Mail, MailTemplate } from "../mails.ts";

/**
 * What each mail may say. Everything is ready to print (amounts `R1,234.56`, dates `24 November 2026`); a template only
 * places it. A field that is optional here is present and undefined when it does not apply, so that a template never
 * finds a field of the same name further out instead.
 */

const text = v.string();
const maybe = v.optional(v.string());

const SupplierData = v.object({
  tradingName: text,
  legalName: text,
  email: text,
  phone: text,
  website: text,
  address: text,
  registrationNumber: text,
  vatNumber: text,
});

/** `emphasis`: the one row that is the total. */
const TotalRow = v.object({ label: text, value: text, emphasis: v.boolean() });

const Line = v.object({ name: text, description: maybe, quantity: text, unitPrice: text, discount: maybe, amount: text });

const common = {
  supplier: SupplierData,
  orderNumber: text,
  orderDate: text,
  /** How to address the customer; absent when no name was given. */
  customerName: maybe,
  orderUrl: text,
  /** Signed link to the order's latest document. */
  invoiceUrl: maybe,
};

const amounts = {
  lines: v.array(Line),
  /** How the amounts add up, as on the documents. */
  totals: v.array(TotalRow),
  campaign: maybe,
  total: text,
};

const OrderConfirmation = v.object({
  ...common,
  ...amounts,
  purchaseOrderNumber: maybe,
  paymentMethod: text,
  /** The customer chose to pay by bank transfer. */
  byTransfer: v.boolean(),
  payBy: text,
  bank: v.object({ name: text, accountName: text, accountNumber: text, branchCode: text }),
});

const StatusUpdate = v.object({
  ...common,
  status: text,
  /** Exactly one is true. */
  is: v.object({
    pending: v.boolean(),
    paid: v.boolean(),
    processing: v.boolean(),
    completed: v.boolean(),
    expired: v.boolean(),
    refunded: v.boolean(),
    cancelled: v.boolean(),
  }),
  total: text,
  creditNoteNumber: maybe,
});

const OrderCancelled = v.object({ ...common, ...amounts, reason: maybe });

const PaymentReceived = v.object({
  ...common,
  ...amounts,
  invoiceNumber: text,
  paymentMethod: text,
  paymentReference: text,
  paidOn: text,
});

const InternalNotification = v.object({
  ...common,
  ...amounts,
  /** Leads the subject: `New Order Received`, `Order Paid`, `Order Cancelled`, `Order Refunded`. */
  occasion: text,
  is: v.object({ created: v.boolean(), paid: v.boolean(), cancelled: v.boolean(), refunded: v.boolean() }),
  status: text,
  source: text,
  customerEmail: text,
  customerPhone: maybe,
  company: maybe,
  billingAddress: text,
  customerVatNumber: maybe,
  notes: maybe,
  purchaseOrderNumber: maybe,
  paymentMethod: text,
  paymentReference: maybe,
  invoiceNumber: maybe,
  creditNoteNumber: maybe,
  reason: maybe,
  adminUrl: text,
});

/** The schema of each template's data. */
export const mailData = {
  "customer/order_confirmation": OrderConfirmation,
  "customer/order_status_update": StatusUpdate,
  "customer/order_cancelled": OrderCancelled,
  "customer/payment_received": PaymentReceived,
  "internal/order_notification": InternalNotification,
} as const satisfies Record<MailTemplate, v.GenericSchema>;

/** All template keys. */
export const mailTemplates = Object.keys(mailData) as MailTemplate[];

export type MailData<Key extends MailTemplate = MailTemplate> = { [K in Key]: v.InferOutput<(typeof mailData)[K]> }[Key];

/** Facts of the stage that mails speak of. URLs without a trailing slash. */
export type MailFacts = { supplier: Supplier; portalUrl: string; adminUrl: string; invoiceUrl?: string };

/** What a mail about an order says. The status is the mail's own: the order may have moved on since. Pure. */
export function orderMailData<M extends Pick<Mail, "template" | "status">>(
  order: Order,
  mail: M,
  facts: MailFacts,
): MailData<M["template"]> {
  return builders[mail.template](order, mail.status, facts) as MailData<M["template"]>;
}

const builders: { [K in MailTemplate]: (order: Order, status: OrderStatus, facts: MailFacts) => MailData<K> } = {
  "customer/order_confirmation": (order, _status, facts) => ({
    ...commonData(order, facts),
    ...amountsData(order),
    purchaseOrderNumber: order.purchaseOrderNumber,
    paymentMethod: paymentMethodLabel(order.paymentMethod),
    byTransfer: order.paymentMethod === "eft",
    payBy: payByDate(order.dateCreated),
    bank: { ...facts.supplier.bank },
  }),
  "customer/order_status_update": (order, status, facts) => ({
    ...commonData(order, facts),
    status: statusLabels[status],
    is: {
      pending: status === "PENDING" || status === "PAYMENT_PENDING",
      paid: status === "PAID",
      processing: status === "PROCESSING",
      completed: status === "COMPLETED",
      expired: status === "EXPIRED",
      refunded: status === "REFUNDED",
      cancelled: status === "CANCELLED",
    },
    total: formatRand(order.total),
    creditNoteNumber: order.documents.creditNote?.number,
  }),
  "customer/order_cancelled": (order, _status, facts) => ({
    ...commonData(order, facts),
    ...amountsData(order),
    reason: reasonOf(order, "CANCELLED"),
  }),
  "customer/payment_received": (order, _status, facts) => ({
    ...commonData(order, facts),
    ...amountsData(order),
    invoiceNumber: order.documents.taxInvoice?.number ?? "",
    paymentMethod: paymentMethodLabel(order.paymentDetails?.method ?? order.paymentMethod),
    paymentReference: order.paymentDetails?.paymentReference ?? "",
    paidOn: formatBusinessDate(order.paymentDetails?.paidAt ?? order.dateLastUpdated),
  }),
  "internal/order_notification": (order, status, facts) => ({
    ...commonData(order, facts),
    ...amountsData(order),
    occasion: occasions[status] ?? `Order ${statusLabels[status]}`,
    is: {
      created: status === "PENDING" || status === "PAYMENT_PENDING",
      paid: status === "PAID",
      cancelled: status === "CANCELLED",
      refunded: status === "REFUNDED",
    },
    status: statusLabels[status],
    source: order.source === "guest" ? "Guest checkout" : "Customer portal",
    customerName: fullNameOf(order),
    customerEmail: order.customerEmail,
    customerPhone: order.primaryPhone && formatPhone(order.primaryPhone),
    company: order.company,
    billingAddress: addressOf(order),
    customerVatNumber: order.billingAddress.vatNumber,
    notes: order.notes,
    purchaseOrderNumber: order.purchaseOrderNumber,
    paymentMethod: paymentMethodLabel(order.paymentDetails?.method ?? order.paymentMethod),
    paymentReference: order.paymentDetails?.paymentReference,
    invoiceNumber: order.documents.taxInvoice?.number,
    creditNoteNumber: order.documents.creditNote?.number,
    reason: reasonOf(order, status),
    adminUrl: `${facts.adminUrl}/orders/${order.id}`,
  }),
};

/** How a status is called in mails. */
export const statusLabels: Record<OrderStatus, string> = {
  PENDING: "Pending",
  PAYMENT_PENDING: "Awaiting Payment",
  PAID: "Paid",
  PROCESSING: "Processing",
  COMPLETED: "Completed",
  CANCELLED: "Cancelled",
  EXPIRED: "Expired",
  REFUNDED: "Refunded",
};

const occasions: Partial<Record<OrderStatus, string>> = { PENDING: "New Order Received", PAYMENT_PENDING: "New Order Received" };

function commonData(order: Order, { supplier, portalUrl, invoiceUrl }: MailFacts) {
  const { tradingName, legalName, email, phone, website, registrationNumber, vatNumber } = supplier;
  return {
    supplier: { tradingName, legalName, email, phone, website, registrationNumber, vatNumber, address: supplier.address.join(", ") },
    orderNumber: order.orderNumber,
    orderDate: formatBusinessDate(order.dateCreated),
    customerName: order.firstName ?? order.billingAddress.fullName ?? order.company,
    orderUrl: `${portalUrl}/orders/${order.id}`,
    invoiceUrl,
  };
}

function amountsData(order: Order) {
  return {
    lines: order.items.map((item) => ({
      name: item.productName,
      description: item.description,
      quantity: String(item.quantity),
      unitPrice: formatRand(item.unitPrice),
      discount: item.discount > 0 ? formatRand(item.discount) : undefined,
      amount: formatRand(item.subtotal),
    })),
    totals: totalRows(order),
    campaign: order.campaign && `${order.campaign.name} (${order.campaign.code})`,
    total: formatRand(order.total),
  };
}

function fullNameOf(order: Order): string | undefined {
  return [order.firstName, order.lastName].filter(Boolean).join(" ") || order.billingAddress.fullName;
}

function addressOf({ billingAddress }: Order): string {
  const { street, addressLine2, city, province, postalCode, country } = billingAddress;
  return [street, addressLine2, `${city} ${postalCode}`, province, countryName(country)].filter(Boolean).join(", ");
}

function reasonOf(order: Order, status: OrderStatus): string | undefined {
  const reason = order.statusHistory.findLast((change) => change.status === status)?.reason;
  return reason ?? (status === "CANCELLED" ? order.cancellationReason : undefined);
}
