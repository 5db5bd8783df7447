import { isDeepStrictEqual } from "node:util";
import { type Documents, type DocumentType, documentTypes, type Order } from "./order.ts";
import { mayTransition } from "./status.ts";

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
  | "createdBy"
  | "lastUpdatedBy"
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
    ...withoutSubjects(order),
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

/**
 * A subject id is an identifier of a person (POPIA s 1, "personal information" (c)). The customer's are those that made the
 * order or a change that a customer may make; staff and the service itself, who alone make the others, stay for the audit.
 */
function withoutSubjects(order: Order): Pick<Order, "createdBy" | "lastUpdatedBy" | "statusHistory"> {
  const isStaffs = ({ status, by }: Order["statusHistory"][number], before: Order["statusHistory"][number] | undefined) =>
    by !== order.createdBy && !(before && mayTransition(before.status, status, ["Customer"]));
  const statusHistory = order.statusHistory.map((entry, i, history) => ({
    ...entry,
    by: notPersons.includes(entry.by) || isStaffs(entry, history[i - 1]) ? entry.by : ERASED,
    ...(entry.reason !== undefined && { reason: ERASED }),
  }));
  const staffs = [...notPersons, ...statusHistory.map(({ by }) => by)];
  const kept = (subject: string) => (staffs.includes(subject) ? subject : ERASED);
  return {
    createdBy: notPersons.includes(order.createdBy) ? order.createdBy : ERASED,
    lastUpdatedBy: kept(order.lastUpdatedBy),
    statusHistory,
  };
}

/** Who acts without being a person: the service, a guest who has no account, an operator's command. */
const notPersons = ["system", "guest", "operator", ERASED];

/** The order after its erasure: what is left of its fields, and of its documents those that are kept and every number. */
export function erasedOrder<O extends Order>(order: O, decision: ErasureDecision): O {
  return { ...order, ...erasedFields(order, decision.extent), documents: remainingDocuments(order, decision) };
}

/** True when nothing is left to erase of an order. */
export const isErasureDone = (order: Order, decision: ErasureDecision) => isDeepStrictEqual(erasedOrder(order, decision), order);

function remainingDocuments(order: Order, decision: ErasureDecision): Documents {
  const kept = keptDocuments(order, decision);
  return Object.fromEntries(
    documentTypes.flatMap((type) => {
      const document = order.documents[type];
      if (!document) return [];
      if (kept.includes(type)) return [[type, document]];
      return document.number === undefined ? [] : [[type, { number: document.number, issuedAt: document.issuedAt }]];
    }),
  );
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
