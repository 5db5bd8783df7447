import { businessYear } from "../clock.ts";

/** The three gap-free series. */
export const numberKinds = ["order", "invoice", "creditNote"] as const;
export type NumberKind = (typeof numberKinds)[number];

const prefixes: Record<NumberKind, string> = { order: "ORD", invoice: "INV", creditNote: "CRN" };

/** A number as people read it, e.g. `INV-2026-00042`: at least five digits, growing past them. */
export function formatNumber(kind: NumberKind, year: string, value: number): string {
  return `${prefixes[kind]}-${year}-${String(value).padStart(5, "0")}`;
}

/** The year a number taken at this moment belongs to (South African calendar). */
export const numberYear = businessYear;

/** The next `count` numbers after the counter's value, and the value it must be set to in the same transaction. */
export function nextNumbers(kind: NumberKind, year: string, current: number, count: number): { numbers: string[]; value: number } {
  const numbers = Array.from({ length: count }, (_, i) => formatNumber(kind, year, current + i + 1));
  return { numbers, value: current + count };
}
