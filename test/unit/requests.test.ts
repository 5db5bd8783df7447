import type { FieldProblem, OrderError } from "@bbws/core/errors.ts";
import { CreateOrderRequest, PaymentConfirmationRequest, UpdateOrderRequest } from "@bbws/core/order/requests.ts";
import { parse } from "@bbws/core/parse.ts";
import type * as v from "valibot";
import { describe, expect, it } from "vitest";

const problemsOf = (schema: v.GenericSchema, body: unknown): FieldProblem[] => {
  try {
    parse(schema, body);
    return [];
  } catch (error) {
    return (error as OrderError).details as FieldProblem[];
  }
};

const checkout = (changes: Record<string, unknown> = {}) => ({
  customerEmail: "thandi@example.co.za",
  items: [{ productId: "PROD-002", quantity: 1 }],
  billingAddress: { street: "12 Long Street", city: "Cape Town", postalCode: "8001" },
  ...changes,
});
const address = (changes: Record<string, unknown>) => checkout({ billingAddress: { ...checkout().billingAddress, ...changes } });
const accepted = (body: unknown) => parse(CreateOrderRequest, body);
const refused = (body: unknown) => problemsOf(CreateOrderRequest, body).map(({ field }) => field);

describe("a checkout", () => {
  it("with nothing but what is required is filled with the defaults", () => {
    expect(JSON.parse(JSON.stringify(accepted(checkout())))).toEqual({
      customerEmail: "thandi@example.co.za",
      items: [{ productId: "PROD-002", quantity: 1 }],
      billingAddress: { street: "12 Long Street", city: "Cape Town", postalCode: "8001", country: "ZA" },
      paymentMethod: "payfast",
      currency: "ZAR",
    });
  });

  it("with everything comes out in the service's own form", () => {
    const full = {
      customerEmail: "  Thandi.Nkosi+web@Example.CO.ZA ",
      items: [{ productId: " PROD-002 ", quantity: 2, productName: "Cheap", unitPrice: 0.01, totalPrice: 0.02 }],
      billingAddress: {
        fullName: "Thandi Nkosi",
        street: " 12 Long\nStreet ",
        addressLine2: "Floor 3",
        city: "Cape Town",
        province: "Western Cape",
        postalCode: "8001",
        country: "za",
        vatNumber: "4123456789",
      },
      firstName: "Thandi",
      lastName: "Nkosi",
      company: "Nkosi Bakery",
      primaryPhone: "082 123-4567",
      notes: "Please call",
      purchaseOrderNumber: "PO-7",
      campaignCode: "summer2025",
      attribution: { campaignName: "spring", source: "google", medium: "cpc", other: "dropped" },
      paymentMethod: "EFT",
      currency: "zar",
      totalAmount: 1380,
      tenantId: "tenant-b",
      status: "PAID",
    };
    expect(accepted(full)).toEqual({
      customerEmail: "thandi.nkosi+web@example.co.za",
      items: [{ productId: "PROD-002", quantity: 2 }],
      billingAddress: {
        fullName: "Thandi Nkosi",
        street: "12 Long Street",
        addressLine2: "Floor 3",
        city: "Cape Town",
        province: "Western Cape",
        postalCode: "8001",
        country: "ZA",
        vatNumber: "4123456789",
      },
      firstName: "Thandi",
      lastName: "Nkosi",
      company: "Nkosi Bakery",
      primaryPhone: "+27821234567",
      notes: "Please call",
      purchaseOrderNumber: "PO-7",
      campaignCode: "SUMMER2025",
      attribution: { campaignName: "spring", source: "google", medium: "cpc" },
      paymentMethod: "eft",
      currency: "ZAR",
      totalAmount: 138_000,
    });
  });

  it("may leave out what is optional by null or blank", () => {
    const optional = [
      "firstName",
      "lastName",
      "company",
      "primaryPhone",
      "notes",
      "purchaseOrderNumber",
      "campaignCode",
      "totalAmount",
      "attribution",
      "paymentMethod",
      "currency",
    ];
    expect(refused(checkout(Object.fromEntries(optional.map((field) => [field, null]))))).toEqual([]);
    const texts = ["firstName", "lastName", "company", "primaryPhone", "notes", "purchaseOrderNumber", "campaignCode"];
    const blank = accepted(checkout(Object.fromEntries(texts.map((field) => [field, "  "]))));
    for (const field of texts) expect(blank[field as keyof typeof blank]).toBeUndefined();
  });

  it.each([undefined, null, 7, "text", [], true])("that is %j is refused", (body) => {
    expect(refused(body).length).toBeGreaterThan(0);
  });

  it("of nothing names each thing that is required", () => {
    expect(problemsOf(CreateOrderRequest, {})).toEqual([
      { field: "customerEmail", message: "customerEmail is required" },
      { field: "items", message: "items must be a list of 1 to 50 lines" },
      { field: "billingAddress", message: "billingAddress is required" },
    ]);
  });

  it("does not take orders from its own prototype", () => {
    const body = JSON.parse(
      '{"__proto__":{"customerEmail":"a@b.co"},"constructor":{"prototype":{"x":1}},"items":[{"productId":"P","quantity":1}]}',
    );
    expect(refused(body)).toEqual(["customerEmail", "billingAddress"]);
    expect(({} as Record<string, unknown>).customerEmail).toBeUndefined();
  });
});

describe("an e-mail address", () => {
  it.each([
    "a@b.co",
    "first.last+tag@sub.example.co.za",
    "o'brien@example.com",
    "x_y-z@ex-ample.com",
    `${"a".repeat(64)}@example.com`,
    `${"a".repeat(64)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(58)}.za`,
  ])("%s is accepted", (email) => {
    expect(accepted(checkout({ customerEmail: email })).customerEmail).toBe(email);
  });

  it.each([
    undefined,
    null,
    "",
    "  ",
    7,
    [],
    "plain",
    "@example.com",
    "a@",
    "a@b",
    "a@b.c",
    "a@@b.co",
    "a b@c.co",
    "a@b..co",
    ".a@b.co",
    "a.@b.co",
    "a..b@c.co",
    "a@-b.co",
    "a@b-.co",
    "a@b.co.",
    "a@b.1",
    "a@[127.0.0.1]",
    '"a b"@c.co',
    "Thandi <a@b.co>",
    "a@b.co, c@d.co",
    "a@b.co\r\nBcc: c@d.co",
    "a\u0000@b.co",
    "thandi@exämple.de",
    "täst@example.de",
    `${"a".repeat(65)}@example.com`,
    `a@${"b".repeat(64)}.com`,
    `${"a".repeat(64)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(59)}.za`,
  ])("%j is refused", (email) => {
    expect(refused(checkout({ customerEmail: email }))).toEqual(["customerEmail"]);
  });
});

describe("the lines of an order", () => {
  const items = (list: unknown) => refused(checkout({ items: list }));
  const lines = (count: number) => Array.from({ length: count }, (_, i) => ({ productId: `P-${i}`, quantity: 1 }));

  it("are 1 to 50", () => {
    expect(items(lines(1))).toEqual([]);
    expect(items(lines(50))).toEqual([]);
    for (const wrong of [[], lines(51), undefined, null, {}, "PROD-001"]) expect(items(wrong)).toEqual(["items"]);
  });

  it("of the same product become one", () => {
    const twice = [
      { productId: "P", quantity: 1 },
      { productId: "Q", quantity: 5 },
      { productId: "P", quantity: 2 },
    ];
    expect(accepted(checkout({ items: twice })).items).toEqual([
      { productId: "P", quantity: 3 },
      { productId: "Q", quantity: 5 },
    ]);
  });

  it("of the same product are at most 99 together", () => {
    const both = (quantity: number) => [
      { productId: "P", quantity: 50 },
      { productId: "P", quantity },
    ];
    expect(items(both(49))).toEqual([]);
    expect(items(both(50))).toEqual(["items"]);
  });

  it.each([1, 99])("have a quantity of %i", (quantity) => {
    expect(items([{ productId: "P", quantity }])).toEqual([]);
  });

  it.each([0, -1, 100, 1.5, "1", null, undefined, true, [1], 1e21])("have no quantity of %j", (quantity) => {
    expect(items([{ productId: "P", quantity }])).toEqual(["items[0].quantity"]);
  });

  it.each([undefined, null, "", " ", 7, "a b", "a/b", "../etc", "p".repeat(101), "é"])("have no product %j", (productId) => {
    expect(
      items([
        { productId: "P", quantity: 1 },
        { productId, quantity: 1 },
      ]),
    ).toEqual(["items[1].productId"]);
  });

  it.each([null, 7, "P", []])("are objects, not %j", (line) => {
    expect(items([line]).every((field) => field.startsWith("items[0]"))).toBe(true);
    expect(items([line]).length).toBeGreaterThan(0);
  });
});

describe("a billing address", () => {
  it("may say addressLine1 for street and stateProvince for province", () => {
    const { billingAddress } = accepted(address({ street: undefined, addressLine1: "1 Main Road", stateProvince: "Gauteng" }));
    expect(billingAddress).toMatchObject({ street: "1 Main Road", province: "Gauteng" });
    expect(billingAddress).not.toHaveProperty("addressLine1");
    expect(billingAddress).not.toHaveProperty("stateProvince");
  });

  it("prefers street and province where both are there", () => {
    const { billingAddress } = accepted(address({ street: "A", addressLine1: "B", province: "C", stateProvince: "D" }));
    expect(billingAddress).toMatchObject({ street: "A", province: "C" });
  });

  it.each([
    ["street", { street: " " }],
    ["city", { city: "" }],
    ["city", { city: null }],
    ["postalCode", { postalCode: undefined }],
    ["postalCode", { postalCode: 8001 }],
    ["street", { street: "x".repeat(201) }],
    ["city", { city: "x".repeat(101) }],
    ["addressLine2", { addressLine2: "x".repeat(201) }],
    ["fullName", { fullName: "x".repeat(101) }],
    ["province", { province: "x".repeat(101) }],
    ["vatNumber", { vatNumber: "no/slash" }],
    ["vatNumber", { vatNumber: "123" }],
    ["country", { country: "XX" }],
    ["country", { country: "ZAF" }],
    ["country", { country: 27 }],
  ] as [string, Record<string, unknown>][])("names %s when it is wrong: %j", (field, changes) => {
    expect(refused(address(changes))).toContain(`billingAddress.${field}`);
  });

  it.each([
    ["ZA", "8001"],
    ["DE", "10115"],
    ["GB", "SW1A 1AA"],
    ["US", "94103-1234"],
    ["IE", "D02"],
    ["BR", "01310-100 SAOX"],
  ])("in %s may have the postal code %s", (country, postalCode) => {
    expect(refused(address({ country, postalCode }))).toEqual([]);
  });

  it.each([
    ["ZA", "801"],
    ["ZA", "80011"],
    ["ZA", "80A1"],
    ["ZA", "٨٠٠١"],
    ["DE", "12"],
    ["DE", "1".repeat(15)],
    ["GB", "SW1A/1AA"],
    ["GB", "-12"],
  ])("in %s may not have the postal code %s", (country, postalCode) => {
    expect(refused(address({ country, postalCode }))).toEqual(["billingAddress.postalCode"]);
  });

  it.each([undefined, null, "12 Long Street", 7, [], true])("is an object, not %j", (billingAddress) => {
    const fields = refused(checkout({ billingAddress }));
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.every((field) => field.startsWith("billingAddress"))).toBe(true);
  });
});

describe("a telephone number", () => {
  it.each([
    ["+27821234567", "+27821234567"],
    ["0821234567", "+27821234567"],
    ["(082) 123-4567", "+27821234567"],
    ["082.123.4567", "+27821234567"],
    ["0027 82 123 4567", "+27821234567"],
    ["+49 30 123456", "+4930123456"],
    ["+1234567", "+1234567"],
  ])("%s is stored as %s", (given, stored) => {
    expect(accepted(checkout({ primaryPhone: given })).primaryPhone).toBe(stored);
  });

  it.each(["12345", "821234567", "+0821234567", "+123456", "+1234567890123456", "phone", "08212345678", "+27 82 CALL ME", 27821234567])(
    "%j is refused",
    (primaryPhone) => {
      expect(refused(checkout({ primaryPhone }))).toEqual(["primaryPhone"]);
    },
  );
});

describe("the other fields of a checkout", () => {
  it.each([
    ["firstName", 100],
    ["lastName", 100],
    ["company", 150],
    ["notes", 500],
    ["purchaseOrderNumber", 50],
  ])("%s has at most %i characters", (field, most) => {
    expect(refused(checkout({ [field]: "x".repeat(most) }))).toEqual([]);
    expect(refused(checkout({ [field]: "x".repeat(most + 1) }))).toEqual([field]);
  });

  it.each(["AB", "a b c", "CODE!", "x".repeat(51), 7, "ÄÖÜ"])("a campaign code is not %j", (campaignCode) => {
    expect(refused(checkout({ campaignCode }))).toEqual(["campaignCode"]);
  });

  it.each(["abc", "SUMMER_2025-x", "x".repeat(50)])("a campaign code may be %s", (campaignCode) => {
    expect(accepted(checkout({ campaignCode })).campaignCode).toBe(campaignCode.toUpperCase());
  });

  it.each(["payfast", "card", "eft", "cash", "manual", "CARD"])("one may pay by %s", (paymentMethod) => {
    expect(accepted(checkout({ paymentMethod })).paymentMethod).toBe(paymentMethod.toLowerCase());
  });

  it.each(["bitcoin", "", 7, []])("one may not pay by %j", (paymentMethod) => {
    expect(refused(checkout({ paymentMethod }))).toEqual(["paymentMethod"]);
  });

  it.each(["USD", "", 7])("the currency is ZAR, not %j", (currency) => {
    expect(refused(checkout({ currency }))).toEqual(["currency"]);
  });

  it.each([100.001, "100", Number.NaN, 1e300, [], true])("a stated total is a number of rand and cents, not %j", (totalAmount) => {
    expect(refused(checkout({ totalAmount }))).toEqual(["totalAmount"]);
  });

  it("attribution is an object of texts", () => {
    expect(accepted(checkout({ attribution: {} })).attribution).toEqual({});
    expect(refused(checkout({ attribution: "google" }))).toEqual(["attribution"]);
    expect(refused(checkout({ attribution: { source: 7 } }))).toEqual(["attribution.source"]);
  });
});

describe("an update", () => {
  const update = (body: unknown) => parse(UpdateOrderRequest, body);
  const wrong = (body: unknown) => problemsOf(UpdateOrderRequest, body).map(({ field }) => field);

  it.each([
    ["cancelled", "CANCELLED"],
    [" Processing ", "PROCESSING"],
    ["pending_payment", "PAYMENT_PENDING"],
  ])("takes the status %j as %s", (status, read) => {
    expect(update({ status })).toMatchObject({ status: read });
  });

  it("may have each of its members alone", () => {
    for (const body of [{ status: "PAID" }, { cancellationReason: "Why" }, { active: false }, { version: 3 }])
      expect(update(body)).toEqual(expect.objectContaining(body));
  });

  it.each([{}, { items: [] }, { total: 1, tenantId: "t" }, { cancellationReason: "  " }])(
    "of nothing that can be changed is refused: %j",
    (body) => {
      expect(problemsOf(UpdateOrderRequest, body)).toEqual([
        { field: "", message: "Give at least one of status, cancellationReason, active, version" },
      ]);
    },
  );

  it.each([
    [{ status: "SHIPPED" }, "status"],
    [{ status: 7 }, "status"],
    [{ status: null }, "status"],
    [{ active: "false" }, "active"],
    [{ active: 0 }, "active"],
    [{ version: "3" }, "version"],
    [{ version: 1.5 }, "version"],
    [{ status: "CANCELLED", cancellationReason: "x".repeat(501) }, "cancellationReason"],
  ])("names what is wrong: %j", (body, field) => {
    expect(wrong(body)).toEqual([field]);
  });

  it.each([null, 7, "CANCELLED", undefined])("is an object, not %j", (body) => {
    expect(problemsOf(UpdateOrderRequest, body)).toEqual([{ field: "", message: "The body must be a JSON object" }]);
  });
});

describe("a payment confirmation", () => {
  const payment = (changes: Record<string, unknown> = {}) => ({
    paymentReference: "PF-1",
    paymentMethod: "PayFast",
    paymentAmount: 1725,
    paymentCurrency: "zar",
    ...changes,
  });
  const read = (body: unknown) => parse(PaymentConfirmationRequest, body);
  const wrong = (body: unknown) => problemsOf(PaymentConfirmationRequest, body).map(({ field }) => field);

  it("comes out in cents, with the method and the currency in the service's own case", () => {
    expect(read(payment({ paidAt: "2026-11-24T10:00:00+02:00", payfastPaymentId: "99", amountFee: -12.5, amountNet: 1712.5 }))).toEqual({
      paymentReference: "PF-1",
      paymentMethod: "payfast",
      paymentAmount: 172_500,
      paymentCurrency: "ZAR",
      paidAt: "2026-11-24T08:00:00.000Z",
      payfastPaymentId: "99",
      amountFee: -1250,
      amountNet: 171_250,
    });
  });

  it("may leave out what is optional", () => {
    expect(wrong(payment())).toEqual([]);
    expect(wrong(payment({ paidAt: null, payfastPaymentId: null, amountFee: null, amountNet: null }))).toEqual([]);
  });

  it("of nothing names each thing that is required", () => {
    expect(wrong({})).toEqual(["paymentReference", "paymentMethod", "paymentAmount", "paymentCurrency"]);
  });

  it.each([
    [{ paymentReference: "" }, "paymentReference"],
    [{ paymentReference: "x".repeat(101) }, "paymentReference"],
    [{ paymentReference: "réf" }, "paymentReference"],
    [{ paymentReference: 7 }, "paymentReference"],
    [{ paymentMethod: "bitcoin" }, "paymentMethod"],
    [{ paymentAmount: -1 }, "paymentAmount"],
    [{ paymentAmount: "1725" }, "paymentAmount"],
    [{ paymentAmount: 1725.001 }, "paymentAmount"],
    [{ paymentCurrency: "R" }, "paymentCurrency"],
    [{ paymentCurrency: 710 }, "paymentCurrency"],
    [{ paidAt: "yesterday" }, "paidAt"],
    [{ paidAt: "2026-13-01T00:00:00Z" }, "paidAt"],
    [{ paidAt: 1_700_000_000 }, "paidAt"],
    [{ amountFee: 0.001 }, "amountFee"],
    [{ amountNet: "1" }, "amountNet"],
    [{ payfastPaymentId: "x".repeat(101) }, "payfastPaymentId"],
  ])("names what is wrong: %j", (changes, field) => {
    expect(wrong(payment(changes))).toEqual([field]);
  });

  it("reads a currency that is not ours: the decision refuses it, with both amounts", () => {
    expect(read(payment({ paymentCurrency: "USD" })).paymentCurrency).toBe("USD");
  });
});
