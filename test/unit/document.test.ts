import { documentContent } from "@bbws/core/document/content.ts";
import type { DocumentFacts } from "@bbws/core/document/document.ts";
import { documentFacts, documentFileName, documentKey } from "@bbws/core/document/document.ts";
import { PAYMENT_DAYS } from "@bbws/core/document/payment.ts";
import { totalRows } from "@bbws/core/document/totals.ts";
import { PermanentError } from "@bbws/core/errors.ts";
import { orderMailData } from "@bbws/core/mail/templates/mail-data.ts";
import { documentTypes } from "@bbws/core/order/order.ts";
import { EXPIRY_DAYS } from "@bbws/core/order/orders.ts";
import { supplier } from "@bbws/emails/samples.ts";
import { describe, expect, it } from "vitest";
import { order, orderIn } from "../support/order.ts";

describe("the facts of a document", () => {
  it("are issued when the order was recorded, paid, refunded", () => {
    const refunded = orderIn("REFUNDED");
    const issued = documentTypes.map((type) => documentFacts(refunded, type, supplier).issuedAt);
    expect(issued).toEqual(refunded.statusHistory.map(({ at }) => at));
  });

  it("stay the same whatever happens to the order afterwards", () => {
    expect(documentFacts(orderIn("COMPLETED"), "taxInvoice", supplier)).toMatchObject({
      ...documentFacts(orderIn("PAID"), "taxInvoice", supplier),
    });
    expect(documentFacts(orderIn("CANCELLED"), "order", supplier)).toEqual(documentFacts(orderIn("PENDING"), "order", supplier));
  });

  it("name the tax invoice that a credit note credits, and why", () => {
    const order = orderIn("REFUNDED");
    order.statusHistory.at(-1)!.reason = "Ordered twice";
    expect(documentFacts(order, "creditNote", supplier).credited).toEqual({
      invoiceNumber: "INV-2026-00001",
      invoiceDate: order.statusHistory[1]!.at,
      reason: "Ordered twice",
    });
  });

  it.each([
    ["an unpaid order carries no tax invoice", orderIn("PENDING"), "taxInvoice"],
    ["a paid order carries no credit note", orderIn("PAID"), "creditNote"],
    ["a paid order without a number carries no tax invoice", orderIn("PAID", { documents: {} }), "taxInvoice"],
    ["a paid order without payment details carries no tax invoice", orderIn("PAID", { paymentDetails: undefined }), "taxInvoice"],
    ["an order without history carries no document", order({ statusHistory: [] }), "order"],
  ] as const)("%s: that can never succeed", (_, of, type) => {
    expect(() => documentFacts(of, type, supplier)).toThrow(PermanentError);
  });

  it.each([
    [
      { company: "Nkosi Bakery", firstName: "Thandi", lastName: "Nkosi" },
      { name: "Nkosi Bakery", contact: "Thandi Nkosi" },
    ],
    [
      { company: undefined, firstName: "Thandi", lastName: undefined },
      { name: "Thandi", contact: undefined },
    ],
    [
      { company: undefined, firstName: undefined, lastName: undefined },
      { name: "thandi@example.co.za", contact: undefined },
    ],
  ])("address the company, else the person, else the e-mail", (about, recipient) => {
    expect(documentFacts(order(about), "order", supplier).recipient).toMatchObject(recipient);
  });

  it("lie under a key and a file name that follow from their number", () => {
    const of = orderIn("REFUNDED", { tenantId: "tenant-a", id: "order_1" });
    expect(documentTypes.map((type) => documentKey(of, type))).toEqual([
      "tenant-a/orders/order_1.pdf",
      "tenant-a/invoices/INV-2026-00001.pdf",
      "tenant-a/credit-notes/CRN-2026-00001.pdf",
    ]);
    expect(documentTypes.map((type) => documentFileName(documentFacts(of, type, supplier) satisfies DocumentFacts))).toEqual([
      "ORD-2026-00001.pdf",
      "INV-2026-00001.pdf",
      "CRN-2026-00001.pdf",
    ]);
  });

  it("give as many days to pay as the order's timer does", () => {
    expect(PAYMENT_DAYS).toBe(EXPIRY_DAYS);
  });
});

describe("totals", () => {
  const amounts = { subtotal: 139_000, discount: 30_000, tax: 20_850, taxRate: 1_500, total: 159_850 };

  it("add up from top to bottom, with the campaign that took something off", () => {
    expect(totalRows({ ...amounts, campaign: { code: "SUMMER2025", discountPercentage: 20 } })).toEqual([
      { label: "Before discount", value: "R1,690.00", emphasis: false },
      { label: "Discount SUMMER2025, 20%", value: "−R300.00", emphasis: false },
      { label: "Subtotal excl. VAT", value: "R1,390.00", emphasis: false },
      { label: "VAT 15%", value: "R208.50", emphasis: false },
      { label: "Total incl. VAT", value: "R1,598.50", emphasis: true },
    ]);
  });

  it("say nothing of a discount that was not given", () => {
    expect(totalRows({ ...amounts, discount: 0 }).map(({ label }) => label)).toEqual(["Subtotal excl. VAT", "VAT 15%", "Total incl. VAT"]);
  });

  it("are the same in a mail as on the document", () => {
    const links = { supplier, portalUrl: "https://portal.example", adminUrl: "https://admin.example" };
    const mail = orderMailData(orderIn("PENDING"), { template: "customer/order_confirmation", status: "PENDING" }, links);
    expect(mail.totals).toEqual(documentContent(documentFacts(orderIn("PENDING"), "order", supplier)).totals);
  });
});
