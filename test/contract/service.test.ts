import { describe, expect, test } from "vitest";
import { type Case, call, check, refusal, service } from "../support/contract/service.ts";

/** What needs neither token nor order: safe against any stage. */

const cases: Case[] = [
  {
    name: "health says ok, service, version and stage without an envelope",
    request: { path: "/health" },
    expectStatus: 200,
    expectBody: { status: "ok", service: "bbws-order", version: expect.stringMatching(/\S/), stage: expect.stringMatching(/\S/) },
  },
  {
    name: "the OpenAPI document is served",
    request: { path: "/v1.0/openapi.json" },
    expectStatus: 200,
    expectBody: { openapi: "3.1.0", info: { title: "BBWS order service" } },
    expectHeaders: { "cache-control": expect.stringContaining("max-age") },
  },
  {
    name: "an unknown path is 404 in our envelope",
    request: { path: "/nothing/here" },
    expectStatus: 404,
    expectBody: refusal("NOT_FOUND"),
  },
  { name: "the root below the version is 404", request: { path: "/v1.0" }, expectStatus: 404, expectBody: refusal("NOT_FOUND") },
  { name: "another version is 404", request: { path: "/v2.0/orders" }, expectStatus: 404, expectBody: refusal("NOT_FOUND") },
  {
    name: "an unknown method of a known path is 405 with Allow",
    request: { method: "DELETE", path: "/v1.0/orders/order_1" },
    expectStatus: 405,
    expectBody: refusal("METHOD_NOT_ALLOWED", { allowed: ["GET", "PUT"] }),
    expectHeaders: { allow: "GET, PUT" },
  },
  {
    name: "PATCH of the orders is 405",
    request: { method: "PATCH", path: "/v1.0/orders", body: {} },
    expectStatus: 405,
    expectBody: refusal("METHOD_NOT_ALLOWED", { allowed: ["POST", "GET"] }),
  },
  {
    name: "a status link without signature is FORBIDDEN",
    request: { path: "/v1.0/links/orders/order_1/status" },
    expectStatus: 403,
    expectBody: refusal("FORBIDDEN"),
  },
  {
    name: "a made-up signature is FORBIDDEN",
    request: { path: "/v1.0/links/orders/order_1/invoice?expires=9999999999&signature=AAAA" },
    expectStatus: 403,
    expectBody: refusal("FORBIDDEN"),
  },
  { name: "a list without a token is 401", request: { path: "/v1.0/orders" }, expectStatus: 401 },
  { name: "an order without a token is 401", request: { path: "/v1.0/orders/order_1" }, expectStatus: 401 },
  {
    name: "a create with an unusable Authorization header is 401 and never a guest's",
    request: { method: "POST", path: "/v1.0/orders", headers: { authorization: "Basic dXNlcjpwYXNz" }, body: {} },
    expectStatus: 401,
    expectBody: refusal("UNAUTHORIZED"),
  },
  {
    name: "a create with an empty body object names every required field",
    request: { method: "POST", path: "/v1.0/orders", body: {} },
    expectStatus: 400,
    expectBody: refusal("VALIDATION_ERROR", [
      { field: "customerEmail", message: "customerEmail is required" },
      { field: "items", message: expect.any(String) },
      { field: "billingAddress", message: "billingAddress is required" },
    ]),
  },
];

describe("the service", () => {
  test.each(cases)("$name", async (row) => {
    await check(row);
  });

  test("answers each request with an id of its own and takes a correlation id along", async () => {
    const one = await call({ path: "/health", headers: { "x-correlation-id": "portal-1" } });
    const two = await call({ path: "/health", headers: { "x-correlation-id": "portal-1" } });
    expect(one.headers.get("x-request-id")).not.toBe(two.headers.get("x-request-id"));
  });
});

describe.runIf(service.local)("cross-origin requests", () => {
  const preflight = (origin: string) =>
    fetch(`${service.url}/v1.0/orders`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,idempotency-key,if-match,x-correlation-id",
      },
    });

  test.each(["https://dev.kimmyai.io", "https://portal.dev.kimmyai.io", "http://localhost:5173"])("are allowed from %s", async (origin) => {
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("access-control-allow-methods")).toBe("GET,POST,PUT");
    expect(answer.headers.get("access-control-allow-headers")).toContain("idempotency-key");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    const exposed = (await fetch(`${service.url}/health`, { headers: { origin } })).headers.get("access-control-expose-headers");
    expect(exposed?.split(",").sort()).toEqual(["ETag", "Idempotent-Replayed", "Location", "Retry-After", "X-Request-Id"]);
  });

  test.each(["https://evil.example.com", "https://kimmyai.io.evil.example", "null"])("are not allowed from %s", async (origin) => {
    expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
    expect((await fetch(`${service.url}/health`, { headers: { origin } })).headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe.runIf(service.local)("the API reference", () => {
  test("is whole on this machine: page, script, style and document, and nothing from elsewhere", async () => {
    const page = await fetch(`${service.url}/docs`);
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    const wanted = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target]) => target!);
    expect(wanted.length).toBeGreaterThanOrEqual(4);
    for (const target of wanted) {
      expect(target).toMatch(/^\/docs\//);
      expect((await fetch(service.url + target)).status, target).toBe(200);
    }
    expect(await (await fetch(`${service.url}/docs/start.js`)).text()).toContain('"/v1.0/openapi.json"');
    expect((await fetch(`${service.url}/docs/../package.json`)).status).toBe(404);
    expect((await fetch(`${service.url}/docs/toString`)).status).toBe(404);
  });
});
