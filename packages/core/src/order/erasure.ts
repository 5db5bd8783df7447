import { type DocumentType, documentTypes, type Order } from "./order.ts";

/**
 * Erasing a customer's personal data (POPIA s 24) while the tax record stays whole (Tax Administration Act s 29). Pure.
 */

/** Stands where a personal datum was. */
export const ERASED = "[erased]";

/** Years a tax invoice is kept. */
export const TAX_RECORD_YEARS = 7;

/** True for an order whose customer was erased: there is nobody to write to any more. */
export const isErased = (order: Pick<Order, "customerEmail">) => order.customerEmail === ERASED;

/** True when not even a tax record is left of who the customer was. */
export const isErasedWhole = (order: Pick<Order, "customerEmail" | "billingAddress">) =>
  isErased(order) && order.billingAddress.street === ERASED;

/** `whole`: nothing personal stays. `tax record`: what its tax invoice must carry stays until `keptUntil`. */
export type ErasureDecision = { extent: "whole" } | { extent: "tax record"; invoiceNumber: string; keptUntil: string };

/** What may go of an order at this moment: all of it, unless it carries a tax invoice of the last seven years. */
export function decideErasure(order: Order, now: Date): ErasureDecision {
  const { taxInvoice, creditNote } = order.documents;
  if (!taxInvoice?.number) return { extent: "whole" };
  const latest = [taxInvoice.issuedAt, creditNote?.issuedAt ?? ""].sort().at(-1)!;
  const keptUntil = yearsLater(latest, TAX_RECORD_YEARS);
  if (keptUntil <= now.toISOString()) return { extent: "whole" };
  return { extent: "tax record", invoiceNumber: taxInvoice.number, keptUntil };
}

/** The attributes of an order in which personal data may stand and which an erasure rewrites. */
export type ErasableFields = Pick<
  Order,
  | "customerEmail"
  | "firstName"
  | "lastName"
  | "company"
  | "primaryPhone"
  | "notes"
  | "purchaseOrderNumber"
  | "cancellationReason"
  | "billingAddress"
  | "statusHistory"
>;

/**
 * The rewritten attributes of an order: every personal datum that is present is replaced by the marker, what is absent
 * stays absent. Under `tax record` the recipient's name, address and VAT number stay (VAT Act s 20(4)).
 */
export function erasedFields(order: Order, extent: ErasureDecision["extent"]): Partial<ErasableFields> {
  const contact = {
    customerEmail: ERASED,
    ...(order.primaryPhone !== undefined && { primaryPhone: ERASED }),
    ...(order.notes !== undefined && { notes: ERASED }),
    ...(order.cancellationReason !== undefined && { cancellationReason: ERASED }),
    statusHistory: order.statusHistory.map((entry) => (entry.reason === undefined ? entry : { ...entry, reason: ERASED })),
  };
  if (extent === "tax record") return { ...contact, ...nameOnInvoice(order) };
  const { fullName, addressLine2, vatNumber } = order.billingAddress;
  return {
    ...contact,
    ...(order.firstName !== undefined && { firstName: ERASED }),
    ...(order.lastName !== undefined && { lastName: ERASED }),
    ...(order.company !== undefined && { company: ERASED }),
    ...(order.purchaseOrderNumber !== undefined && { purchaseOrderNumber: ERASED }),
    billingAddress: {
      ...order.billingAddress,
      street: ERASED,
      ...(fullName !== undefined && { fullName: ERASED }),
      ...(addressLine2 !== undefined && { addressLine2: ERASED }),
      ...(vatNumber !== undefined && { vatNumber: ERASED }),
    },
  };
}

/** Who gave no name at all is named on the invoice by the e-mail: then that is the name that must stay. */
function nameOnInvoice(order: Order): Partial<Pick<Order, "billingAddress">> {
  const named = order.company ?? order.billingAddress.fullName ?? order.firstName ?? order.lastName;
  return named === undefined && !isErased(order) ? { billingAddress: { ...order.billingAddress, fullName: order.customerEmail } } : {};
}

/** The documents that stay after an erasure: none, or the ones the law keeps. */
export function keptDocuments(order: Order, { extent }: ErasureDecision): DocumentType[] {
  return extent === "whole" ? [] : documentTypes.filter((type) => type !== "order" && order.documents[type]?.key);
}

/** What is kept of an order under `tax record`, for the report. */
export const KEPT_FIELDS = [
  "name (the e-mail where no other was given)",
  "company",
  "billing address",
  "VAT number",
  "purchase order number",
  "payment details",
] as const;

function yearsLater(iso: string, years: number): string {
  const date = new Date(iso);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.toISOString();
}
