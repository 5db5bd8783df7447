import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signedLink } from "@bbws/core/signed-link.ts";
import { describe, expect, test } from "vitest";
import {
  accepted,
  CHECKOUT_TOTAL,
  call,
  newReference,
  newTenant,
  openTable,
  type Placed,
  placed,
  refusal,
  service,
  tokenFor,
} from "../support/contract/service.ts";
import { eventually } from "../support/eventually.ts";
import { mailsOf } from "../support/stack.ts";

/** Reading, listing, changing and paying an order, routes 3 to 8. */

const pathOf = ({ orderId }: Pick<Placed, "orderId">) => `/v1.0/orders/${orderId}`;
const payment = (changes: Record<string, unknown> = {}) => ({
  paymentReference: newReference(),
  paymentMethod: "card",
  paymentAmount: CHECKOUT_TOTAL,
  paymentCurrency: "ZAR",
  ...changes,
});
const pay = async (order: Pick<Placed, "orderId">, body: unknown = payment()) =>
  call({ method: "POST", path: `${pathOf(order)}/paymentconfirmation`, token: await tokenFor({ roles: "System" }), body });
const change = (order: Placed, body: unknown, token = order.customer, headers?: Record<string, string>) =>
  call({ method: "PUT", path: pathOf(order), token, body, headers });
const issued = (order: Placed, type: string) =>
  eventually(async () => {
    const { body } = await call({ path: pathOf(order), token: order.customer });
    return body.data.documents.some((document: { type: string }) => document.type === type) || undefined;
  }, 120_000);

describe.runIf(service.local)("an order", () => {
  test("is shown with its tag, its allowed statuses and stored totals; the tag makes 304", async () => {
    const order = await placed({ campaignCode: "SUMMER2025", notes: "<b>leave it</b>" });
    const { headers, body } = await call({ path: pathOf(order), token: order.customer });
    expect(body.data).toMatchObject({
      id: order.orderId,
      orderNumber: expect.stringMatching(/^ORD-\d{4}-\d{5,}$/),
      status: "PENDING",
      allowedStatuses: ["CANCELLED"],
      subtotal: 1200,
      tax: 180,
      total: 1380,
      notes: "<b>leave it</b>",
      version: 1,
      statusHistory: [{ status: "PENDING", by: "system" }],
      _links: { self: { href: pathOf(order) } },
    });
    expect(headers.get("etag")).toMatch(/^"1-[01]"$/);
    await issued(order, "order");
    const tag = (await call({ path: pathOf(order), token: order.customer })).headers.get("etag")!;
    expect(tag).toBe('"1-1"');
    for (const header of [tag, `W/${tag}`, `"9-9", ${tag}`, "*"]) {
      expect((await call({ path: pathOf(order), token: order.customer, headers: { "if-none-match": header } })).status).toBe(304);
    }
    expect((await call({ path: pathOf(order), token: order.customer, headers: { "if-none-match": '"1-0"' } })).status).toBe(200);
  });

  test("that does not exist is 404 with Retry-After: it may be on its way", async () => {
    const token = await tokenFor({ tenantId: newTenant() });
    for (const id of ["order_0000", "nonsense", "order_%2e%2e", "tenant_1"]) {
      const answer = await call({ path: `/v1.0/orders/${id}`, token });
      expect(answer, id).toMatchObject({ status: 404, body: refusal("ORDER_NOT_FOUND") });
      expect(answer.headers.get("retry-after")).toBe("1");
    }
  });

  test("has a public status by its signed link: nothing personal, bound to purpose and order", async () => {
    const order = await placed();
    const answer = await call({ path: order.statusUrl });
    expect(answer.body.data).toEqual({ orderId: order.orderId, orderNumber: expect.stringMatching(/^ORD-/), status: "PENDING" });
    const tampered = [
      order.statusUrl.replace("/status", "/invoice"),
      order.statusUrl.replace(/expires=\d+/, "expires=9999999999"),
      order.statusUrl.replace(/signature=../, "signature=AA"),
      order.statusUrl.replace(order.orderId, (await accepted()).orderId),
      `${order.statusUrl}A`,
    ];
    for (const path of tampered) expect(await call({ path }), path).toMatchObject({ status: 403, body: refusal("FORBIDDEN") });
  });

  test("says ACCEPTED by its link before it is recorded, and LINK_EXPIRED after its time", async () => {
    const { LinkSigningKey } = JSON.parse(readFileSync(join(service.local!.folder, "secrets.json"), "utf8"));
    const link = (days: number, id = "order_not-recorded-yet") =>
      signedLink({ current: LinkSigningKey }, "status", id, new Date(Date.now() - days * 24 * 3600_000));
    const answer = await call({ path: link(0) });
    expect(answer.body.data).toEqual({ orderId: "order_not-recorded-yet", orderNumber: null, status: "ACCEPTED" });
    expect(await call({ path: link(8) })).toMatchObject({ status: 403, body: refusal("LINK_EXPIRED") });
    expect((await call({ path: link(6.9) })).status).toBe(200);
  });

  test("has its document behind 302, or 200 for who names JSON; a document that is none is 400", async () => {
    const order = await placed();
    await issued(order, "order");
    const path = `${pathOf(order)}/invoice`;
    const redirect = await call({ path, token: order.customer, headers: { accept: "text/html,*/*" } });
    expect(redirect.status).toBe(302);
    const pdf = Buffer.from(await (await fetch(redirect.headers.get("location")!)).arrayBuffer());
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    const json = await call({ path, token: order.customer, headers: { accept: "application/json" } });
    expect(json).toMatchObject({
      status: 200,
      body: { data: { documentType: "order", url: expect.stringContaining("X-Amz-Expires=600") } },
    });
    const early = await call({ path: `${path}?type=taxInvoice`, token: order.customer });
    expect(early).toMatchObject({ status: 404, body: refusal("INVOICE_NOT_READY") });
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await call({ path: `${path}?type=receipt`, token: order.customer })).toMatchObject({
      status: 400,
      body: { details: [{ field: "type" }] },
    });
  });
});

describe.runIf(service.local)("a change", () => {
  test("by the customer cancels an unpaid order once; again it changes nothing", async () => {
    const order = await placed();
    const first = await change(order, { status: "cancelled", cancellationReason: "Not needed" });
    expect(first).toMatchObject({ status: 200, body: { data: { status: "CANCELLED", version: 2, allowedStatuses: [] } } });
    const again = await change(order, { status: "CANCELLED" });
    expect(again.body.data).toMatchObject({
      version: 2,
      statusHistory: [{ status: "PENDING" }, { status: "CANCELLED", reason: "Not needed" }],
    });
  });

  test("by the customer to anything else is FORBIDDEN or illegal, never done", async () => {
    const order = await placed();
    for (const status of ["PAID", "PROCESSING", "COMPLETED", "REFUNDED", "EXPIRED", "PAYMENT_PENDING", "PENDING_PAYMENT"]) {
      expect([400, 403], status).toContain((await change(order, { status })).status);
    }
    expect((await call({ path: pathOf(order), token: order.customer })).body.data).toMatchObject({ status: "PENDING", version: 1 });
  });

  test("with a stale version is a conflict that tells the current one, by header and by body", async () => {
    const order = await placed();
    const admin = await tokenFor({ roles: "Admin" });
    await change(order, { status: "PAYMENT_PENDING" }, admin);
    for (const [body, headers] of [
      [{ status: "CANCELLED", version: 1 }, undefined],
      [{ status: "CANCELLED" }, { "if-match": '"1"' }],
    ] as const) {
      const answer = await change(order, body, order.customer, headers);
      expect(answer).toMatchObject({ status: 409, body: refusal("VERSION_CONFLICT", { currentVersion: 2 }) });
    }
    expect((await change(order, { status: "CANCELLED" }, order.customer, { "if-match": '"2-0"' })).status).toBe(200);
  });

  test("without anything known in it, or of a wrong shape, is 400", async () => {
    const order = await placed();
    const bodies = [
      {},
      { colour: "red" },
      { status: "SHIPPED" },
      { status: 1 },
      { active: "no" },
      { version: 1.5 },
      { version: "1" },
      [],
      null,
      { status: "CANCELLED", cancellationReason: "x".repeat(501) },
    ];
    for (const body of bodies)
      expect(await change(order, body), JSON.stringify(body)?.slice(0, 60)).toMatchObject({
        status: 400,
        body: refusal("VALIDATION_ERROR"),
      });
    expect(await change(order, { status: "CANCELLED" }, order.customer, { "if-match": "1" })).toMatchObject({
      status: 400,
      body: { details: [{ field: "If-Match" }] },
    });
  });

  test("removes an unpaid order from the customer's view; an admin still sees it", async () => {
    const order = await placed();
    expect((await change(order, { active: false })).body.data).toMatchObject({ active: false, status: "CANCELLED" });
    expect((await call({ path: pathOf(order), token: order.customer })).status).toBe(404);
    const admin = await tokenFor({ roles: "Admin" });
    expect((await call({ path: pathOf(order), token: admin })).status).toBe(404);
    expect((await call({ path: `${pathOf(order)}?includeInactive=true`, token: admin })).status).toBe(200);
    expect((await call({ path: `${pathOf(order)}?includeInactive=true`, token: order.customer })).status).toBe(404);
    const list = async (token: string) =>
      (await call({ path: `/v1.0/tenants/${order.tenantId}/orders?includeInactive=true`, token })).body.data.count;
    expect([await list(order.customer), await list(admin)]).toEqual([0, 1]);
  });

  test("by Support cancels; System only marks PAYMENT_PENDING; neither restores nor removes", async () => {
    const order = await placed();
    const [support, system] = await Promise.all([tokenFor({ roles: "Support" }), tokenFor({ roles: "System" })]);
    expect((await change(order, { status: "PAYMENT_PENDING" }, support)).status).toBe(403);
    expect((await change(order, { active: false }, support)).status).toBe(403);
    expect((await change(order, { status: "CANCELLED" }, system)).status).toBe(403);
    const systemAndStranger = await tokenFor({ roles: ["Customer", "System"], tenantId: newTenant() });
    expect((await change(order, { status: "CANCELLED" }, systemAndStranger)).status).toBe(403);
    expect((await change(order, { status: "PAYMENT_PENDING" }, system)).body.data.status).toBe("PAYMENT_PENDING");
    expect((await change(order, { status: "CANCELLED" }, support)).body.data.status).toBe("CANCELLED");
  });

  test("by a suspended tenant's customer is refused", async () => {
    const order = await placed();
    const { tenants, client } = openTable();
    await tenants.setStatus(order.tenantId, "SUSPENDED");
    client.destroy();
    expect(await change(order, { status: "CANCELLED" })).toMatchObject({ status: 403, body: refusal("ACCOUNT_SUSPENDED") });
    expect((await call({ path: pathOf(order), token: order.customer })).status).toBe(200);
  });
});

describe.runIf(service.local)("a payment confirmation", () => {
  test("makes the order PAID with a tax-invoice number; the same again answers the same and writes nothing", async () => {
    const order = await placed();
    const body = payment({
      paymentMethod: "CARD",
      payfastPaymentId: "1089250",
      amountFee: -39.68,
      amountNet: 1685.32,
      paidAt: "2026-11-24T08:20:00Z",
    });
    const first = await pay(order, body);
    expect(first).toMatchObject({
      status: 200,
      body: {
        data: {
          id: order.orderId,
          status: "PAID",
          paymentReference: body.paymentReference,
          invoiceNumber: expect.stringMatching(/^INV-\d{4}-\d{5,}$/),
        },
      },
    });
    const again = await pay(order, body);
    expect(again.text).toBe(first.text);
    const { data } = (await call({ path: pathOf(order), token: order.customer })).body;
    expect(data).toMatchObject({ version: 2, paymentDetails: { amount: 1725, amountFee: -39.68, paidAt: "2026-11-24T08:20:00.000Z" } });
    expect(await pay(order)).toMatchObject({ status: 409, body: refusal("ORDER_ALREADY_PAID") });
  });

  test("of a reference that belongs to another order is refused", async () => {
    const [one, two] = await Promise.all([placed(), placed()]);
    const body = payment();
    expect((await pay(one, body)).status).toBe(200);
    expect(await pay(two, body)).toMatchObject({ status: 409, body: refusal("PAYMENT_REFERENCE_USED") });
  });

  test("of a wrong amount or currency is refused with both amounts", async () => {
    const order = await placed();
    for (const paymentAmount of [1724.99, 1725.01, 0]) {
      expect(await pay(order, payment({ paymentAmount }))).toMatchObject({
        status: 400,
        body: refusal("PAYMENT_AMOUNT_MISMATCH", { orderTotal: 1725, paymentAmount }),
      });
    }
    expect(await pay(order, payment({ paymentCurrency: "USD" }))).toMatchObject({ status: 400, body: refusal("PAYMENT_AMOUNT_MISMATCH") });
  });

  test("for a cancelled order is 422 before its amount is looked at; for an unknown one 404", async () => {
    const order = await placed();
    await change(order, { status: "CANCELLED" });
    expect(await pay(order, payment({ paymentAmount: 1 }))).toMatchObject({
      status: 422,
      body: refusal("INVALID_STATUS_TRANSITION", { currentStatus: "CANCELLED" }),
    });
    expect(await pay({ orderId: "order_unknown" })).toMatchObject({ status: 404, body: refusal("ORDER_NOT_FOUND") });
  });

  test("again after a refund still answers what is stored", async () => {
    const order = await placed();
    const body = payment();
    const first = await pay(order, body);
    const refunded = await change(order, { status: "REFUNDED" }, await tokenFor({ roles: "Admin" }));
    expect(refunded.body.data.status).toBe("REFUNDED");
    expect((await pay(order, body)).text).toBe(first.text);
    expect(await pay(order)).toMatchObject({ status: 422, body: refusal("INVALID_STATUS_TRANSITION", { currentStatus: "REFUNDED" }) });
  });

  test("needs the role or the scope", async () => {
    const order = await placed();
    const as = async (request: Parameters<typeof tokenFor>[0]) =>
      (
        await call({
          method: "POST",
          path: `${pathOf(order)}/paymentconfirmation`,
          token: await tokenFor(request),
          body: payment({ paymentAmount: 1 }),
        })
      ).status;
    expect(await as({ tenantId: order.tenantId })).toBe(403);
    expect(await as({ roles: "Support" })).toBe(403);
    expect(await as({ scope: "orders/read" })).toBe(403);
    // Allowed, and refused for the amount only.
    expect(await as({ scope: "openid orders/payment.confirm" })).toBe(400);
    expect(await as({ roles: "admin" })).toBe(400);
  });

  test("of one reference 50 times at once: one PAID, one invoice number, one mail", async () => {
    const order = await placed({ customerEmail: `${newTenant()}@example.com` });
    const system = await tokenFor({ roles: "System" });
    const body = payment();
    const confirm = () => call({ method: "POST", path: `${pathOf(order)}/paymentconfirmation`, token: system, body });
    const answers = await Promise.all(Array.from({ length: 50 }, confirm));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { invoiceNumber } = answers[0]!.body.data;
    const { data } = (await call({ path: pathOf(order), token: order.customer })).body;
    expect(data.statusHistory.filter(({ status }: { status: string }) => status === "PAID")).toHaveLength(1);
    const mails = () =>
      mailsOf(service, invoiceNumber).then((found) => found.filter(({ subject }) => subject.startsWith("Payment Received")));
    await eventually(async () => ((await mails()).length > 0 ? true : undefined), 120_000);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await mails()).toHaveLength(1);
  });
});

describe.runIf(service.local)("a list", () => {
  test("refuses what it cannot use, naming the field", async () => {
    const token = await tokenFor({ tenantId: newTenant() });
    const rows: [string, string][] = [
      ...["0", "101", "-1", "1.5", "ten", ""].map((size): [string, string] => [`pageSize=${size}`, "pageSize"]),
      ["status=SHIPPED", "status"],
      ["status=PAID,SHIPPED", "status"],
      ["fromDate=yesterday", "fromDate"],
      ["fromDate=2026-02-30", "fromDate"],
      ["toDate=2026-13-01", "toDate"],
      ["fromDate=2026-11-02&toDate=2026-11-01", "toDate"],
      ["includeInactive=maybe", "includeInactive"],
    ];
    for (const [query, field] of rows) {
      const answer = await call({ path: `/v1.0/orders?${query}`, token });
      expect(answer, query).toMatchObject({ status: 400, body: { error: "VALIDATION_ERROR", details: [{ field }] } });
    }
  });

  test("filters by status and date, and binds its page token to tenant and filters", async () => {
    const tenantId = newTenant();
    const orders = await Promise.all([placed({}, tenantId), placed({}, tenantId), placed({}, tenantId)]);
    const [cancelled] = orders as [Placed, Placed, Placed];
    await change(cancelled, { status: "CANCELLED" });
    const list = async (query: string, token = cancelled.customer) => call({ path: `/v1.0/orders?${query}`, token });
    const ids = async (query: string) =>
      (
        await eventually(async () => {
          const { body } = await list(query);
          return body.data;
        })
      ).items.map(({ id }: { id: string }) => id);
    await eventually(async () => ((await ids("status=CANCELLED")).length === 1 ? true : undefined));
    expect(await ids("status=cancelled,PAID")).toEqual([cancelled.orderId]);
    expect(await ids("status=CANCELLED&status=PENDING")).toHaveLength(3);
    expect(await ids("status=PENDING_PAYMENT")).toEqual([]);
    const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Africa/Johannesburg" }).format(new Date());
    expect(await ids(`fromDate=${today}&toDate=${today}`)).toHaveLength(3);
    expect(await ids("toDate=2020-01-01")).toEqual([]);
    const page = await list("pageSize=2");
    expect(page.body.data).toMatchObject({ count: 2, moreAvailable: true, startAt: expect.any(String) });
    const token = encodeURIComponent(page.body.data.startAt);
    expect((await list(`pageSize=1&startAt=${token}`)).body.data).toMatchObject({ count: 1, moreAvailable: false, startAt: null });
    const invalid = refusal("INVALID_PAGINATION_TOKEN");
    expect(await list(`status=PENDING&startAt=${token}`)).toMatchObject({ status: 400, body: invalid });
    expect(await list(`startAt=${token}x`)).toMatchObject({ status: 400, body: invalid });
    expect(await list(`startAt=${Buffer.from('{"PK":"TENANT#other"}').toString("base64")}`)).toMatchObject({ status: 400, body: invalid });
    expect(await list(`startAt=${token}`, await tokenFor({ tenantId: newTenant() }))).toMatchObject({ status: 400, body: invalid });
    const summary = page.body.data.items[0];
    expect(Object.keys(summary).sort()).toEqual([
      "active",
      "currency",
      "customerEmail",
      "dateCreated",
      "dateLastUpdated",
      "id",
      "itemsCount",
      "orderNumber",
      "status",
      "tenantId",
      "total",
    ]);
  });
});
