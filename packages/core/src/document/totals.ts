import { type BasisPoints, type Cents, formatRand, formatRate } from "../money.ts";

/** How an order's amounts add up, in words, on documents and in mails. */

export type TotalRow = { label: string; value: string; emphasis: boolean };

/** Cents and basis points, as an order and a document's facts have them. */
type Amounts = {
  /** Less the discount, without VAT. */
  subtotal: Cents;
  discount: Cents;
  tax: Cents;
  taxRate: BasisPoints;
  total: Cents;
  campaign?: { code: string; discountPercentage: number };
};

/** The sign that stands as wide and as high as a plus; a hyphen does not. */
const MINUS = "\u2212";

/** An amount that is taken off, e.g. `−R300.00`. */
export const lessRand = (amount: Cents) => `${MINUS}${formatRand(amount)}`;

/** Rows that add up from top to bottom, the last of them the total. */
export function totalRows({ subtotal, discount, tax, taxRate, total, campaign }: Amounts, totalLabel = "Total incl. VAT"): TotalRow[] {
  const row = (label: string, value: string, emphasis = false) => ({ label, value, emphasis });
  const campaignNote = campaign ? ` ${campaign.code}, ${campaign.discountPercentage}%` : "";
  return [
    ...(discount > 0 ? [row("Before discount", formatRand(subtotal + discount)), row(`Discount${campaignNote}`, lessRand(discount))] : []),
    row("Subtotal excl. VAT", formatRand(subtotal)),
    row(`VAT ${formatRate(taxRate)}`, formatRand(tax)),
    row(totalLabel, formatRand(total), true),
  ];
}
