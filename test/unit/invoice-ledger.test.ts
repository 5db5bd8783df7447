import { type LedgerLine, ledgerCsv, ledgerLine, totalsOf, untied } from "@bbws/ops/invoice/invoice-ledger.ts";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { order, orderIn } from "../support/order.ts";

const lines = (...orders: ReturnType<typeof order>[]): LedgerLine[] =>
  orders.flatMap((one) => [ledgerLine(one, "taxInvoice"), ledgerLine(one, "creditNote")]).filter((line) => line !== undefined);

describe("finance's ledger", () => {
  it("has a line for a tax invoice, and a negative one for a credit note", () => {
    expect(ledgerLine(order(), "taxInvoice")).toBeUndefined();
    expect(lines(orderIn("REFUNDED"))).toMatchObject([
      { documentType: "Tax Invoice", number: "INV-2026-00001", exclusive: 150_000, vat: 22_500, inclusive: 172_500, credits: "" },
      {
        documentType: "Credit Note",
        number: "CRN-2026-00001",
        exclusive: -150_000,
        vat: -22_500,
        inclusive: -172_500,
        credits: "INV-2026-00001",
      },
    ]);
  });

  it("dates a document by the South African calendar", () => {
    const lateEvening = orderIn("PAID", { documents: { taxInvoice: { number: "INV-2026-00001", issuedAt: "2026-11-30T22:30:00.000Z" } } });
    expect(ledgerLine(lateEvening, "taxInvoice")?.issueDate).toBe("2026-12-01");
  });

  it("ties out for whatever amounts", () => {
    const amount = fc.integer({ min: 0, max: 100_000_000 });
    fc.assert(
      fc.property(fc.array(fc.record({ subtotal: amount, tax: amount, refunded: fc.boolean() }), { maxLength: 20 }), (drawn) => {
        const orders = drawn.map(({ subtotal, tax, refunded }, i) => {
          const one = orderIn(refunded ? "REFUNDED" : "PAID", { subtotal, tax, total: subtotal + tax });
          for (const type of ["taxInvoice", "creditNote"] as const) {
            if (one.documents[type]) one.documents[type] = { ...one.documents[type], number: `${type}-${i}` };
          }
          return one;
        });
        const ledger = lines(...orders);
        expect(untied(ledger)).toEqual([]);
        const kept = drawn.filter(({ refunded }) => !refunded);
        expect(totalsOf(ledger).net.inclusive).toBe(kept.reduce((sum, { subtotal, tax }) => sum + subtotal + tax, 0));
      }),
    );
  });

  it("says what does not tie out", () => {
    const [line] = lines(orderIn("PAID"));
    expect(untied([{ ...line!, vat: 1 }])).toEqual(["INV-2026-00001: the amount and its VAT are not the total"]);
    expect(untied([line!, line!])).toEqual(["INV-2026-00001 appears twice"]);
  });

  it("is CSV that a spreadsheet reads back, ends with its totals, and takes no customer's name for a formula", () => {
    const company = '=HYPERLINK("http://example.com","Click, please")';
    const csv = ledgerCsv(lines({ ...orderIn("REFUNDED"), company }));
    const rows = parse(csv, { columns: true }) as Record<string, string>[];
    expect(rows.map((row) => [row.Document, row["Incl. VAT"]])).toEqual([
      ["Tax Invoice", "1725.00"],
      ["Credit Note", "-1725.00"],
      ["Total tax invoices", "1725.00"],
      ["Total credit notes", "-1725.00"],
      ["Net", "0.00"],
    ]);
    expect(rows[0]?.Customer).toBe(`'${company}`);
    expect(rows[1]?.["Excl. VAT"]).toBe("-1500.00");
  });
});
