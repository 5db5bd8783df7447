import { entityTag, invoicePath, orderSummary, orderView, paymentView } from "@bbws/core/order/view.ts";
import { describe, expect, it } from "vitest";
import { item, NOW, order, orderIn } from "../support/order.ts";

const stored = { key: "tenant-a/orders/order_1.pdf", sha256: "0".repeat(64), issuedAt: NOW.toISOString() };

describe("an order as the API shows it", () => {
  it("has rand for cents, the caller's next steps and links, and neither keys nor hashes", () => {
    const shown = orderView(
      { ...order({ id: "order_1", items: [item({ id: "item_1", discount: 1 })], documents: { order: stored } }), correlationId: "c-1" },
      ["Customer"],
    );
    expect(shown).toMatchObject({
      id: "order_1",
      subtotal: 1500,
      discount: 0,
      tax: 225,
      total: 1725,
      items: [{ id: "item_1", unitPrice: 1500, discount: 0.01, subtotal: 1500, quantity: 1 }],
      allowedStatuses: ["CANCELLED"],
      documents: [
        { type: "order", number: "ORD-2026-00001", issuedAt: NOW.toISOString(), href: "/v1.0/orders/order_1/invoice?type=order" },
      ],
      _links: { self: { href: "/v1.0/orders/order_1" }, invoice: { href: "/v1.0/orders/order_1/invoice" } },
    });
    const text = JSON.stringify(shown);
    for (const secret of ["correlationId", "sha256", stored.key, "PK", "GSI"]) expect(text).not.toContain(secret);
  });

  it("shows what was paid in rand, the optional amounts only where there are any", () => {
    const paid = orderIn("PAID");
    expect(orderView(paid, ["Admin"]).paymentDetails).toEqual({ ...paid.paymentDetails, amount: 1725 });
    const detailed = { ...paid, paymentDetails: { ...paid.paymentDetails!, amountFee: 1250, amountNet: 171_250 } };
    expect(orderView(detailed, ["Admin"]).paymentDetails).toMatchObject({ amountFee: 12.5, amountNet: 1712.5 });
    expect(orderView(order(), ["Admin"])).not.toHaveProperty("paymentDetails");
  });

  it("lists a document once its PDF is there, under its own number", () => {
    const paid = orderIn("PAID");
    expect(orderView(paid, []).documents).toEqual([]);
    const withInvoice = { ...paid, documents: { order: stored, taxInvoice: { ...paid.documents.taxInvoice!, key: "k", sha256: "s" } } };
    expect(orderView(withInvoice, []).documents.map(({ type, number }) => [type, number])).toEqual([
      ["order", "ORD-2026-00001"],
      ["taxInvoice", "INV-2026-00001"],
    ]);
  });

  it("offers nothing to a caller who may do nothing", () => {
    expect(orderView(orderIn("PAID"), ["Customer"]).allowedStatuses).toEqual([]);
  });
});

describe("an entity tag", () => {
  it("is the version and how many documents are issued", () => {
    expect(entityTag(order())).toBe('"1-0"');
    expect(entityTag(orderIn("PAID"))).toBe('"2-0"');
    expect(entityTag(order({ version: 3, documents: { order: stored, taxInvoice: { ...stored, number: "INV-2026-00001" } } }))).toBe(
      '"3-2"',
    );
  });
});

describe("a line of a list", () => {
  it("has what a table needs and nothing else", () => {
    const one = order();
    expect(orderSummary(one)).toEqual({
      id: one.id,
      orderNumber: "ORD-2026-00001",
      tenantId: "tenant-a",
      customerEmail: "thandi@example.co.za",
      status: "PENDING",
      total: 1725,
      currency: "ZAR",
      itemsCount: 1,
      dateCreated: one.dateCreated,
      dateLastUpdated: one.dateLastUpdated,
      active: true,
    });
  });
});

describe("the answer to a payment", () => {
  it("has stored values only, and stays PAID when the order has moved on", () => {
    for (const status of ["PAID", "COMPLETED", "REFUNDED"] as const) {
      const paid = orderIn(status, { id: "order_1" });
      expect(paymentView(paid, "2026-11-24T08:01:00.000Z")).toEqual({
        id: "order_1",
        orderNumber: "ORD-2026-00001",
        status: "PAID",
        paymentReference: "PF-1",
        paymentConfirmedAt: "2026-11-24T08:01:00.000Z",
        invoiceNumber: "INV-2026-00001",
        _links: { self: { href: "/v1.0/orders/order_1" }, invoice: { href: "/v1.0/orders/order_1/invoice?type=taxInvoice" } },
      });
    }
  });
});

describe("the path of an invoice", () => {
  it("names the document where one is meant", () => {
    expect(invoicePath("order_1")).toBe("/v1.0/orders/order_1/invoice");
    expect(invoicePath("order_1", "creditNote")).toBe("/v1.0/orders/order_1/invoice?type=creditNote");
  });
});
