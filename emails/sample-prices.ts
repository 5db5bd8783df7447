import { share, sum } from "@bbws/core/money.ts";
import type { OrderItem } from "@bbws/core/order/order.ts";

const TAX_RATE = 1_500;

/** Totals of sample lines, in cents. */
export function priceOf(items: OrderItem[]) {
  const subtotal = sum(items.map((item) => item.subtotal));
  const tax = share(subtotal, TAX_RATE);
  return { subtotal, discount: sum(items.map((item) => item.discount)), tax, taxRate: TAX_RATE, total: sum([subtotal, tax]) };
}
