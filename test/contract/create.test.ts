import { describe, expect, test } from "vitest";
import {
  type Case,
  call,
  check,
  checkout,
  invalid,
  newTenant,
  openTable,
  placed,
  recorded,
  refusal,
  service,
  tokenFor,
} from "../support/contract/service.ts";
import { eventually } from "../support/eventually.ts";

/** Create, routes 1 and 2. */

const post = (changes: Record<string, unknown> = {}, headers?: Record<string, string>) => ({
  method: "POST",
  path: "/v1.0/orders",
  body: checkout(changes),
  headers,
});
const address = (changes: Record<string, unknown>) => ({ billingAddress: { ...checkout().billingAddress, ...changes } });
const long = (length: number) => "x".repeat(length);
const accepts = (name: string, changes: Record<string, unknown>, data: Record<string, unknown> = {}): Case => ({
  name,
  request: post(changes),
  expectStatus: 202,
  expectBody: { success: true, data: { status: "PENDING", ...data } },
});
const refuses = (name: string, changes: Record<string, unknown>, ...fields: string[]): Case => ({
  name,
  request: post(changes),
  expectStatus: 400,
  expectBody: invalid(...fields),
});

describe.runIf(service.local)("a create answers 202", () => {
  test("with the price, the links and a Location", async () => {
    const { body, headers } = await check({ name: "", request: post({ campaignCode: "summer2025" }), expectStatus: 202 });
    const { orderId, ...rest } = body.data;
    expect(orderId).toMatch(/^order_[0-9a-f-]{36}$/);
    expect(headers.get("location")).toBe(`/v1.0/orders/${orderId}`);
    expect(headers.get("idempotent-replayed")).toBeNull();
    expect(rest).toEqual({
      status: "PENDING",
      message: "Order accepted for processing",
      currency: "ZAR",
      subtotal: 1200,
      discount: 300,
      tax: 180,
      total: 1380,
      statusUrl: expect.stringMatching(new RegExp(`^/v1\\.0/links/orders/${orderId}/status\\?expires=\\d+&signature=[\\w-]{43}$`)),
      _links: {
        self: { href: `/v1.0/orders/${orderId}` },
        invoice: { href: `/v1.0/orders/${orderId}/invoice` },
        status: { href: rest.statusUrl },
      },
    });
  });

  const cases: Case[] = [
    accepts(
      "for the smallest seed product",
      { items: [{ productId: "PROD-001", quantity: 1 }] },
      { subtotal: 95, tax: 14.25, total: 109.25 },
    ),
    accepts(
      "with the same product twice as one line",
      {
        items: [
          { productId: "PROD-001", quantity: 1 },
          { productId: "PROD-001", quantity: 2 },
        ],
      },
      { subtotal: 285 },
    ),
    accepts(
      "ignoring the prices and names the caller states",
      { items: [{ productId: "PROD-001", quantity: 1, unitPrice: 0.01, totalPrice: 0.01, productName: "Free" }] },
      { total: 109.25 },
    ),
    accepts("dropping unknown fields", { isAdmin: true, tenantId: "other", status: "PAID", id: "order_mine" }),
    accepts("with the total that was shown, VAT included", { totalAmount: 1725 }, { total: 1725 }),
    accepts("with the total that was shown, VAT excluded", { totalAmount: 1500 }, { subtotal: 1500 }),
    accepts("with the address aliases", {
      billingAddress: { addressLine1: "1 Kloof Street", city: "Cape Town", stateProvince: "WC", postalCode: "8001" },
    }),
    accepts("with a foreign address and its own postal code", address({ country: "gb", postalCode: "SW1A 1AA" })),
    accepts("with a local telephone number", { primaryPhone: "082 123 4567" }),
    accepts("with an international telephone number", { primaryPhone: "+44 20 7946 0958" }),
    accepts("with text in any script", { firstName: "Ζωή", lastName: "Иванова", company: "株式会社 ווי", notes: "🎉 Dankie, ngiyabonga" }),
    accepts("with blank optional fields", { company: "   ", notes: "", primaryPhone: "", campaignCode: " " }),
    accepts("with null optional fields", {
      company: null,
      notes: null,
      primaryPhone: null,
      campaignCode: null,
      attribution: null,
      totalAmount: null,
    }),
    accepts("with fields at their limits", {
      firstName: long(100),
      lastName: long(100),
      company: long(150),
      notes: long(500),
      purchaseOrderNumber: long(50),
      ...address({ street: long(200), city: long(100) }),
    }),
    accepts("with 99 of a product", { items: [{ productId: "PROD-002", quantity: 99 }] }, { subtotal: 148500 }),
    accepts("with an attribution", { attribution: { campaignName: "Summer", source: "google", medium: "cpc" } }),
    ...["payfast", "card", "eft", "cash", "manual", "CARD"].map((paymentMethod) =>
      accepts(`to be paid by ${paymentMethod}`, { paymentMethod }),
    ),
    accepts("with the currency in any case", { currency: "zar" }),
    accepts("with an e-mail in any case and with blanks around it", { customerEmail: "  Thandi@Example.COM " }),
  ];
  test.each(cases)("$name", async (row) => {
    await check(row);
  });
});

describe("a create is refused", () => {
  const cases: Case[] = [
    refuses("without an e-mail", { customerEmail: undefined }, "customerEmail"),
    refuses("with a blank e-mail", { customerEmail: "  " }, "customerEmail"),
    refuses("with an e-mail that is none", { customerEmail: "not-an-address" }, "customerEmail"),
    refuses("with an e-mail that carries another header", { customerEmail: "a@example.com\r\nBcc: b@example.com" }, "customerEmail"),
    refuses("with an e-mail over 254 characters", { customerEmail: `${long(60)}@${"a.".repeat(96)}com` }, "customerEmail"),
    refuses("without items", { items: undefined }, "items"),
    refuses("with no item", { items: [] }, "items"),
    refuses("with 51 lines", { items: Array.from({ length: 51 }, (_, i) => ({ productId: `PROD-${i}`, quantity: 1 })) }, "items"),
    refuses("with a quantity of 0", { items: [{ productId: "PROD-001", quantity: 0 }] }, "items[0].quantity"),
    refuses("with a quantity of 100", { items: [{ productId: "PROD-001", quantity: 100 }] }, "items[0].quantity"),
    refuses("with half a product", { items: [{ productId: "PROD-001", quantity: 1.5 }] }, "items[0].quantity"),
    refuses("with a quantity as text", { items: [{ productId: "PROD-001", quantity: "1" }] }, "items[0].quantity"),
    refuses(
      "with over 99 of a product on two lines",
      {
        items: [
          { productId: "PROD-001", quantity: 60 },
          { productId: "PROD-001", quantity: 40 },
        ],
      },
      "items",
    ),
    refuses("with a line without a product", { items: [{ quantity: 1 }] }, "items[0].productId"),
    refuses("without a billing address", { billingAddress: undefined }, "billingAddress"),
    refuses("without a street", address({ street: undefined }), "billingAddress.street"),
    refuses("without a city", address({ city: " " }), "billingAddress.city"),
    refuses("without a postal code", address({ postalCode: undefined }), "billingAddress.postalCode"),
    refuses("with a South African postal code of five digits", address({ postalCode: "80011" }), "billingAddress.postalCode"),
    refuses("with a foreign postal code of two characters", address({ country: "GB", postalCode: "SW" }), "billingAddress.postalCode"),
    refuses("with a country that does not exist", address({ country: "XX" }), "billingAddress.country"),
    refuses("with a country of three letters", address({ country: "ZAF" }), "billingAddress.country"),
    refuses("with a telephone number that is none", { primaryPhone: "call me" }, "primaryPhone"),
    refuses("with notes over 500 characters", { notes: long(501) }, "notes"),
    refuses("with a purchase order number over 50 characters", { purchaseOrderNumber: long(51) }, "purchaseOrderNumber"),
    refuses("with a first name over 100 characters", { firstName: long(101) }, "firstName"),
    refuses("with a company over 150 characters", { company: long(151) }, "company"),
    refuses("with a street over 200 characters", address({ street: long(201) }), "billingAddress.street"),
    refuses("with a campaign code of two characters", { campaignCode: "AB" }, "campaignCode"),
    refuses("with a campaign code that has blanks", { campaignCode: "SUMMER 2025" }, "campaignCode"),
    refuses("with an unknown payment method", { paymentMethod: "bitcoin" }, "paymentMethod"),
    refuses("in dollars", { currency: "USD" }, "currency"),
    refuses("with a total of three decimals", { totalAmount: 1725.001 }, "totalAmount"),
    refuses("with a total as text", { totalAmount: "1725.00" }, "totalAmount"),
    refuses("naming every wrong field at once", { customerEmail: "x", currency: "USD", items: [] }, "customerEmail", "currency", "items"),
    {
      name: "for a product that does not exist",
      request: post({ items: [{ productId: "PROD-999", quantity: 1 }] }),
      expectStatus: 400,
      expectBody: refusal("PRODUCT_NOT_FOUND", { field: "items[0].productId", productId: "PROD-999" }),
    },
    {
      name: "for a product with a price on application",
      request: post({ items: [{ productId: "PROD-005", quantity: 1 }] }),
      expectStatus: 400,
      expectBody: refusal("PRODUCT_NOT_ORDERABLE"),
    },
    {
      name: "with an unknown campaign",
      request: post({ campaignCode: "NOSUCH" }),
      expectStatus: 400,
      expectBody: refusal("CAMPAIGN_INVALID"),
    },
    {
      name: "with a campaign that has ended",
      request: post({ campaignCode: "WINTER2024" }),
      expectStatus: 400,
      expectBody: refusal("CAMPAIGN_INVALID"),
    },
    {
      name: "with a campaign for another product",
      request: post({ campaignCode: "SUMMER2025", items: [{ productId: "PROD-001", quantity: 1 }] }),
      expectStatus: 400,
      expectBody: refusal("CAMPAIGN_INVALID"),
    },
    {
      name: "with another total than today's",
      request: post({ totalAmount: 1724.99 }),
      expectStatus: 409,
      expectBody: refusal("PRICE_CHANGED", { expected: 1725, received: 1724.99 }),
    },
    {
      name: "with a body that is not JSON",
      request: { method: "POST", path: "/v1.0/orders", raw: '{"customerEmail":' },
      expectStatus: 400,
      expectBody: refusal("INVALID_JSON"),
    },
    {
      name: "with a list as body",
      request: { method: "POST", path: "/v1.0/orders", body: [checkout()] },
      expectStatus: 400,
      expectBody: refusal("VALIDATION_ERROR"),
    },
    {
      name: "with text as body",
      request: { method: "POST", path: "/v1.0/orders", body: "order" },
      expectStatus: 400,
      expectBody: refusal("VALIDATION_ERROR"),
    },
    {
      name: "without a body",
      request: { method: "POST", path: "/v1.0/orders", headers: { "content-type": "application/json" } },
      expectStatus: 400,
      expectBody: refusal("INVALID_JSON"),
    },
    {
      name: "as a form",
      request: {
        method: "POST",
        path: "/v1.0/orders",
        raw: "customerEmail=a",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
      expectStatus: 415,
      expectBody: refusal("UNSUPPORTED_MEDIA_TYPE"),
    },
    { name: "over 100 KB", request: post({ padding: long(101 * 1024) }), expectStatus: 413, expectBody: refusal("PAYLOAD_TOO_LARGE") },
    {
      name: "with a blank idempotency key",
      request: post({}, { "idempotency-key": "   " }),
      expectStatus: 400,
      expectBody: invalid("Idempotency-Key"),
    },
    {
      name: "with an idempotency key of 129 characters",
      request: post({}, { "idempotency-key": long(129) }),
      expectStatus: 400,
      expectBody: invalid("Idempotency-Key"),
    },
    {
      name: "with an idempotency key that is not ASCII",
      request: post({}, { "idempotency-key": "sleutel-é" }),
      expectStatus: 400,
      expectBody: invalid("Idempotency-Key"),
    },
  ];
  test.each(cases)("$name", async (row) => {
    await check(row);
  });
});

describe.runIf(service.local)("a create with a token", () => {
  test("is the token's tenant's, whatever the body or a header says", async () => {
    const { orderId, tenantId, customer } = await placed({ tenantId: "tenant-other" });
    const { body } = await call({ path: `/v1.0/orders/${orderId}`, token: customer, headers: { "x-tenant-id": "tenant-other" } });
    expect(body.data).toMatchObject({ tenantId, source: "api", createdBy: `user-of-${tenantId}` });
  });

  test("in the tenant's path is accepted for the caller's tenant, refused for another's, accepted for an admin", async () => {
    const tenantId = newTenant();
    const path = `/v1.0/tenants/${tenantId}/orders`;
    const as = async (request: Parameters<typeof tokenFor>[0]) =>
      call({ method: "POST", path, token: await tokenFor(request), body: checkout() });
    expect((await as({ tenantId })).status).toBe(202);
    expect((await as({ tenantIds: ["tenant-x", tenantId] })).status).toBe(202);
    expect(await as({ tenantId: newTenant() })).toMatchObject({ status: 403, body: refusal("TENANT_ACCESS_DENIED") });
    expect(await as({ tenantId: newTenant(), roles: "Support" })).toMatchObject({ status: 403, body: refusal("TENANT_ACCESS_DENIED") });
    expect((await as({ roles: "Admin" })).status).toBe(202);
    expect(await as({ tenantId, roles: "System" })).toMatchObject({ status: 403, body: refusal("FORBIDDEN") });
  });

  test("without a tenant, or with several, needs the tenant's path", async () => {
    for (const request of [{}, { tenantIds: ["tenant-a", "tenant-b"] }, { roles: "Admin" }]) {
      const answer = await call({ method: "POST", path: "/v1.0/orders", token: await tokenFor(request), body: checkout() });
      expect(answer).toMatchObject({ status: 403, body: refusal("TENANT_CLAIM_MISSING") });
    }
  });

  test("of a suspended tenant is refused", async () => {
    const tenantId = newTenant();
    const { tenants, client } = openTable();
    await tenants.setStatus(tenantId, "SUSPENDED");
    const answer = await call({ method: "POST", path: "/v1.0/orders", token: await tokenFor({ tenantId }), body: checkout() });
    expect(answer).toMatchObject({ status: 403, body: refusal("ACCOUNT_SUSPENDED") });
    client.destroy();
  });
});

describe.runIf(service.local)("a guest's create", () => {
  test("never tells a tenant or whether the e-mail is known", async () => {
    const email = `${newTenant()}@example.com`;
    const first = await call(post({ customerEmail: email }));
    await eventually(async () => ((await call({ path: first.body.data.statusUrl })).body.data.status === "PENDING" ? true : undefined));
    const again = await call(post({ customerEmail: email }));
    expect(first.text).not.toMatch(/tenant/i);
    expect(Object.keys(again.body.data)).toEqual(Object.keys(first.body.data));
    expect([...again.headers.keys()]).toEqual([...first.headers.keys()]);
  });

  test("belongs to one tenant for each e-mail, in any case", async () => {
    const email = `${newTenant()}@example.com`;
    const one = await call(post({ customerEmail: email }));
    const two = await call(post({ customerEmail: email.toUpperCase() }));
    const admin = await tokenFor({ roles: "Admin" });
    const [first, second] = await Promise.all([one, two].map(({ body }) => recorded({ orderId: body.data.orderId, customer: admin })));
    expect(first.tenantId).toMatch(/^tenant_/);
    expect(second.tenantId).toBe(first.tenantId);
    expect(first).toMatchObject({ source: "guest", createdBy: "guest", customerEmail: email });
  });
});

describe.runIf(service.local)("an Idempotency-Key", () => {
  test("gives the same answer again, marked as a replay, and one order", async () => {
    const tenantId = newTenant();
    const customer = await tokenFor({ tenantId });
    const send = (body: unknown) =>
      call({ method: "POST", path: "/v1.0/orders", token: customer, headers: { "idempotency-key": "cart-1" }, body });
    const first = await send(checkout());
    const second = await send(checkout());
    const reordered = await send(Object.fromEntries(Object.entries(checkout()).reverse()));
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    for (const replay of [second, reordered]) {
      expect(replay.status).toBe(202);
      expect(replay.headers.get("idempotent-replayed")).toBe("true");
      expect(replay.headers.get("location")).toBe(first.headers.get("location"));
      expect(replay.body).toEqual(first.body);
    }
    await recorded({ orderId: first.body.data.orderId, customer });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await call({ path: "/v1.0/orders", token: customer })).body.data.count).toBe(1);
  });

  test("with another body is 422", async () => {
    const customer = await tokenFor({ tenantId: newTenant() });
    const send = (body: unknown) =>
      call({ method: "POST", path: "/v1.0/orders", token: customer, headers: { "idempotency-key": "cart-1" }, body });
    expect((await send(checkout())).status).toBe(202);
    expect(await send(checkout({ notes: "other" }))).toMatchObject({ status: 422, body: refusal("IDEMPOTENCY_KEY_REUSED") });
  });

  test("is the caller's own: another tenant's and another guest's same key are other orders", async () => {
    const ids = new Set<string>();
    const key = newTenant();
    for (const tenantId of [newTenant(), newTenant()]) {
      const answer = await call({ ...post({}, { "idempotency-key": key }), token: await tokenFor({ tenantId }) });
      ids.add(answer.body.data.orderId);
    }
    for (const customerEmail of [`${newTenant()}@example.com`, `${newTenant()}@example.com`]) {
      ids.add((await call(post({ customerEmail }, { "idempotency-key": key }))).body.data.orderId);
    }
    expect(ids.size).toBe(4);
  });

  test("50 times at once with one body: one order, 50 times the same answer", async () => {
    const tenantId = newTenant();
    const customer = await tokenFor({ tenantId });
    const send = () =>
      call({ method: "POST", path: "/v1.0/orders", token: customer, headers: { "idempotency-key": "cart-50" }, body: checkout() });
    const answers = await Promise.all(Array.from({ length: 50 }, send));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
    await recorded({ orderId: answers[0]!.body.data.orderId, customer });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { items } = (await call({ path: "/v1.0/orders", token: customer })).body.data;
    expect(items.map(({ id }: { id: string }) => id)).toEqual([answers[0]!.body.data.orderId]);
  });
});
