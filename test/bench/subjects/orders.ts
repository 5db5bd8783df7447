import type { Order } from "@bbws/core/order/order.ts";
import { item, order } from "../../support/order.ts";

const people = [
  ["Thandi", "Nkosi"],
  ["Pieter", "van der Merwe"],
  ["Ayesha", "Patel"],
  ["Sipho", "Dlamini"],
] as const;

/** Orders that differ as orders do. */
export function orders(count: number, lines: number): Order[] {
  return Array.from({ length: count }, (_, i) => {
    const items = Array.from({ length: lines }, (_, line) => {
      const quantity = 1 + ((i + line) % 9);
      return item({ productName: `Hosting plan ${line}`, quantity, subtotal: 150_000 * quantity });
    });
    const subtotal = items.reduce((sum, each) => sum + each.subtotal, 0);
    const tax = Math.round(subtotal * 0.15);
    const [firstName, lastName] = people[i % people.length]!;
    return order({
      orderNumber: `ORD-2026-${String(i + 1).padStart(5, "0")}`,
      firstName,
      lastName,
      customerEmail: `${firstName.toLowerCase()}-${i}@example.co.za`,
      items,
      subtotal,
      tax,
      total: subtotal + tax,
    });
  });
}
