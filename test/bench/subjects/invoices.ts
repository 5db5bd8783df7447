import type { DocumentFacts, DocumentLine } from "@bbws/core/document/document.ts";
import type { Supplier } from "@bbws/core/document/supplier.ts";

/** Tax invoices that differ as invoices do: customer, number and amounts change, products repeat. */

const supplier: Supplier = {
  legalName: "Big Beard Web Solutions (Pty) Ltd",
  tradingName: "BBWS",
  registrationNumber: "2015/000000/07",
  vatNumber: "4000000000",
  address: ["1 Sample Street", "Cape Town", "8001", "South Africa"],
  email: "support@kimmyai.io",
  phone: "+27 21 000 0000",
  website: "https://kimmyai.io",
  bank: { name: "Sample Bank", accountName: "Big Beard Web Solutions", accountNumber: "0000000000", branchCode: "000000" },
};

const products = [
  ["Entry hosting", "1 GB SSD, one site", 9_500],
  ["Basic WordPress hosting", "10 GB SSD, one site, daily backups, free TLS certificate, e-mail support", 150_000],
  ["Professional WordPress hosting", "50 GB SSD, five sites, staging, daily backups, priority support", 500_000],
  ["Enterprise WordPress hosting", "200 GB SSD, unlimited sites, a named engineer, 99.9 % availability", 1_500_000],
] as const;
const people = ["Thandi Nkosi", "Pieter van der Merwe", "Ayesha Patel", "Sipho Dlamini", "Lerato Mokoena", "Johan Botha", "Nomsa Zulu"];
const trades = ["Bakery", "Design Studio", "Attorneys", "Plumbing", "Travel", "Dental Practice", "Coffee Roasters", "Motors"];
const cities = ["Cape Town", "Johannesburg", "Durban", "Gqeberha", "Bloemfontein", "Polokwane"];
const pick = <Value>(values: readonly Value[], i: number) => values[i % values.length]!;

/** The i-th invoice, with so many lines. */
export function invoice(i: number, lineCount: number): DocumentFacts {
  const lines = Array.from({ length: lineCount }, (_, line) => lineOf(i, line));
  const subtotal = lines.reduce((sum, line) => sum + line.subtotal, 0);
  const tax = Math.round(subtotal * 0.15);
  const serial = String(1 + i).padStart(5, "0");
  const person = pick(people, i);
  return {
    type: "taxInvoice",
    number: `INV-2026-${serial}`,
    issuedAt: "2026-11-24T09:02:44.910Z",
    orderNumber: `ORD-2026-${serial}`,
    orderedAt: "2026-11-24T08:15:00.000Z",
    purchaseOrderNumber: `PO-${7000 + i}`,
    supplier,
    recipient: {
      name: `${person.split(" ").at(-1)} ${pick(trades, Math.floor(i / 7))} ${1 + Math.floor(i / 56)}`,
      contact: person,
      street: `${1 + (i % 180)} Long Street`,
      city: pick(cities, i),
      province: "Western Cape",
      postalCode: String(1000 + (i % 9000)),
      country: "ZA",
      vatNumber: `4${String(100_000_000 + i)}`,
      email: `customer-${i}@example.co.za`,
      phone: `+2782${String(1_000_000 + i)}`,
    },
    lines,
    subtotal,
    discount: lines.reduce((sum, { discount }) => sum + discount, 0),
    tax,
    taxRate: 1500,
    total: subtotal + tax,
    paymentMethod: "payfast",
    payment: { method: "payfast", reference: `PF-${9_000_000 + i}`, paidAt: "2026-11-24T09:02:41.000Z", amount: subtotal + tax },
  };
}

function lineOf(i: number, line: number): DocumentLine {
  const [productName, description, unitPrice] = pick(products, i + line);
  const quantity = 1 + ((i * 7 + line * 3) % 20);
  const discount = line % 5 === 1 ? Math.round(unitPrice * quantity * 0.2) : 0;
  return { productName, description, quantity, unitPrice, discount, subtotal: unitPrice * quantity - discount };
}
