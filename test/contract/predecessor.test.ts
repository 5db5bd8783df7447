import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { call, checkout, newTenant, placed, recorded, refusal, service, tokenFor } from "../support/contract/service.ts";

/** What callers of the predecessor still send, and the answer it gets here. */

// biome-ignore lint/suspicious/noExplicitAny: recorded payloads of another system.
const sample = (number: string): any =>
  JSON.parse(readFileSync(new URL(`samples/predecessor-${number}.json`, import.meta.url), "utf8")).payload;
const create = (body: unknown, token?: string) => call({ method: "POST", path: "/v1.0/orders", body, token });
const withProduct = (payload: { items: object[] }, productId: string) => ({
  ...payload,
  items: payload.items.map((item) => ({ ...item, productId })),
});

describe.runIf(service.local)("the predecessor's sample", () => {
  test("01, as sent, names a product that does not exist", async () => {
    expect(await create(sample("01"))).toMatchObject({ status: 400, body: refusal("PRODUCT_NOT_FOUND") });
  });

  test("01 with one PROD-002 gets its campaign's price", async () => {
    const { items, ...rest } = withProduct(sample("01"), "PROD-002");
    const answer = await create({ ...rest, items: items.map((item) => ({ ...item, quantity: 1 })) });
    expect(answer).toMatchObject({ status: 202, body: { data: { subtotal: 1200, tax: 180, total: 1380, discount: 300 } } });
  });

  test("04, as sent, has no items", async () => {
    const tenantId = newTenant();
    const answer = await call({
      method: "POST",
      path: `/v1.0/tenants/${tenantId}/orders`,
      token: await tokenFor({ tenantId }),
      body: sample("04"),
    });
    expect(answer).toMatchObject({ status: 400, body: { error: "VALIDATION_ERROR", details: [{ field: "items" }] } });
  });

  test("04 with a line is the tenant's order", async () => {
    const tenantId = newTenant();
    const customer = await tokenFor({ tenantId });
    const body = { ...sample("04"), items: [{ productId: "PROD-002", quantity: 1 }] };
    const answer = await call({ method: "POST", path: `/v1.0/tenants/${tenantId}/orders`, token: customer, body });
    expect(answer).toMatchObject({ status: 202, body: { data: { total: 1380 } } });
    expect(await recorded({ orderId: answer.body.data.orderId, customer })).toMatchObject({ tenantId, campaign: { code: "SUMMER2025" } });
  });

  test("05 with PROD-002 and without its total is priced by the catalogue", async () => {
    const rest = withProduct({ ...sample("05"), totalAmount: undefined }, "PROD-002");
    expect(await create(rest)).toMatchObject({ status: 202, body: { data: { subtotal: 1500, total: 1725 } } });
  });

  test("05 with its own total is told the price of today", async () => {
    expect(await create(withProduct(sample("05"), "PROD-002"))).toMatchObject({
      status: 409,
      body: refusal("PRICE_CHANGED", { expected: 1725, received: 299.99 }),
    });
  });

  test("07 with PROD-001 states its total without VAT and is accepted", async () => {
    expect(await create(withProduct(sample("07"), "PROD-001"))).toMatchObject({
      status: 202,
      body: { data: { subtotal: 95, tax: 14.25, total: 109.25 } },
    });
  });

  test("11 cancels the customer's unpaid order", async () => {
    const { orderId, customer } = await placed();
    const answer = await call({ method: "PUT", path: `/v1.0/orders/${orderId}`, token: customer, body: sample("11") });
    expect(answer).toMatchObject({
      status: 200,
      body: { data: { status: "CANCELLED", cancellationReason: "Customer requested cancellation" } },
    });
  });

  test("12 removes the customer's unpaid order and cancels it", async () => {
    const { orderId, customer } = await placed();
    const answer = await call({ method: "PUT", path: `/v1.0/orders/${orderId}`, token: customer, body: sample("12") });
    expect(answer).toMatchObject({ status: 200, body: { data: { status: "CANCELLED", active: false } } });
    expect((await call({ path: `/v1.0/orders/${orderId}`, token: customer })).status).toBe(404);
  });

  test("13, a customer who says the order is paid, is refused", async () => {
    const { orderId, customer } = await placed();
    const path = `/v1.0/orders/${orderId}`;
    expect(await call({ method: "PUT", path, token: customer, body: sample("13") })).toMatchObject({
      status: 403,
      body: refusal("FORBIDDEN"),
    });
    expect((await call({ path, token: customer })).body.data.status).toBe("PENDING");
  });

  test("14 is a wrong amount for another order's total, and a payment with the right one", async () => {
    const { orderId } = await placed();
    const path = `/v1.0/orders/${orderId}/paymentconfirmation`;
    const system = await tokenFor({ roles: "System" });
    const body = { ...sample("14"), paymentReference: `${sample("14").paymentReference}-${newTenant()}` };
    expect(await call({ method: "POST", path, token: system, body })).toMatchObject({
      status: 400,
      body: refusal("PAYMENT_AMOUNT_MISMATCH", { orderTotal: 1725, paymentAmount: 1500 }),
    });
    expect(await call({ method: "POST", path, token: system, body: { ...body, paymentAmount: 1725 } })).toMatchObject({
      status: 200,
      body: { data: { status: "PAID" } },
    });
  });

  test("30's bodies of another contract are refused by field, never half understood", async () => {
    const { create: order, update, payment } = sample("30");
    const { orderId, customer } = await placed(checkout());
    expect(await create(order)).toMatchObject({ status: 400, body: refusal("VALIDATION_ERROR") });
    expect(await call({ method: "PUT", path: `/v1.0/orders/${orderId}`, token: customer, body: update })).toMatchObject({
      status: 400,
      body: { error: "VALIDATION_ERROR", details: [{ field: "status" }] },
    });
    const system = await tokenFor({ roles: "System" });
    expect(await call({ method: "POST", path: `/v1.0/orders/${orderId}/paymentconfirmation`, token: system, body: payment })).toMatchObject(
      {
        status: 400,
        body: refusal("VALIDATION_ERROR"),
      },
    );
  });
});
