import { createOrderClient, isOrderClientError, OrderClientError, type OrderClientOptions } from "@bbws/order-client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

/** The platform's `fetch`, answering from a list and keeping what it was asked. */
function platform(...answers: (Response | Error)[]) {
  const requests: { url: string; method: string; headers: Headers; body: unknown }[] = [];
  const fetch: OrderClientOptions["fetch"] = async (input, init) => {
    requests.push({
      url: String(input),
      method: init?.method ?? "GET",
      headers: new Headers(init?.headers),
      body: init?.body === undefined ? undefined : JSON.parse(String(init.body)),
    });
    const answer = answers[Math.min(requests.length, answers.length) - 1]!;
    if (answer instanceof Error) throw answer;
    return answer.clone();
  };
  return { fetch, requests };
}

const baseUrl = "https://orders.example.com/";
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const refusal = (status: number, error: string, more: object = {}, headers: Record<string, string> = {}) =>
  json(status, { success: false, error, message: "no", requestId: "r-1", ...more }, headers);
const accepted = json(202, {
  success: true,
  data: { orderId: "order_1", statusUrl: "/v1.0/links/orders/order_1/status?expires=1&signature=s" },
});
const order = {
  customerEmail: "a@example.com",
  items: [{ productId: "PROD-001", quantity: 1 }],
  billingAddress: { city: "Paarl", postalCode: "7646" },
};

async function refused(call: Promise<unknown>): Promise<OrderClientError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OrderClientError) return error;
  throw new Error(`expected a refusal, got ${String(error)}`);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets time run until the call is over. @returns its outcome and how long it took in ms */
async function run<Result>(call: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const started = Date.now();
  const running = call();
  running.catch(() => undefined);
  let over = false;
  void running.then(
    () => (over = true),
    () => (over = true),
  );
  while (!over) await vi.advanceTimersByTimeAsync(10);
  return { result: await running, ms: Date.now() - started };
}

describe("a create", () => {
  test("sends the order, the token and a key of its own, and answers the data", async () => {
    const { fetch, requests } = platform(accepted);
    const client = createOrderClient({ baseUrl, fetch, getToken: async () => "t0k3n" });
    const { orderId } = await client.createOrder(order, { correlationId: "c-1" });
    expect(orderId).toBe("order_1");
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ url: "https://orders.example.com/v1.0/orders", method: "POST", body: order });
    expect(Object.fromEntries(requests[0]!.headers)).toMatchObject({
      authorization: "Bearer t0k3n",
      "content-type": "application/json",
      "x-correlation-id": "c-1",
      "idempotency-key": expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test("is repeated with the same key until it is answered", async () => {
    const { fetch, requests } = platform(new TypeError("network"), json(502, "<html>"), refusal(503, "QUEUE_UNAVAILABLE"), accepted);
    const { result } = await run(() => createOrderClient({ baseUrl, fetch }).createOrder(order));
    expect(result.orderId).toBe("order_1");
    expect(requests).toHaveLength(4);
    expect(new Set(requests.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(1);
  });

  test("uses the caller's key, and another one for another order", async () => {
    const { fetch, requests } = platform(accepted);
    const client = createOrderClient({ baseUrl, fetch });
    await client.createOrder(order, { idempotencyKey: "cart-7" });
    await client.createOrder(order);
    await client.createTenantOrder("tenant a/b", order);
    expect(requests.map(({ headers }) => headers.get("idempotency-key"))[0]).toBe("cart-7");
    expect(new Set(requests.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(3);
    expect(requests[2]!.url).toBe("https://orders.example.com/v1.0/tenants/tenant%20a%2Fb/orders");
    expect(requests[0]!.headers.has("authorization")).toBe(false);
  });
});

describe("repeating", () => {
  test("backs off from 1 s, doubling, with jitter, and gives up after five attempts", async () => {
    const { fetch, requests } = platform(refusal(500, "INTERNAL_SERVER_ERROR"));
    const client = createOrderClient({ baseUrl, fetch });
    const { result: error, ms } = await run(() => refused(client.getOrder("order_1")));
    expect(error).toMatchObject({ code: "INTERNAL_SERVER_ERROR", status: 500, requestId: "r-1" });
    expect(requests).toHaveLength(5);
    expect(ms).toBeGreaterThanOrEqual(0.5 * 15_000);
    expect(ms).toBeLessThanOrEqual(15_000 + 100);
  });

  test("waits as long as Retry-After says, in seconds or as a date", async () => {
    const inSeconds = platform(refusal(429, "RATE_LIMITED", {}, { "retry-after": "7" }), accepted);
    expect((await run(() => createOrderClient({ baseUrl, fetch: inSeconds.fetch }).createOrder(order))).ms).toBeGreaterThanOrEqual(7_000);
    const asDate = platform(
      json(503, { message: "Service Unavailable" }, { "retry-after": new Date(Date.now() + 9_000).toUTCString() }),
      accepted,
    );
    expect((await run(() => createOrderClient({ baseUrl, fetch: asDate.fetch }).createOrder(order))).ms).toBeGreaterThanOrEqual(8_000);
  });

  test("does not wait longer than a minute: the caller is told when to come back", async () => {
    const { fetch, requests } = platform(refusal(429, "RATE_LIMITED", {}, { "retry-after": "1800" }));
    const error = await refused(createOrderClient({ baseUrl, fetch }).createOrder(order));
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: 1800 });
    expect(requests).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 405, 409, 413, 415, 422])("does not happen after %i", async (status) => {
    const { fetch, requests } = platform(refusal(status, "VALIDATION_ERROR"));
    await refused(createOrderClient({ baseUrl, fetch }).createOrder(order));
    expect(requests).toHaveLength(1);
  });

  test("of a change that names its version happens only where nothing was written", async () => {
    const silent = platform(new TypeError("network"));
    const client = createOrderClient({ baseUrl, fetch: silent.fetch });
    expect(await refused(client.updateOrder("order_1", { status: "CANCELLED", version: 3 }))).toMatchObject({
      code: "NETWORK_ERROR",
      status: 0,
    });
    expect(await refused(client.updateOrder("order_1", { status: "CANCELLED" }, { ifMatch: '"3"' }))).toMatchObject({ status: 0 });
    expect(silent.requests).toHaveLength(2);
    expect(silent.requests[1]!.headers.get("if-match")).toBe('"3"');
    const busy = platform(refusal(503, "TRY_AGAIN"), json(200, { success: true, data: { id: "order_1" } }));
    await run(() => createOrderClient({ baseUrl, fetch: busy.fetch }).updateOrder("order_1", { status: "CANCELLED", version: 3 }));
    expect(busy.requests).toHaveLength(2);
  });

  test("asks for the token anew each time", async () => {
    const { fetch, requests } = platform(refusal(500, "INTERNAL_SERVER_ERROR"), json(200, { success: true, data: {} }));
    let n = 0;
    await run(() => createOrderClient({ baseUrl, fetch, getToken: () => `token-${++n}` }).getOrder("order_1"));
    expect(requests.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  test("stops when the caller gives up, with the caller's reason", async () => {
    const { fetch, requests } = platform(refusal(500, "INTERNAL_SERVER_ERROR"));
    const leaving = new AbortController();
    const call = createOrderClient({ baseUrl, fetch }).getOrder("order_1", { signal: leaving.signal });
    const outcome = call.catch((reason: unknown) => reason);
    await vi.advanceTimersByTimeAsync(100);
    leaving.abort(new Error("page left"));
    expect(await outcome).toMatchObject({ message: "page left" });
    expect(requests).toHaveLength(1);
  });
});

describe("a refusal", () => {
  test("carries code, status, details and request id", async () => {
    const { fetch } = platform(refusal(409, "PRICE_CHANGED", { details: { expected: 1380, received: 1200 } }));
    const error = await refused(createOrderClient({ baseUrl, fetch }).createOrder(order));
    expect(isOrderClientError(error, "PRICE_CHANGED") && error.details?.expected).toBe(1380);
    expect(isOrderClientError(error, "VERSION_CONFLICT")).toBe(false);
    expect(isOrderClientError(new Error("other"))).toBe(false);
    expect(error).toMatchObject({ status: 409, message: "no", requestId: "r-1" });
  });

  test.each([
    [401, "UNAUTHORIZED"],
    [404, "NOT_FOUND"],
    [413, "PAYLOAD_TOO_LARGE"],
  ])("of the gateway itself (%i) has a code too", async (status, code) => {
    const { fetch } = platform(json(status, { message: "Gateway's words" }, { "x-request-id": "g-1" }));
    const error = await refused(createOrderClient({ baseUrl, fetch }).getOrder("order_1"));
    expect(error).toMatchObject({ code, status, message: "Gateway's words", requestId: "g-1" });
  });

  test("without a readable body still has its status", async () => {
    const { fetch } = platform(new Response("<html>", { status: 403 }));
    expect(await refused(createOrderClient({ baseUrl, fetch }).getOrder("order_1"))).toMatchObject({ code: "FORBIDDEN", status: 403 });
  });

  test("by silence is NETWORK_ERROR with its cause, half an answer included", async () => {
    const { fetch } = platform(new Response('{"success":tr', { status: 200 }));
    const { result } = await run(() => refused(createOrderClient({ baseUrl, fetch, attempts: 2 }).getOrder("order_1")));
    expect(result).toMatchObject({ code: "NETWORK_ERROR", status: 0, cause: expect.any(SyntaxError) });
  });
});

describe("waiting", () => {
  const notYet = refusal(404, "ORDER_NOT_FOUND", {}, { "retry-after": "1" });

  test("for an order ends with its record", async () => {
    const { fetch, requests } = platform(
      notYet,
      notYet,
      json(200, { success: true, data: { id: "order_1", orderNumber: "ORD-2026-00001" } }),
    );
    const { result } = await run(() => createOrderClient({ baseUrl, fetch }).waitForOrder("order_1"));
    expect(result.orderNumber).toBe("ORD-2026-00001");
    expect(requests).toHaveLength(3);
  });

  test("ends when its time is over", async () => {
    const { fetch } = platform(notYet);
    const { result, ms } = await run(() => refused(createOrderClient({ baseUrl, fetch }).waitForOrder("order_1", { timeoutMs: 3_000 })));
    expect(result.code).toBe("ORDER_NOT_FOUND");
    expect(ms).toBeLessThanOrEqual(3_000);
  });

  test("does not hide another refusal", async () => {
    const { fetch } = platform(refusal(403, "FORBIDDEN"));
    expect((await refused(createOrderClient({ baseUrl, fetch }).waitForOrder("order_1"))).code).toBe("FORBIDDEN");
  });

  test("as a guest follows the signed link, on the client's own service only", async () => {
    const status = (value: string) => json(200, { success: true, data: { orderId: "order_1", orderNumber: null, status: value } });
    const { fetch, requests } = platform(status("ACCEPTED"), status("PENDING"));
    const link = "https://elsewhere.example.com/v1.0/links/orders/order_1/status?expires=1&signature=s";
    const { result } = await run(() => createOrderClient({ baseUrl, fetch }).waitForStatus(link));
    expect(result.status).toBe("PENDING");
    expect(requests.map(({ url }) => url)).toEqual(
      Array(2).fill("https://orders.example.com/v1.0/links/orders/order_1/status?expires=1&signature=s"),
    );
  });
});

test("each route has its method", async () => {
  const { fetch, requests } = platform(json(200, { success: true, data: {} }));
  const client = createOrderClient({ baseUrl, fetch });
  const calls: Record<string, () => Promise<unknown>> = {
    "GET /v1.0/orders/o": () => client.getOrder("o"),
    "GET /v1.0/orders/o?includeInactive=true": () => client.getOrder("o", { includeInactive: true }),
    "GET /v1.0/tenants/t/orders/o": () => client.getTenantOrder("t", "o"),
    "GET /v1.0/orders/o/invoice?type=taxInvoice": () => client.getInvoice("o", { type: "taxInvoice" }),
    "GET /v1.0/links/orders/o/invoice?expires=1": () => client.getInvoiceByLink("/v1.0/links/orders/o/invoice?expires=1"),
    "GET /v1.0/links/orders/o/status?expires=1": () => client.getOrderStatus("/v1.0/links/orders/o/status?expires=1"),
    "GET /v1.0/orders": () => client.listOrders(),
    "GET /v1.0/tenants/t/orders?pageSize=7&status=PAID&status=PENDING&fromDate=2026-01-01": () =>
      client.listTenantOrders("t", { pageSize: 7, status: ["PAID", "PENDING"], fromDate: "2026-01-01" }),
    "PUT /v1.0/orders/o": () => client.updateOrder("o", { active: false }),
    "PUT /v1.0/tenants/t/orders/o": () => client.updateTenantOrder("t", "o", { active: false }),
    "POST /v1.0/orders/o/paymentconfirmation": () =>
      client.confirmPayment("o", { paymentReference: "P", paymentMethod: "card", paymentAmount: 1, paymentCurrency: "ZAR" }),
    "GET /health": () => client.getHealth(),
    "GET /v1.0/openapi.json": () => client.getOpenApi(),
  };
  for (const call of Object.values(calls)) await call();
  expect(requests.map(({ method, url }) => `${method} ${url.replace("https://orders.example.com", "")}`)).toEqual(Object.keys(calls));
});
