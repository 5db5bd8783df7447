import { formatBusinessDate } from "../clock.ts";
import { formatRand } from "../money.ts";
import { countryName, formatPhone } from "./contact.ts";
import type { DocumentFacts, DocumentLine } from "./document.ts";
import { payByDate, paymentMethodLabel } from "./payment.ts";
import { printable } from "./printable.ts";
import { lessRand, type TotalRow, totalRows } from "./totals.ts";

/** A document in words: every string as it is printed, nothing left to decide but where it goes. */
export type DocumentContent = {
  title: string;
  /** Under the title, where the law or good manners ask for it. */
  strapline?: string;
  number: string;
  details: Detail[];
  supplier: Party;
  recipient: Party;
  lines: LineContent[];
  totals: TotalRow[];
  /** Box beside the totals. */
  panel: { heading: string; intro?: string; details: Detail[] };
  stamp?: { word: string; date: string };
  terms: { text: string; link?: string }[];
  footer: string;
  metadata: { title: string; author: string; subject: string; keywords: string };
};

export type Detail = { label: string; value: string };
export type Party = { heading: string; name: string; lines: string[] };
export type LineContent = { name: string; description?: string; quantity: string; unitPrice: string; discount?: string; amount: string };

/** The words the law asks for (VAT Act s 20(4)(a), s 21(3)(a)): exactly these. */
export const titles = { order: "Order", taxInvoice: "Tax Invoice", creditNote: "Credit Note" } as const;

const numberLabels = { order: "Order number", taxInvoice: "Invoice number", creditNote: "Credit note number" } as const;
const recipientHeadings = { order: "Order for", taxInvoice: "Invoice to", creditNote: "Credit to" } as const;

export const UNPRINTABLE_NOTE =
  "\ufffd stands for a character this document's font lacks, and a letter may lack a mark. Our records keep the text exactly as it was given.";

/** Puts a document into words. Customer text is made printable here; a note says so where something could not be. */
export function documentContent(facts: DocumentFacts): DocumentContent {
  let replaced = false;
  const clean = (text: string) => {
    const result = printable(text);
    replaced ||= result.replaced;
    return result.text;
  };
  const supplier = supplierOf(facts, clean);
  const recipient = recipientOf(facts, clean);
  const content: DocumentContent = {
    title: titles[facts.type],
    strapline: facts.type === "order" ? "Pro forma, not a tax invoice" : undefined,
    number: facts.number,
    details: detailsOf(facts).map(({ label, value }) => ({ label, value: clean(value) })),
    supplier,
    recipient,
    lines: facts.lines.map((line) => lineOf(line, clean)),
    totals: totalRows(facts, facts.type === "creditNote" ? "Credit incl. VAT" : undefined).map((row) => ({
      ...row,
      label: clean(row.label),
    })),
    panel: panelOf(facts, clean),
    stamp: facts.type === "taxInvoice" ? { word: "PAID", date: formatBusinessDate(facts.issuedAt) } : undefined,
    terms: termsOf(facts, clean),
    footer: clean(`${facts.supplier.legalName}  ·  Reg. no. ${facts.supplier.registrationNumber}  ·  VAT no. ${facts.supplier.vatNumber}`),
    metadata: {
      title: `${titles[facts.type]} ${facts.number}`,
      author: facts.supplier.legalName,
      subject: facts.type === "order" ? `Order ${facts.orderNumber}` : `${titles[facts.type]} for order ${facts.orderNumber}`,
      keywords: [facts.number, facts.orderNumber].filter((word, i, all) => all.indexOf(word) === i).join(", "),
    },
  };
  return replaced ? { ...content, terms: [...content.terms, { text: UNPRINTABLE_NOTE }] } : content;
}

type Clean = (text: string) => string;

function detailsOf(facts: DocumentFacts): Detail[] {
  const details = [
    { label: numberLabels[facts.type], value: facts.number },
    { label: facts.type === "order" ? "Date" : "Issue date", value: formatBusinessDate(facts.issuedAt) },
  ];
  if (facts.credited) details.push({ label: "Credits tax invoice", value: facts.credited.invoiceNumber });
  if (facts.type !== "order") details.push({ label: "Order number", value: facts.orderNumber });
  if (facts.purchaseOrderNumber) details.push({ label: "Your purchase order", value: facts.purchaseOrderNumber });
  return details;
}

function supplierOf({ supplier }: DocumentFacts, clean: Clean): Party {
  return {
    heading: "From",
    name: clean(supplier.legalName),
    lines: [...supplier.address, `VAT no. ${supplier.vatNumber}`, supplier.email, supplier.phone].map(clean),
  };
}

function recipientOf({ type, recipient }: DocumentFacts, clean: Clean): Party {
  const lines = [
    recipient.contact,
    recipient.street,
    recipient.addressLine2,
    [recipient.city, recipient.postalCode].join(" "),
    [recipient.province, countryName(recipient.country)].filter(Boolean).join(", "),
    recipient.vatNumber && `VAT no. ${recipient.vatNumber}`,
    // A guest who gave no name goes by the address.
    recipient.email === recipient.name ? undefined : recipient.email,
    recipient.phone && formatPhone(recipient.phone),
  ];
  return {
    heading: recipientHeadings[type],
    name: clean(recipient.name),
    lines: lines.filter((line) => line !== undefined && line !== "").map((line) => clean(line!)),
  };
}

function lineOf(line: DocumentLine, clean: Clean): LineContent {
  return {
    name: clean(line.productName),
    description: line.description && clean(line.description),
    quantity: String(line.quantity),
    unitPrice: formatRand(line.unitPrice),
    discount: line.discount > 0 ? lessRand(line.discount) : undefined,
    amount: formatRand(line.subtotal),
  };
}

function panelOf(facts: DocumentFacts, clean: Clean): DocumentContent["panel"] {
  const cleaned = (details: Detail[]) => details.map(({ label, value }) => ({ label, value: clean(value) }));
  if (facts.credited) {
    const { invoiceNumber, invoiceDate, reason } = facts.credited;
    return {
      heading: "What this credits",
      details: cleaned([
        { label: "Tax invoice", value: invoiceNumber },
        { label: "Issued", value: formatBusinessDate(invoiceDate) },
        { label: "Reason", value: reason ?? "The order was refunded in full." },
        ...(facts.payment
          ? [
              { label: "Paid by", value: paymentMethodLabel(facts.payment.method) },
              { label: "Payment reference", value: facts.payment.reference },
            ]
          : []),
      ]),
    };
  }
  if (facts.payment) {
    return {
      heading: "Payment received",
      details: cleaned([
        { label: "Method", value: paymentMethodLabel(facts.payment.method) },
        { label: "Reference", value: facts.payment.reference },
        { label: "Date", value: formatBusinessDate(facts.payment.paidAt) },
        { label: "Amount", value: formatRand(facts.payment.amount) },
      ]),
    };
  }
  const { bank } = facts.supplier;
  return {
    heading: "How to pay",
    intro:
      facts.paymentMethod === "eft"
        ? undefined
        : clean(`Your payment method: ${paymentMethodLabel(facts.paymentMethod)}. You can also pay by bank transfer:`),
    details: cleaned([
      { label: "Bank", value: bank.name },
      { label: "Account name", value: bank.accountName },
      { label: "Account number", value: bank.accountNumber },
      { label: "Branch code", value: bank.branchCode },
      { label: "Reference", value: facts.orderNumber },
      { label: "Pay by", value: payByDate(facts.orderedAt) },
    ]),
  };
}

function termsOf(facts: DocumentFacts, clean: Clean): DocumentContent["terms"] {
  const { supplier, campaign, credited } = facts;
  const terms: DocumentContent["terms"] = [];
  if (facts.type === "order") {
    terms.push({
      text: "This order lapses if it is not paid by the date above. Your tax invoice follows as soon as the payment has reached us.",
    });
  }
  if (facts.type === "taxInvoice") terms.push({ text: "Paid in full: nothing is due. Please keep this tax invoice for your records." });
  if (credited) terms.push({ text: `This credit note reverses ${titles.taxInvoice} ${credited.invoiceNumber} in full, VAT included.` });
  terms.push({ text: "All amounts are in South African rand (ZAR)." });
  if (campaign) {
    const link = campaign.termsConditionsLink;
    terms.push({
      text: clean(`Campaign ${campaign.code}, ${campaign.name}: ${campaign.discountPercentage}% off.${link ? ` Terms: ${link}` : ""}`),
      link: link && /^https?:\/\//.test(link) ? link : undefined,
    });
  }
  terms.push({ text: `Questions? Write to ${supplier.email}.`, link: `mailto:${supplier.email}` });
  return terms.map(({ text, link }) => ({ text: clean(text), link }));
}
