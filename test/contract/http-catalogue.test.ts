import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { httpCatalogue } from "@bbws/core/catalogue/http-catalogue.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** The product and campaign services over HTTP, against a server that answers as a test says. */

type Reply = (response: ServerResponse) => void;
const json =
  (status: number, body: unknown): Reply =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
const silence: Reply = () => undefined;
const hangUp: Reply = (response) => void response.destroy();

const product = (changes: object = {}) => ({
  product: {
    productId: "PROD-001",
    name: "Entry",
    description: "Domain",
    price: 95,
    currency: "ZAR",
    period: "per year",
    features: [],
    active: true,
    ...changes,
  },
});
const campaign = (changes: object = {}) => ({
  campaign: {
    code: "SUMMER2025",
    name: "Summer Sale 2025",
    productId: "PROD-002",
    discountPercent: 20,
    listPrice: 1500,
    price: 1200,
    termsAndConditions: "New customers only.",
    status: "ACTIVE",
    fromDate: "2025-06-01T00:00:00Z",
    toDate: "2025-08-31T23:59:59Z",
    isValid: true,
    ...changes,
  },
});

let server: Server;
let url: string;
let asked: string[];
let replies: Reply[];
let now: Date;

beforeEach(async () => {
  asked = [];
  replies = [];
  now = new Date("2026-11-24T08:00:00Z");
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    // The last reply stands for all that follow.
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    reply?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise<void>((resolve) => void server.close(() => resolve()));
});

const catalogue = (budgetMs?: number) =>
  httpCatalogue({ productsUrl: `${url}/`, campaignsUrl: url, clock: () => now, ...(budgetMs && { budgetMs }) });
const later = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000);
};
const unavailable = { code: "UPSTREAM_UNAVAILABLE", status: 503, retryAfterSeconds: 5 };

describe("a product", () => {
  test("is read in cents", async () => {
    replies = [json(200, product({ price: 299.99 }))];
    expect(await catalogue().product("PROD-001")).toEqual({
      productId: "PROD-001",
      name: "Entry",
      description: "Domain",
      price: 29_999,
      active: true,
    });
    expect(asked).toEqual(["/v1.0/products/PROD-001"]);
  });

  test("that does not exist is asked for once and remembered as such", async () => {
    replies = [json(404, { error: "NOT_FOUND" })];
    const source = catalogue();
    expect(await source.product("a/../b?c")).toBeUndefined();
    expect(await source.product("a/../b?c")).toBeUndefined();
    expect(asked).toEqual(["/v1.0/products/a%2F..%2Fb%3Fc"]);
  });

  test("is kept for a minute and then asked for again", async () => {
    replies = [json(200, product()), json(200, product({ price: 100 }))];
    const source = catalogue();
    await source.product("PROD-001");
    later(59);
    expect(await source.product("PROD-001")).toMatchObject({ price: 9_500 });
    expect(asked).toHaveLength(1);
    later(2);
    expect(await source.product("PROD-001")).toMatchObject({ price: 10_000 });
    expect(asked).toHaveLength(2);
  });

  test.each([
    ["500", json(500, "oops")],
    ["503", json(503, {})],
    ["429", json(429, {})],
    ["a connection that breaks", hangUp],
    ["half an answer", json(200, '{"product":{')],
  ])("is asked for twice more after %s", async (_, failing) => {
    replies = [failing, failing, json(200, product())];
    expect(await catalogue().product("PROD-001")).toMatchObject({ price: 9_500 });
    expect(asked).toHaveLength(3);
  });

  test.each([
    ["another error of the service", 3, json(500, {})],
    ["a request that the service will never take", 1, json(400, {})],
    ["a refusal of access", 1, json(403, {})],
    ["an answer of another shape", 1, json(200, { productId: "PROD-001" })],
    ["a price with three decimals", 1, json(200, product({ price: 1.005 }))],
    ["a negative price", 1, json(200, product({ price: -1 }))],
    ["a price as text", 1, json(200, product({ price: "95.00" }))],
  ])("is UPSTREAM_UNAVAILABLE after %s (%i attempts)", async (_, attempts, failing) => {
    replies = [failing];
    await expect(catalogue().product("PROD-001")).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(attempts);
  });

  test("is given up after 2 s in all, however slow the service", async () => {
    replies = [silence];
    const started = performance.now();
    await expect(catalogue().product("PROD-001")).rejects.toMatchObject(unavailable);
    const elapsed = performance.now() - started;
    expect(elapsed).toBeGreaterThan(1_900);
    expect(elapsed).toBeLessThan(4_000);
  });

  test("of up to a quarter of an hour ago stands in for a service that is down, and no older", async () => {
    replies = [json(200, product()), json(500, {})];
    const source = catalogue();
    await source.product("PROD-001");
    later(14 * 60);
    expect(await source.product("PROD-001")).toMatchObject({ price: 9_500 });
    later(2 * 60);
    await expect(source.product("PROD-001")).rejects.toMatchObject(unavailable);
  });

  test("that was not there before is not assumed to be still missing when the service is down", async () => {
    replies = [json(404, {}), json(500, {})];
    const source = catalogue();
    expect(await source.product("PROD-009")).toBeUndefined();
    later(61);
    await expect(source.product("PROD-009")).rejects.toMatchObject(unavailable);
  });
});

describe("a campaign", () => {
  test("is read as a snapshot with calendar dates", async () => {
    replies = [json(200, campaign())];
    expect(await catalogue().campaign("SUMMER2025")).toEqual({
      code: "SUMMER2025",
      name: "Summer Sale 2025",
      productId: "PROD-002",
      discountPercentage: 20,
      fromDate: "2025-06-01",
      toDate: "2025-08-31",
      active: true,
    });
    expect(asked).toEqual(["/v1.0/campaigns/SUMMER2025"]);
  });

  test.each([
    ["INACTIVE", false],
    ["active", true],
  ])("with the status %s is active: %s", async (status, active) => {
    replies = [json(200, campaign({ status }))];
    expect(await catalogue().campaign("SUMMER2025")).toMatchObject({ active });
  });

  test.each([{ discountPercent: 101 }, { discountPercent: -1 }, { fromDate: "soon" }, { productId: undefined }])(
    "with %o is no campaign",
    async (changes) => {
      replies = [json(200, campaign(changes))];
      await expect(catalogue().campaign("SUMMER2025")).rejects.toMatchObject(unavailable);
    },
  );
});
