import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { httpCatalogue } from "@bbws/core/catalogue/http-catalogue.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NOW } from "../support/order.ts";

/** The catalogue over HTTP against a service on this machine that answers as each test says. */

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

let server: Server;
let url: string;
let answers: Answer[] = [];
let asked: string[] = [];
let now = NOW;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    // The last answer counts for every further question.
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  now = NOW;
});

const json =
  (body: unknown, status = 200): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
const silence: Answer = () => undefined;
const hangUp: Answer = (response) => void response.destroy();

const product = (changes: Record<string, unknown> = {}) =>
  json({ product: { productId: "P-1", name: "Hosting", price: 299.99, active: true, ...changes } });
const campaign = (changes: Record<string, unknown> = {}) =>
  json({
    campaign: {
      code: "TWENTY",
      name: "Twenty off",
      description: null,
      productId: "P-1",
      discountPercent: 20,
      termsAndConditions: "Long text that nobody stores",
      status: "active",
      fromDate: "2026-11-01T00:00:00Z",
      toDate: "2026-11-30",
      ...changes,
    },
  });

const catalogue = (options: { budgetMs?: number } = {}) =>
  httpCatalogue({ productsUrl: url, campaignsUrl: `${url}/`, clock: () => now, ...options });
const later = (ms: number) => {
  now = new Date(NOW.getTime() + ms);
};
const down = { code: "UPSTREAM_UNAVAILABLE", status: 503, retryAfterSeconds: 5 };

describe("a product", () => {
  it("is read with its price in cents", async () => {
    answers = [product({ description: "One site" })];
    expect(await catalogue().product("P-1")).toEqual({
      productId: "P-1",
      name: "Hosting",
      description: "One site",
      price: 29_999,
      active: true,
    });
    expect(asked).toEqual(["/v1.0/products/P-1"]);
  });

  it("that the service does not know does not exist", async () => {
    answers = [json({ message: "no" }, 404)];
    expect(await catalogue().product("P-9")).toBeUndefined();
  });

  it("is asked for under its own id, whatever that holds", async () => {
    answers = [product()];
    await catalogue().product("../admin?x=1#y");
    expect(asked).toEqual(["/v1.0/products/..%2Fadmin%3Fx%3D1%23y"]);
  });

  it.each([
    ["a price with a third decimal", { price: 1.001 }],
    ["a negative price", { price: -1 }],
    ["a price that is text", { price: "95" }],
    ["no name", { name: undefined }],
  ])("with %s is no answer to build on, and not asked for again", async (_, changes) => {
    answers = [product(changes)];
    await expect(catalogue().product("P-1")).rejects.toMatchObject(down);
    expect(asked).toHaveLength(1);
  });
});

describe("a campaign", () => {
  it("is read as the order keeps it, with its dates as days", async () => {
    answers = [campaign({ description: "For November", termsConditionsLink: "https://kimmyai.io/terms" })];
    expect(await catalogue().campaign("TWENTY")).toEqual({
      code: "TWENTY",
      name: "Twenty off",
      description: "For November",
      productId: "P-1",
      discountPercentage: 20,
      termsConditionsLink: "https://kimmyai.io/terms",
      fromDate: "2026-11-01",
      toDate: "2026-11-30",
      active: true,
    });
    expect(asked).toEqual(["/v1.0/campaigns/TWENTY"]);
  });

  it("that is not running is known, but not active", async () => {
    answers = [campaign({ status: "ENDED" })];
    const found = await catalogue().campaign("TWENTY");
    expect(found).toMatchObject({ active: false });
    expect(found).not.toHaveProperty("description");
  });

  it.each([{ discountPercent: 101 }, { discountPercent: -1 }, { fromDate: "soon" }, { productId: null }])(
    "of nonsense is refused: %j",
    async (changes) => {
      answers = [campaign(changes)];
      await expect(catalogue().campaign("TWENTY")).rejects.toMatchObject(down);
    },
  );
});

describe("a service that stumbles", () => {
  it.each([
    ["500", json({}, 500)],
    ["429", json({}, 429)],
    ["half an answer", json('{"product":')],
    ["a broken connection", hangUp],
  ] as [string, Answer][])("with %s is asked again", async (_, failure) => {
    answers = [failure, failure, product()];
    expect(await catalogue().product("P-1")).toMatchObject({ price: 29_999 });
    expect(asked).toHaveLength(3);
  });

  it("three times is down", async () => {
    answers = [json({}, 503)];
    await expect(catalogue().product("P-1")).rejects.toMatchObject({ ...down, cause: expect.any(Error) });
    expect(asked).toHaveLength(3);
  });

  it("over our own mistake is not asked again", async () => {
    answers = [json({}, 401)];
    await expect(catalogue().product("P-1")).rejects.toMatchObject(down);
    expect(asked).toHaveLength(1);
  });

  it("by silence holds nobody up longer than its budget", async () => {
    answers = [silence];
    const startedAt = performance.now();
    await expect(catalogue({ budgetMs: 150 }).product("P-1")).rejects.toMatchObject(down);
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });
});

describe("an answer", () => {
  it("is kept for a minute, also that there is nothing", async () => {
    const shop = catalogue();
    answers = [product(), json({}, 404)];
    await shop.product("P-1");
    await shop.product("P-2");
    later(59_999);
    expect(await shop.product("P-1")).toMatchObject({ productId: "P-1" });
    expect(await shop.product("P-2")).toBeUndefined();
    expect(asked).toHaveLength(2);
    answers = [product({ price: 350 })];
    later(60_000);
    expect(await shop.product("P-1")).toMatchObject({ price: 35_000 });
    expect(asked).toHaveLength(3);
  });

  it("of a quarter of an hour ago stands in for a service that is down, an older one does not", async () => {
    const shop = catalogue();
    answers = [product()];
    await shop.product("P-1");
    answers = [json({}, 503)];
    later(14 * 60_000);
    expect(await shop.product("P-1")).toMatchObject({ price: 29_999 });
    later(15 * 60_000);
    await expect(shop.product("P-1")).rejects.toMatchObject(down);
  });

  it("that there was nothing does not stand in: the product may exist by now", async () => {
    const shop = catalogue();
    answers = [json({}, 404)];
    await shop.product("P-1");
    answers = [json({}, 503)];
    later(5 * 60_000);
    await expect(shop.product("P-1")).rejects.toMatchObject(down);
  });

  it("is one of a thousand at most: the oldest is forgotten first", async () => {
    const shop = catalogue();
    answers = [product()];
    for (let n = 0; n <= 1000; n++) await shop.product(`P-${n}`);
    asked = [];
    await shop.product("P-1000");
    expect(asked).toEqual([]);
    await shop.product("P-0");
    expect(asked).toHaveLength(1);
  });
});
