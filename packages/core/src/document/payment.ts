import { formatBusinessDate } from "../clock.ts";

/** How payment is spoken of, on documents and in mails. */

const paymentMethodLabels: Record<string, string> = {
  payfast: "PayFast",
  card: "Card",
  eft: "EFT (bank transfer)",
  cash: "Cash",
  manual: "Manual payment",
};

/** How a payment method is called. */
export const paymentMethodLabel = (method: string) => paymentMethodLabels[method.toLowerCase()] ?? method;

/** Days until an unpaid order expires, from its acceptance. */
export const PAYMENT_DAYS = 7;
const DAY_MS = 86_400_000;

/** Last day to pay an order accepted at `iso`, e.g. `1 December 2026`. */
export function payByDate(iso: string): string {
  // South Africa has no daylight saving: a day is always 24 hours.
  return formatBusinessDate(new Date(new Date(iso).getTime() + PAYMENT_DAYS * DAY_MS).toISOString());
}
