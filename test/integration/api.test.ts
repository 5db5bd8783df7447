import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeCursor } from "@bbws/core/cursor.ts";
import { sha256 } from "@bbws/core/id.ts";
import { isRefused } from "@bbws/core/order/idempotency.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { type Orders, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { signedLink } from "@bbws/core/signed-link.ts";
import { type Tenants, tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { type Issuer, startIssuer } from "@bbws/local/emulators/issuer.ts";
import { createAuthoriser } from "@bbws/local/gateway/authoriser.ts";
import { createCors } from "@bbws/local/gateway/cors.ts";
import { createGateway, type Gateway } from "@bbws/local/gateway/gateway.ts";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { FunctionName } from "../../infra/settings.ts";
import { awsError, contextOf, type Functions, signingKey, startFunctions } from "../support/functions.ts";
import { acceptedOrder } from "../support/order.ts";

/**
 * The four API functions behind the gateway, in this process: what they write, what they send, and what they answer
 * when something below them fails. The contract itself is test/contract's.
 */

let functions: Functions;
let gateway: Gateway;
let issuer: Issuer;
let orders: Orders;
let tenants: Tenants;
const folder = mkdtempSync(join(tmpdir(), "bbws-order-test-"));
const keys = { current: signingKey };
type Handler = (event: never, context: Context) => Promise<unknown>;
const handlers: Partial<Record<FunctionName, Handler>> = {};
const updateOrder = async () => (await import("@bbws/functions/api/update-order.ts")).handler as Handler;

beforeAll(async () => {
  issuer = await startIssuer(folder);
  functions = await startFunctions(["GetOrder", "ListOrders", "UpdateOrder", "CreateOrder"], {
    TOKEN_JWKS_URI: issuer.jwksUri,
    GUEST_ORDERS_PER_HOUR: "3",
    // They go through the console, as the log lines do.
    POWERTOOLS_METRICS_DISABLED: "false",
  });
  Object.assign(handlers, {
    CreateOrder: (await import("@bbws/functions/api/create-order.ts")).handler,
    GetOrder: (await import("@bbws/functions/api/get-order.ts")).handler,
    ListOrders: (await import("@bbws/functions/api/list-orders.ts")).handler,
    UpdateOrder: await updateOrder(),
  });
  gateway = createGateway({
    cors: createCors([]),
    authorise: createAuthoriser(issuer.jwksUri),
    invoke: (name, event) => handlers[name]!(event as never, contextOf(name)),
  });
  orders = ordersOf(functions.table, () => new Date());
  tenants = tenantsOf(functions.table, () => new Date());
});
afterAll(async () => {
  await issuer.stop();
  await functions.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  functions.healthy();
  await functions.purge("OrderCreationQueue");
});

type Call = { as?: Parameters<Issuer["token"]>[0]; headers?: Record<string, string>; body?: unknown };

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asserts out of any answer.
type Answer = { status: number; headers: Record<string, string | string[]>; body: any };

async function call(method: string, target: string, { as, headers = {}, body }: Call = {}): Promise<Answer> {
  const sent: Record<string, string> = {
    host: "orders-api.test",
    ...(as && { authorization: `Bearer ${await issuer.token(as)}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
    ...headers,
  };
  const answer = await gateway({
    method,
    target,
    rawHeaders: Object.entries(sent).flat(),
    body: body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    httpVersion: "1.1",
    sourceIp: "127.0.0.1",
  });
  const text = answer.body.toString();
  return { ...answer, body: text === "" ? undefined : JSON.parse(text) };
}

const customer = { tenantId: "tenant-a", sub: "user-1" };
const admin = { tenantId: "office", sub: "admin-1", roles: "Admin" };
const support = { tenantId: "office", sub: "support-1", roles: "Support" };
const system = { sub: "payments", roles: "System" };

let guests = 0;
const checkout = (changes: Record<string, unknown> = {}) => {
  guests += 1;
  return {
    customerEmail: `guest-${guests}@example.co.za`,
    items: [{ productId: "PROD-002", quantity: 1 }],
    billingAddress: { street: "12 Long Street", city: "Cape Town", postalCode: "8001" },
    ...changes,
  };
};

async function recorded(changes: Partial<Order> = {}): Promise<Order> {
  const order = acceptedOrder({ dateCreated: new Date().toISOString(), ...changes });
  await orders.record([{ order, correlationId: "c-1" }]);
  return (await orders.get(order.tenantId, order.id))!;
}
const payment = (order: Order, changes: Record<string, unknown> = {}) => ({
  paymentReference: `PF-${order.id}`,
  paymentMethod: "payfast",
  paymentAmount: order.total / 100,
  paymentCurrency: "ZAR",
  ...changes,
});

describe("creating an order", () => {
  it("puts the priced order on the queue, and says so", async () => {
    const answer = await call("POST", "/v1.0/tenants/tenant-a/orders", {
      as: customer,
      body: checkout({ campaignCode: "summer2025", totalAmount: 1380 }),
      headers: { "x-correlation-id": "c-42" },
    });
    expect(answer).toMatchObject({
      status: 202,
      body: { success: true, data: { status: "PENDING", subtotal: 1200, discount: 300, tax: 180, total: 1380, currency: "ZAR" } },
    });
    const { orderId } = answer.body.data;
    expect(answer.headers).toMatchObject({
      location: `/v1.0/orders/${orderId}`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const [message, ...more] = await functions.bodies("OrderCreationQueue");
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      eventId: `${orderId}:0:order.accepted`,
      type: "order.accepted",
      version: "1.0",
      correlationId: "c-42",
      order: {
        id: orderId,
        tenantId: "tenant-a",
        source: "api",
        createdBy: "user-1",
        subtotal: 120_000,
        total: 138_000,
        campaign: { code: "SUMMER2025" },
        billingAddress: { country: "ZA" },
      },
    });
  });

  it("as a guest names no tenant, neither in the answer nor in the message", async () => {
    const answer = await call("POST", "/v1.0/orders", { body: checkout() });
    expect(answer.status).toBe(202);
    expect(JSON.stringify(answer.body)).not.toMatch(/tenant/i);
    const [message] = await functions.bodies("OrderCreationQueue");
    expect(message).toMatchObject({ order: { source: "guest", createdBy: "guest" } });
    expect(message!.order).not.toHaveProperty("tenantId");
  });

  it("with a good token on the guests' route is the tenant's order", async () => {
    await call("POST", "/v1.0/orders", { as: customer, body: checkout() });
    expect((await functions.bodies("OrderCreationQueue"))[0]).toMatchObject({ order: { tenantId: "tenant-a", source: "api" } });
  });

  it.each(["Bearer x", "Basic dTpw", "", "Bearer ", "Bearer a.b.c"])(
    "with the bad token %j on the guests' route is 401, never a guest's",
    async (authorization) => {
      const answer = await call("POST", "/v1.0/orders", { body: checkout(), headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: { error: "UNAUTHORIZED" } });
      expect(await functions.bodies("OrderCreationQueue")).toEqual([]);
    },
  );

  it.each([
    ["of another audience", { claims: { client_id: "another" } }],
    ["that has run out", { expiresIn: -60 }],
    ["of another use", { claims: { token_use: "refresh" } }],
  ])("with a token %s is 401", async (_, wrong) => {
    expect((await call("POST", "/v1.0/orders", { as: { ...customer, ...wrong }, body: checkout() })).status).toBe(401);
  });

  it("with a key is remembered: the same again is the same answer and the very same message, another body is refused", async () => {
    const headers = { "idempotency-key": "key-1" };
    const body = checkout();
    const first = await call("POST", "/v1.0/orders", { body, headers });
    const second = await call("POST", "/v1.0/orders", { body, headers });
    expect(first.headers).not.toHaveProperty("idempotent-replayed");
    expect(second.headers).toMatchObject({ "idempotent-replayed": "true", location: first.headers.location });
    expect(second.body).toEqual(first.body);
    const [one, two] = (await functions.messages("OrderCreationQueue")).map((message) => message.body);
    expect(two).toBe(one);
    const other = await call("POST", "/v1.0/orders", { body: { ...body, notes: "more" }, headers });
    expect(other).toMatchObject({ status: 422, body: { error: "IDEMPOTENCY_KEY_REUSED" } });
  });

  it("twenty times at once with one key is one order", async () => {
    const body = checkout();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call("POST", "/v1.0/tenants/tenant-a/orders", { as: customer, body, headers: { "idempotency-key": "key-20" } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => answer.body.data.orderId)).size).toBe(1);
    expect(new Set((await functions.messages("OrderCreationQueue")).map((message) => message.body)).size).toBe(1);
  });

  it("while the queue is down is 503 and no order; the repeat with the key completes it under the same id", async () => {
    functions.onCall(({ action }) => {
      if (action === "SendMessage") throw awsError("ServiceUnavailable");
    });
    const body = checkout();
    const headers = { "idempotency-key": "key-down" };
    const down = await call("POST", "/v1.0/orders", { body, headers });
    expect(down).toMatchObject({ status: 503, body: { error: "QUEUE_UNAVAILABLE" } });
    expect(Number(down.headers["retry-after"])).toBeGreaterThan(0);
    expect(await functions.bodies("OrderCreationQueue")).toEqual([]);
    // Nobody was told that there is an order, also not by a repeat that is refused: reconcile leaves it alone.
    const remembered = async () =>
      (await functions.table.items()).find(
        ({ PK }) => PK === `IDEMPOTENCY#${sha256(`guest:${body.customerEmail}`)}#${sha256("key-down")}`,
      ) as { unsent?: boolean; sentAgain?: boolean };
    expect(isRefused(await remembered())).toBe(true);
    expect((await call("POST", "/v1.0/orders", { body, headers })).status).toBe(503);
    expect(isRefused(await remembered())).toBe(true);
    functions.healthy();
    const told = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const accepted = () => told.mock.calls.filter(([line]) => String(line).includes("OrdersAccepted")).length;
    const up = await call("POST", "/v1.0/orders", { body, headers });
    expect(up.status).toBe(202);
    expect(isRefused(await remembered())).toBe(false);
    // The repeat is the first that was accepted, and the one after it is not.
    expect(accepted()).toBe(1);
    expect((await call("POST", "/v1.0/orders", { body, headers })).status).toBe(202);
    expect(accepted()).toBe(1);
    told.mockRestore();
    expect((await functions.bodies("OrderCreationQueue"))[0]).toMatchObject({ order: { id: up.body.data.orderId } });
  });

  it("whose repeat is refused stays accepted, and one whose repeat succeeds is accepted however late its own failure is noted", async () => {
    const down = () =>
      functions.onCall(({ action }) => {
        if (action === "SendMessage") throw awsError("ServiceUnavailable");
      });
    const marksOf = async (orderId: string) =>
      (await functions.table.items()).find((item) => item.orderId === orderId && item.message) as object;
    const create = (key: string, body: object) => call("POST", "/v1.0/orders", { body, headers: { "idempotency-key": key } });
    const body = checkout();
    const first = await create("key-late-down", body);
    down();
    expect((await create("key-late-down", body)).status).toBe(503);
    expect(isRefused(await marksOf(first.body.data.orderId))).toBe(false);

    // The first is refused; before it notes that, a repeat succeeds.
    const late = checkout();
    let repeated: Awaited<ReturnType<typeof create>> | undefined;
    functions.onCall(async ({ action, input }) => {
      if (action === "SendMessage" && !repeated) throw awsError("ServiceUnavailable");
      if (!action.startsWith("Update") || !JSON.stringify(input).includes("unsent") || repeated) return;
      functions.healthy();
      repeated = await create("key-late-note", late);
    });
    expect((await create("key-late-note", late)).status).toBe(503);
    expect(repeated?.status).toBe(202);
    expect(await marksOf(repeated!.body.data.orderId)).toMatchObject({ unsent: true, sentAgain: true });
    expect(isRefused(await marksOf(repeated!.body.data.orderId))).toBe(false);
  });

  it("while the catalogue is down is 503", async () => {
    functions.onCall(({ service }) => {
      if (service === "catalogue") throw new Error("no route to the catalogue");
    });
    expect(await call("POST", "/v1.0/orders", { body: checkout() })).toMatchObject({
      status: 503,
      body: { error: "UPSTREAM_UNAVAILABLE" },
    });
  });

  it("while the table is down with a key is 500 that says nothing", async () => {
    functions.onCall(({ service }) => {
      if (service === "dynamodb") throw awsError("InternalServerError of table orders-secret", 500);
    });
    const answer = await call("POST", "/v1.0/orders", { body: checkout(), headers: { "idempotency-key": "k" } });
    expect(answer).toMatchObject({ status: 500, body: { success: false, error: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) } });
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|table|at /i);
  });

  it("is refused to a suspended tenant and to the system, and to a guest beyond the hour's limit", async () => {
    await tenants.setStatus("suspended", "SUSPENDED");
    expect(await call("POST", "/v1.0/orders", { as: { tenantId: "suspended" }, body: checkout() })).toMatchObject({
      status: 403,
      body: { error: "ACCOUNT_SUSPENDED" },
    });
    expect(await call("POST", "/v1.0/orders", { as: system, body: checkout() })).toMatchObject({
      status: 403,
      body: { error: "FORBIDDEN" },
    });
    const body = checkout({ customerEmail: "eager@example.co.za" });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await call("POST", "/v1.0/orders", { body })).status);
    expect(statuses).toEqual([202, 202, 202, 429]);
  });

  it("at a total that is not today's is refused with both", async () => {
    expect(await call("POST", "/v1.0/orders", { body: checkout({ totalAmount: 1 }) })).toMatchObject({
      status: 409,
      body: { error: "PRICE_CHANGED", details: { expected: 1725, received: 1 } },
    });
    expect((await call("POST", "/v1.0/orders", { body: checkout({ totalAmount: 1500 }) })).status).toBe(202);
  });

  it.each([
    ["not JSON", "{", { "content-type": "application/json" }, 400, "INVALID_JSON"],
    ["not UTF-8", Buffer.from([0x7b, 0xff]).toString("latin1"), { "content-type": "text/plain" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["no JSON by its type", "{}", { "content-type": "text/html" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["too large", JSON.stringify({ notes: "x".repeat(101 * 1024) }), {}, 413, "PAYLOAD_TOO_LARGE"],
    ["of a JSON dialect but empty", "{}", { "content-type": "application/vnd.api+json; charset=utf-8" }, 400, "VALIDATION_ERROR"],
    ["with a blank key", checkout(), { "idempotency-key": "   " }, 400, "VALIDATION_ERROR"],
    ["with a key that is too long", checkout(), { "idempotency-key": "k".repeat(129) }, 400, "VALIDATION_ERROR"],
  ] as [string, unknown, Record<string, string>, number, string][])("with a body that is %s", async (_, body, headers, status, error) => {
    expect(await call("POST", "/v1.0/orders", { body, headers })).toMatchObject({ status, body: { error } });
  });
});

describe("reading an order", () => {
  it("shows it to its tenant with its tag, and not again to who has that version", async () => {
    const order = await recorded();
    const shown = await call("GET", `/v1.0/orders/${order.id}`, { as: customer });
    expect(shown).toMatchObject({
      status: 200,
      headers: { etag: '"1-0"' },
      body: { data: { id: order.id, total: 1725, allowedStatuses: ["CANCELLED"] } },
    });
    for (const tag of ['"1-0"', '"9-9", W/"1-0"', "*"]) {
      expect(await call("GET", `/v1.0/orders/${order.id}`, { as: customer, headers: { "if-none-match": tag } })).toMatchObject({
        status: 304,
        body: undefined,
      });
    }
    expect((await call("GET", `/v1.0/orders/${order.id}`, { as: customer, headers: { "if-none-match": '"1-1"' } })).status).toBe(200);
  });

  it("is possible for support across tenants, and for nobody else", async () => {
    const order = await recorded();
    expect((await call("GET", `/v1.0/orders/${order.id}`, { as: support })).status).toBe(200);
    expect((await call("GET", `/v1.0/tenants/tenant-a/orders/${order.id}`, { as: support })).status).toBe(200);
    expect(await call("GET", `/v1.0/orders/${order.id}`, { as: { tenantId: "tenant-b" } })).toMatchObject({
      status: 404,
      headers: { "retry-after": "1" },
    });
    expect((await call("GET", `/v1.0/orders/${order.id}`, { as: { tenantIds: ["tenant-b", "tenant-a"] } })).status).toBe(200);
    expect((await call("GET", `/v1.0/orders/${order.id}`, { as: { tenantIds: ["tenant-b", "tenant-c"] } })).status).toBe(404);
    expect((await call("GET", `/v1.0/tenants/tenant-a/orders/${order.id}`, { as: { tenantId: "tenant-b" } })).body.error).toBe(
      "TENANT_ACCESS_DENIED",
    );
    expect((await call("GET", `/v1.0/orders/${order.id}`, { as: {} })).body.error).toBe("TENANT_CLAIM_MISSING");
    expect((await call("GET", `/v1.0/orders/${order.id}`, { as: system })).body.error).toBe("FORBIDDEN");
    expect((await call("GET", `/v1.0/orders/${order.id}`)).status).toBe(401);
    expect((await call("GET", "/v1.0/orders/nonsense", { as: customer })).status).toBe(404);
  });

  it("that was removed is for an admin who asks for such", async () => {
    const order = await recorded();
    await orders.update(order, { to: "CANCELLED", active: false }, { by: "user-1", correlationId: "c" });
    const path = `/v1.0/orders/${order.id}`;
    expect((await call("GET", path, { as: customer })).status).toBe(404);
    expect((await call("GET", `${path}?includeInactive=true`, { as: customer })).status).toBe(404);
    expect((await call("GET", path, { as: admin })).status).toBe(404);
    expect((await call("GET", `${path}?includeInactive=true`, { as: admin })).status).toBe(200);
  });

  it("by a signed link tells the status and nothing personal, before the record and after", async () => {
    const order = await recorded();
    const link = signedLink(keys, "status", order.id, new Date());
    expect((await call("GET", link)).body.data).toEqual({ orderId: order.id, orderNumber: order.orderNumber, status: "PENDING" });
    const early = signedLink(keys, "status", "order_early", new Date());
    expect((await call("GET", early)).body.data).toEqual({ orderId: "order_early", orderNumber: null, status: "ACCEPTED" });
    expect((await call("GET", signedLink(keys, "status", order.id, new Date(0)))).body.error).toBe("LINK_EXPIRED");
    expect((await call("GET", link.replace(order.id, "order_other"))).body.error).toBe("FORBIDDEN");
  });
});

describe("an invoice", () => {
  const document = { key: "tenant-a/orders/api.pdf", sha256: sha256("x"), issuedAt: new Date().toISOString() };

  it("is a redirect to a URL that opens it, or the URL for those who ask for JSON", async () => {
    const order = await recorded();
    const path = `/v1.0/orders/${order.id}/invoice`;
    expect(await call("GET", path, { as: customer })).toMatchObject({
      status: 404,
      body: { error: "INVOICE_NOT_READY" },
      headers: { "retry-after": "2" },
    });
    await functions.putObject("DocumentsBucket", document.key, "%PDF");
    await orders.setDocument(order, "order", document);
    const moved = await call("GET", path, { as: customer, headers: { accept: "*/*" } });
    expect(moved.status).toBe(302);
    expect(await (await fetch(String(moved.headers.location))).text()).toBe("%PDF");
    const asked = await call("GET", `${path}?type=order`, { as: customer, headers: { accept: "application/json" } });
    expect(asked.body.data).toMatchObject({ documentType: "order", url: expect.stringContaining("X-Amz-Expires=600") });
    expect(Date.parse(asked.body.data.expiresAt) - Date.now()).toBeGreaterThan(590_000);
    expect((await call("GET", `${path}?type=taxInvoice`, { as: customer })).body.error).toBe("INVOICE_NOT_READY");
    expect((await call("GET", `${path}?type=receipt`, { as: customer })).body).toMatchObject({
      error: "VALIDATION_ERROR",
      details: [{ field: "type" }],
    });
  });

  it("opens by the signed link of a mail, not by the link for the status, and not once the order was removed", async () => {
    const order = await recorded();
    await orders.setDocument(order, "order", document);
    const link = signedLink(keys, "invoice", order.id, new Date());
    expect((await call("GET", link)).status).toBe(302);
    expect((await call("GET", signedLink(keys, "status", order.id, new Date()).replace("/status", "/invoice"))).body.error).toBe(
      "FORBIDDEN",
    );
    await orders.update(order, { to: "CANCELLED", active: false }, { by: "u", correlationId: "c" });
    expect((await call("GET", link)).body.error).toBe("ORDER_NOT_FOUND");
  });
});

describe("a list", () => {
  it("is the tenant's own, page by page, and its token is good for this list only", async () => {
    const made: string[] = [];
    for (let n = 0; n < 3; n++) made.push((await recorded({ tenantId: "lister", dateCreated: new Date(Date.now() + n).toISOString() })).id);
    const as = { tenantId: "lister" };
    const first = await call("GET", "/v1.0/orders?pageSize=2", { as });
    expect(first.body.data).toMatchObject({ count: 2, moreAvailable: true, items: [{ id: made[2] }, { id: made[1] }] });
    const startAt = encodeURIComponent(first.body.data.startAt);
    const second = await call("GET", `/v1.0/tenants/lister/orders?pageSize=2&startAt=${startAt}`, { as });
    expect(second.body.data).toMatchObject({ count: 1, moreAvailable: false, startAt: null, items: [{ id: made[0] }] });
    for (const other of [`/v1.0/orders?status=PAID&startAt=${startAt}`, `/v1.0/orders?startAt=${startAt}x`]) {
      expect((await call("GET", other, { as })).body.error).toBe("INVALID_PAGINATION_TOKEN");
    }
    expect((await call("GET", `/v1.0/orders?startAt=${startAt}`, { as: { tenantId: "tenant-b" } })).body.error).toBe(
      "INVALID_PAGINATION_TOKEN",
    );
    const forged = encodeCursor({ current: "another key" }, { tenantId: "lister", filters: "" }, "x#y", new Date());
    expect((await call("GET", `/v1.0/orders?startAt=${forged}`, { as })).status).toBe(400);
  });

  it("is another's for support and admin only, and needs one tenant", async () => {
    expect((await call("GET", "/v1.0/tenants/lister/orders", { as: support })).body.data.count).toBe(3);
    expect((await call("GET", "/v1.0/tenants/lister/orders", { as: customer })).body.error).toBe("TENANT_ACCESS_DENIED");
    expect((await call("GET", "/v1.0/orders", { as: { tenantIds: ["a", "b"] } })).body.error).toBe("TENANT_CLAIM_MISSING");
    expect((await call("GET", "/v1.0/orders", { as: system })).body.error).toBe("FORBIDDEN");
    expect((await call("GET", "/v1.0/tenants/a.b/orders", { as: admin })).body).toMatchObject({
      error: "VALIDATION_ERROR",
      details: [{ field: "tenantId" }],
    });
  });

  it("filters by status and time, and names what is wrong with a query", async () => {
    const as = { tenantId: "lister" };
    expect((await call("GET", "/v1.0/orders?status=pending,paid&status=EXPIRED", { as })).body.data.count).toBe(3);
    expect((await call("GET", "/v1.0/orders?status=PAID", { as })).body.data.count).toBe(0);
    expect((await call("GET", "/v1.0/orders?toDate=2020-01-01", { as })).body.data.count).toBe(0);
    expect((await call("GET", "/v1.0/orders?pageSize=0", { as })).body.details).toEqual([
      { field: "pageSize", message: expect.any(String) },
    ]);
  });
});

describe("changing an order", () => {
  const put = (order: Order, body: unknown, as: Call["as"], headers: Record<string, string> = {}) =>
    call("PUT", `/v1.0/orders/${order.id}`, { as, body, headers });

  it("cancels it for its customer, with the reason, and again changes nothing", async () => {
    const order = await recorded();
    const cancelled = await put(order, { status: "cancelled", cancellationReason: "Ordered twice" }, customer);
    expect(cancelled).toMatchObject({
      status: 200,
      headers: { etag: '"2-0"' },
      body: { data: { status: "CANCELLED", cancellationReason: "Ordered twice", lastUpdatedBy: "user-1" } },
    });
    expect(await put(order, { status: "CANCELLED" }, customer)).toMatchObject({ status: 200, headers: { etag: '"2-0"' } });
  });

  it("is refused on a stale version, by header or by body", async () => {
    const order = await recorded();
    await put(order, { status: "PAYMENT_PENDING" }, system);
    const stale = { status: 409, body: { error: "VERSION_CONFLICT", details: { currentVersion: 2 } } };
    expect(await put(order, { status: "CANCELLED" }, customer, { "if-match": '"1"' })).toMatchObject(stale);
    expect(await put(order, { status: "CANCELLED", version: 1 }, customer)).toMatchObject(stale);
    expect(await put(order, { status: "CANCELLED" }, customer, { "if-match": "two" })).toMatchObject({
      status: 400,
      body: { details: [{ field: "If-Match" }] },
    });
    expect((await put(order, { status: "CANCELLED" }, customer, { "if-match": '"2-0"' })).status).toBe(200);
  });

  it("without a version is tried three times against changes meanwhile", async () => {
    const order = await recorded();
    let losses = 2;
    const lose = () =>
      functions.onCall(({ action }) => {
        if (!action.startsWith("Update") || losses === 0) return;
        losses -= 1;
        throw awsError("ConditionalCheckFailedException", 400);
      });
    lose();
    expect((await put(order, { status: "CANCELLED" }, customer)).status).toBe(200);
    const other = await recorded();
    losses = 3;
    expect(await put(other, { status: "CANCELLED" }, customer)).toMatchObject({ status: 409, body: { error: "VERSION_CONFLICT" } });
  });

  it("is for those who may", async () => {
    const order = await recorded();
    expect((await put(order, { status: "PAID" }, customer)).body.error).toBe("FORBIDDEN");
    expect((await put(order, { status: "CANCELLED" }, { tenantId: "tenant-b" })).body.error).toBe("ORDER_NOT_FOUND");
    expect((await put(order, { status: "PROCESSING" }, admin)).body).toMatchObject({
      error: "INVALID_STATUS_TRANSITION",
      details: { currentStatus: "PENDING" },
    });
    const suspended = await recorded({ tenantId: "suspended-2" });
    await tenants.setStatus("suspended-2", "SUSPENDED");
    expect((await put(suspended, { status: "CANCELLED" }, { tenantId: "suspended-2" })).body.error).toBe("ACCOUNT_SUSPENDED");
    expect(
      (await call("PUT", `/v1.0/tenants/suspended-2/orders/${suspended.id}`, { as: support, body: { status: "CANCELLED" } })).status,
    ).toBe(200);
    expect((await put(order, { active: false }, customer)).body.data).toMatchObject({ active: false, status: "CANCELLED" });
    expect((await put(order, { active: true }, customer)).status).toBe(404);
    expect((await put(order, { active: true }, admin)).body.data.active).toBe(true);
  });
});

describe("confirming a payment", () => {
  const confirm = (order: Pick<Order, "id">, body: unknown, as: Call["as"] = system) =>
    call("POST", `/v1.0/orders/${order.id}/paymentconfirmation`, { as, body });

  it("makes the order PAID and answers stored values, the same for a repeat", async () => {
    const order = await recorded();
    const body = payment(order, { payfastPaymentId: "9", amountFee: 1.5, amountNet: 1723.5, paidAt: "2026-11-24T08:00:00Z" });
    const first = await confirm(order, body);
    expect(first).toMatchObject({
      status: 200,
      body: { data: { status: "PAID", paymentReference: `PF-${order.id}`, invoiceNumber: expect.stringMatching(/^INV-\d{4}-\d{5}$/) } },
    });
    expect((await confirm(order, body)).body).toEqual(first.body);
    expect(await orders.get(order.tenantId, order.id)).toMatchObject({
      lastUpdatedBy: "system",
      paymentDetails: { amountFee: 150, amountNet: 172_350, payfastPaymentId: "9" },
    });
    expect((await confirm(order, payment(order, { paymentReference: "other" }))).body.error).toBe("ORDER_ALREADY_PAID");
  });

  it("is for the system, an admin, or a token with the scope", async () => {
    const order = await recorded();
    expect((await confirm(order, payment(order), customer)).body.error).toBe("FORBIDDEN");
    expect((await confirm(order, payment(order), support)).body.error).toBe("FORBIDDEN");
    expect((await confirm(order, payment(order), { sub: "machine", scope: "orders/payment.confirm" })).status).toBe(200);
    expect(await orders.get(order.tenantId, order.id)).toMatchObject({ lastUpdatedBy: "machine" });
  });

  it("for a dead order is 422, for an unknown one 404, for a wrong amount 400", async () => {
    const order = await recorded();
    expect((await confirm(order, payment(order, { paymentAmount: 1 }))).body).toMatchObject({
      error: "PAYMENT_AMOUNT_MISMATCH",
      details: { orderTotal: 1725, paymentAmount: 1 },
    });
    await orders.update(order, { to: "CANCELLED" }, { by: "u", correlationId: "c" });
    expect(await confirm(order, payment(order))).toMatchObject({ status: 422, body: { error: "INVALID_STATUS_TRANSITION" } });
    expect((await confirm({ id: "order_none" }, payment(order))).status).toBe(404);
    expect((await confirm({ id: "none" }, payment(order))).status).toBe(404);
  });
});

describe("where the stage stands by", () => {
  let before: Handler | undefined;
  beforeAll(async () => {
    before = handlers.UpdateOrder;
    vi.stubEnv("STANDS_BY", "yes");
    vi.resetModules();
    handlers.UpdateOrder = await updateOrder();
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    handlers.UpdateOrder = before;
  });

  it("nothing is numbered: payments and refunds are to be repeated, and change nothing", async () => {
    const [unpaid, order] = [await recorded(), await recorded()];
    const { order: paid } = await orders.confirmPayment(
      order.id,
      { paymentReference: `PF-${order.id}`, method: "payfast", amount: order.total, currency: order.currency },
      { by: "system", correlationId: "c" },
    );
    const asked = [
      await call("POST", `/v1.0/orders/${unpaid.id}/paymentconfirmation`, { as: system, body: payment(unpaid) }),
      await call("PUT", `/v1.0/orders/${paid.id}`, { as: admin, body: { status: "REFUNDED" } }),
    ];
    for (const answer of asked) {
      expect(answer).toMatchObject({ status: 503, body: { error: "TRY_AGAIN" } });
      expect(answer.headers["retry-after"] ?? answer.headers["Retry-After"]).toBe("60");
    }
    expect([await orders.get(unpaid.tenantId, unpaid.id), await orders.get(paid.tenantId, paid.id)]).toEqual([unpaid, paid]);
  });

  it("what needs no number is done", async () => {
    const order = await recorded();
    const cancelled = await call("PUT", `/v1.0/orders/${order.id}`, { as: customer, body: { status: "CANCELLED" } });
    expect(cancelled.body.data.status).toBe("CANCELLED");
  });
});

describe("everything else", () => {
  it("has a health page, the API's description, and 404 or 405 in the envelope", async () => {
    expect((await call("GET", "/health")).body).toEqual({
      status: "ok",
      service: "bbws-order",
      version: expect.any(String),
      stage: "local",
    });
    expect((await call("GET", "/v1.0/openapi.json")).body.openapi).toMatch(/^3\.1/);
    expect(await call("GET", "/nothing")).toMatchObject({ status: 404, body: { success: false, error: "NOT_FOUND" } });
    expect(await call("DELETE", "/v1.0/orders/order_1")).toMatchObject({
      status: 405,
      headers: { allow: "GET, PUT" },
      body: { error: "METHOD_NOT_ALLOWED" },
    });
  });

  it("carries the request's id and takes no correlation id that could break a log", async () => {
    const answer = await call("POST", "/v1.0/orders", { body: checkout(), headers: { "x-correlation-id": 'x"\\n{}' } });
    const [message] = await functions.bodies("OrderCreationQueue");
    expect(message!.correlationId).toBe(answer.headers["x-request-id"]);
  });
});
