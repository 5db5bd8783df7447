import { businessDate } from "@bbws/core/clock.ts";
import { type Cents, minus, sum, toRand } from "@bbws/core/money.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { stringify } from "csv-stringify/sync";

/** What finance books of one tax invoice or credit note; a credit note's amounts are negative. Amounts in cents. */
export type LedgerLine = {
  documentType: "Tax Invoice" | "Credit Note";
  number: string;
  /** South African calendar date. */
  issueDate: string;
  orderNumber: string;
  orderId: string;
  tenantId: string;
  customer: string;
  vatNumber: string;
  purchaseOrderNumber: string;
  paymentMethod: string;
  paymentReference: string;
  /** The tax invoice a credit note credits. */
  credits: string;
  currency: string;
  exclusive: Cents;
  vat: Cents;
  inclusive: Cents;
};

export type Totals = { count: number; exclusive: Cents; vat: Cents; inclusive: Cents };
export type LedgerTotals = { invoices: Totals; creditNotes: Totals; net: Totals };

/** The line of one of an order's numbered documents; undefined when the order has not that document. */
export function ledgerLine(order: Order, type: "taxInvoice" | "creditNote"): LedgerLine | undefined {
  const document = order.documents[type];
  if (!document?.number) return undefined;
  const credit = type === "creditNote";
  const signed = (amount: Cents) => (credit && amount !== 0 ? minus(0, amount) : amount);
  const { billingAddress: to, paymentDetails: payment } = order;
  return {
    documentType: credit ? "Credit Note" : "Tax Invoice",
    number: document.number,
    issueDate: businessDate(new Date(document.issuedAt)),
    orderNumber: order.orderNumber,
    orderId: order.id,
    tenantId: order.tenantId,
    customer: order.company ?? to.fullName ?? ([order.firstName, order.lastName].filter(Boolean).join(" ") || order.customerEmail),
    vatNumber: to.vatNumber ?? "",
    purchaseOrderNumber: order.purchaseOrderNumber ?? "",
    paymentMethod: payment?.method ?? "",
    paymentReference: payment?.paymentReference ?? "",
    credits: credit ? (order.documents.taxInvoice?.number ?? "") : "",
    currency: order.currency,
    exclusive: signed(order.subtotal),
    vat: signed(order.tax),
    inclusive: signed(order.total),
  };
}

export function totalsOf(lines: readonly LedgerLine[]): LedgerTotals {
  const of = (wanted: readonly LedgerLine[]): Totals => ({
    count: wanted.length,
    exclusive: sum(wanted.map(({ exclusive }) => exclusive)),
    vat: sum(wanted.map(({ vat }) => vat)),
    inclusive: sum(wanted.map(({ inclusive }) => inclusive)),
  });
  return {
    invoices: of(lines.filter(({ documentType }) => documentType === "Tax Invoice")),
    creditNotes: of(lines.filter(({ documentType }) => documentType === "Credit Note")),
    net: of(lines),
  };
}

/** What does not add up, in words; empty when everything ties out. */
export function untied(lines: readonly LedgerLine[]): string[] {
  const problems = lines
    .filter(({ exclusive, vat, inclusive }) => sum([exclusive, vat]) !== inclusive)
    .map(({ number }) => `${number}: the amount and its VAT are not the total`);
  const numbers = lines.map(({ number }) => number);
  const twice = numbers.filter((number, i) => numbers.indexOf(number) !== i);
  problems.push(...twice.map((number) => `${number} appears twice`));
  const { invoices, creditNotes, net } = totalsOf(lines);
  for (const column of ["exclusive", "vat", "inclusive"] as const) {
    if (sum([invoices[column], creditNotes[column]]) !== net[column]) problems.push(`${column}: invoices and credit notes are not the net`);
  }
  return problems;
}

const columns = [
  { key: "documentType", header: "Document" },
  { key: "number", header: "Number" },
  { key: "issueDate", header: "Issue date" },
  { key: "orderNumber", header: "Order number" },
  { key: "orderId", header: "Order id" },
  { key: "tenantId", header: "Tenant" },
  { key: "customer", header: "Customer" },
  { key: "vatNumber", header: "Customer VAT number" },
  { key: "purchaseOrderNumber", header: "Customer order number" },
  { key: "paymentMethod", header: "Payment method" },
  { key: "paymentReference", header: "Payment reference" },
  { key: "credits", header: "Credits invoice" },
  { key: "currency", header: "Currency" },
  { key: "exclusive", header: "Excl. VAT" },
  { key: "vat", header: "VAT" },
  { key: "inclusive", header: "Incl. VAT" },
];

/** The ledger as CSV (RFC 4180, UTF-8): a line for each document, then the three totals. Amounts in rand with two decimals. */
export function ledgerCsv(lines: readonly LedgerLine[]): string {
  const { invoices, creditNotes, net } = totalsOf(lines);
  const total = (name: string, { count, ...amounts }: Totals) => ({ documentType: name, number: String(count), ...rand(amounts) });
  const rows = [
    ...lines.map((line) => ({ ...plain(line), ...rand(line) })),
    total("Total tax invoices", invoices),
    total("Total credit notes", creditNotes),
    total("Net", net),
  ];
  return stringify(rows, { header: true, columns, record_delimiter: "windows" });
}

const rand = ({ exclusive, vat, inclusive }: Pick<LedgerLine, "exclusive" | "vat" | "inclusive">) => ({
  exclusive: toRand(exclusive).toFixed(2),
  vat: toRand(vat).toFixed(2),
  inclusive: toRand(inclusive).toFixed(2),
});

/** A spreadsheet takes a cell that begins like this for a formula; customers choose their own names. */
const formula = /^[=+\-@\t\r]/;
const plain = (line: LedgerLine) =>
  Object.fromEntries(Object.entries(line).map(([name, value]) => [name, formula.test(String(value)) ? `'${value}` : value]));
