import { decideErasure, ERASED, erasedFields, erasedOrder, isErased, isErasureDone, keptDocuments } from "@bbws/core/order/erasure.ts";
import { Order } from "@bbws/core/order/order.ts";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { NOW, order, orderIn } from "../support/order.ts";

const yearsOn = (years: number, ms = 0) => {
  const date = new Date(NOW.getTime() + ms);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date;
};
const invoiceAt = NOW.getTime() + 60_000;

describe("what may be erased of an order", () => {
  it("is all of it when it carries no tax invoice", () => {
    expect(decideErasure(order(), NOW)).toEqual({ extent: "whole" });
    expect(decideErasure(orderIn("CANCELLED"), NOW)).toEqual({ extent: "whole" });
  });

  it("leaves the tax record for seven years from the invoice, or from the credit note", () => {
    expect(decideErasure(orderIn("PAID"), NOW)).toEqual({
      extent: "tax record",
      invoiceNumber: "INV-2026-00001",
      keptUntil: yearsOn(7, 60_000).toISOString(),
    });
    expect(decideErasure(orderIn("PAID"), yearsOn(7, 60_000))).toEqual({ extent: "whole" });
    expect(decideErasure(orderIn("REFUNDED"), yearsOn(7, 60_000))).toMatchObject({ extent: "tax record" });
    expect(decideErasure(orderIn("REFUNDED"), new Date(yearsOn(7, invoiceAt - NOW.getTime() + 60_000)))).toEqual({ extent: "whole" });
  });
});

describe("an erased order", () => {
  const secrets = {
    customerEmail: "secret-1@example.com",
    firstName: "secret-2",
    lastName: "secret-3",
    company: "secret-4",
    primaryPhone: "secret-5",
    notes: "secret-6",
    purchaseOrderNumber: "secret-7",
    cancellationReason: "secret-8",
    billingAddress: {
      fullName: "secret-9",
      street: "secret-10",
      addressLine2: "secret-11",
      vatNumber: "secret-12",
      city: "Cape Town",
      postalCode: "8001",
      country: "ZA",
    },
    statusHistory: [
      { status: "PENDING" as const, at: NOW.toISOString(), by: "system" },
      { status: "CANCELLED" as const, at: NOW.toISOString(), by: "user-1", reason: "secret-13" },
    ],
  };

  it("holds no personal datum and is still an order", () => {
    const before = order(secrets);
    const after = { ...before, ...erasedFields(before, "whole") };
    expect(JSON.stringify(after)).not.toMatch(/secret/);
    expect(v.is(Order, after)).toBe(true);
    expect(isErased(after)).toBe(true);
    expect(after.billingAddress).toMatchObject({ city: "Cape Town", country: "ZA", street: ERASED });
  });

  it("keeps the recipient's name and address where a tax invoice must carry them, and no way to reach anybody", () => {
    const before = order(secrets);
    const after = { ...before, ...erasedFields(before, "tax record") };
    expect(after).toMatchObject({
      company: "secret-4",
      billingAddress: secrets.billingAddress,
      customerEmail: ERASED,
      primaryPhone: ERASED,
    });
    expect(after.notes).toBe(ERASED);
  });

  it("keeps the e-mail as the name of a recipient who gave no other", () => {
    const { firstName: _f, lastName: _l, company: _c, ...nameless } = order();
    const once = { ...nameless, ...erasedFields(nameless, "tax record") };
    expect(once.billingAddress.fullName).toBe(nameless.customerEmail);
    expect({ ...once, ...erasedFields(once, "tax record") }).toEqual(once);
  });

  it("names no subject of the customer, but who of the staff did what", () => {
    const at = NOW.toISOString();
    const history = (...entries: [Order["status"], string][]) => entries.map(([status, by]) => ({ status, at, by }));
    const refunded = order({
      createdBy: "sub-customer",
      lastUpdatedBy: "sub-admin",
      statusHistory: history(["PENDING", "system"], ["PAID", "sub-payments"], ["PROCESSING", "sub-admin"], ["REFUNDED", "sub-admin"]),
    });
    const after = { ...refunded, ...erasedFields(refunded, "tax record") };
    expect(after).toMatchObject({ createdBy: ERASED, lastUpdatedBy: "sub-admin" });
    expect(after.statusHistory.map(({ by }) => by)).toEqual(["system", "sub-payments", "sub-admin", "sub-admin"]);

    // A colleague of the customer cancelled, and another hid the order.
    const cancelled = order({
      createdBy: "guest",
      lastUpdatedBy: "sub-other",
      statusHistory: history(["PENDING", "system"], ["CANCELLED", "sub-colleague"]),
    });
    expect(erasedFields(cancelled, "whole")).toMatchObject({
      createdBy: "guest",
      lastUpdatedBy: ERASED,
      statusHistory: [{ by: "system" }, { by: ERASED }],
    });
  });

  it("is done when nothing of it would change", () => {
    const paid = orderIn("PAID", { documents: { order: { key: "o", issuedAt: NOW.toISOString() }, ...orderIn("PAID").documents } });
    for (const before of [order(secrets), paid]) {
      const decision = decideErasure(before, NOW);
      const after = erasedOrder(before, decision);
      expect(isErasureDone(before, decision)).toBe(false);
      expect(isErasureDone(after, decision)).toBe(true);
      expect(
        isErasureDone({ ...after, documents: { ...after.documents, order: { key: "o", issuedAt: NOW.toISOString() } } }, decision),
      ).toBe(false);
    }
  });

  it("does not change when it is erased again, and no field appears that was not there", () => {
    const field = fc.option(fc.string(), { nil: undefined });
    const fields = fc.record({ firstName: field, company: field, notes: field, primaryPhone: field, cancellationReason: field });
    fc.assert(
      fc.property(fields, fc.constantFrom("whole" as const, "tax record" as const), (changes, extent) => {
        const before = order(changes);
        const once = { ...before, ...erasedFields(before, extent) };
        expect({ ...once, ...erasedFields(once, extent) }).toEqual(once);
        for (const [name, value] of Object.entries(changes)) if (value === undefined) expect(once[name as "notes"]).toBeUndefined();
      }),
    );
  });

  it("keeps the documents the law keeps and no other", () => {
    const issued = (key: string) => ({ key, issuedAt: NOW.toISOString() });
    const paid = orderIn("PAID", { documents: { order: issued("o"), taxInvoice: { number: "INV-2026-00001", ...issued("i") } } });
    expect(keptDocuments(paid, decideErasure(paid, NOW))).toEqual(["taxInvoice"]);
    expect(keptDocuments(paid, decideErasure(paid, yearsOn(8)))).toEqual([]);
  });
});
