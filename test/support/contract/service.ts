import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { systemClock } from "@bbws/core/clock.ts";
import { orderEntity } from "@bbws/core/order/order.entity.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { tenants } from "@bbws/core/tenant/tenants.ts";
import { credentials, REGION } from "@bbws/local/local-stage.ts";
import { expect, inject } from "vitest";
import { eventually } from "../eventually.ts";
import { type TokenRequest, token } from "../stack.ts";
import { contradiction } from "./document.ts";

/** How contract tests talk to the service: real HTTP, every answer held against the OpenAPI document. */

export const service = inject("service");

export type Call = {
  method?: string;
  path: string;
  token?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array;
};

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asserts out of any answer.
export type Answer = { status: number; headers: Headers; text: string; body: any };

/** One request. Fails the test when the answer contradicts the OpenAPI document or lacks what every answer has. */
export async function call({ method = "GET", path, token: bearer, headers, body, raw }: Call): Promise<Answer> {
  const answer = await fetch(service.url + path, {
    method,
    redirect: "manual",
    headers: {
      ...((body !== undefined || raw !== undefined) && { "content-type": "application/json" }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    body: (raw as BodyInit | undefined) ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const text = await answer.text();
  const read: Answer = { status: answer.status, headers: answer.headers, text, body: parsed(text) };
  const problem = contradiction(method, new URL(answer.url).pathname, read.status, read.body);
  expect(problem, `${method} ${path} answered ${read.status} ${text.slice(0, 400)}`).toBeUndefined();
  if (!isGatewayAnswer(read)) {
    expect(answer.headers.get("x-request-id"), "X-Request-Id").toMatch(/\S/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("strict-transport-security")).toContain("max-age=");
    if (!path.includes("openapi.json")) expect(answer.headers.get("cache-control")).toBe("no-store");
  }
  return read;
}

/** What the gateway says by itself has one field. */
const isGatewayAnswer = ({ body }: Answer) => typeof body === "object" && body !== null && Object.keys(body).join() === "message";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A request with a target or headers that `fetch` would tidy or refuse. */
export function rawCall(target: string, headers: Record<string, string> = {}, method = "GET"): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path: target, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on("error", reject);
    request.end();
  });
}

export const tokenFor = (request: TokenRequest) => token(service, request);

export const newTenant = () => `tenant-${randomUUID()}`;
export const newReference = () => `PAY-${randomUUID()}`;

/** A checkout that is accepted; different only in what a test says. Total 1380.00 with the campaign, 1725.00 without. */
export function checkout(changes: Record<string, unknown> = {}) {
  return {
    customerEmail: "thandi@example.com",
    firstName: "Thandi",
    lastName: "Nkosi",
    items: [{ productId: "PROD-002", quantity: 1 }],
    billingAddress: { street: "12 Long Street", city: "Cape Town", province: "Western Cape", postalCode: "8001", country: "ZA" },
    ...changes,
  };
}
export const CHECKOUT_TOTAL = 1725;

export type Placed = { orderId: string; tenantId: string; customer: string; statusUrl: string };

/** Accepts an order for a tenant of its own (or the given one); not yet recorded. */
export async function accepted(changes: Record<string, unknown> = {}, tenantId = newTenant()): Promise<Placed> {
  const customer = await tokenFor({ tenantId, sub: `user-of-${tenantId}` });
  const headers = { "idempotency-key": randomUUID() };
  const create = () => call({ method: "POST", path: "/v1.0/orders", token: customer, headers, body: checkout(changes) });
  let answer = await create();
  // A busy machine may say 503: the caller repeats with its key, as every caller should.
  for (let tries = 1; answer.status === 503 && tries < 4; tries++) answer = await create();
  expect(answer.status, answer.text).toBe(202);
  return { orderId: answer.body.data.orderId, tenantId, customer, statusUrl: answer.body.data.statusUrl };
}

/** The same, once the order is recorded. */
export async function placed(changes: Record<string, unknown> = {}, tenantId?: string): Promise<Placed> {
  const order = await accepted(changes, tenantId);
  await recorded(order);
  return order;
}

export function recorded({ orderId, customer }: Pick<Placed, "orderId" | "customer">) {
  return eventually(async () => {
    const answer = await call({ path: `/v1.0/orders/${orderId}`, token: customer });
    return answer.status === 200 ? answer.body.data : undefined;
  }, 120_000);
}

/** The stack's own table. Only for what no route can arrange (a suspended tenant) or show (that nothing was stored). */
export function openTable() {
  const { dynamodb, table } = service.local!;
  const client = new DynamoDBClient({ region: REGION, credentials, endpoint: dynamodb });
  const access = { client, table };
  const put = async (items: Order[]) => {
    const { unprocessed } = await orderEntity(access).put(items).go({ concurrent: 2 });
    expect(unprocessed).toEqual([]);
  };
  return { client, table, put, tenants: tenants(access, systemClock) };
}

export type Case = {
  name: string;
  request: Call | (() => Call | Promise<Call>);
  expectStatus: number;
  /** A part of the body. */
  expectBody?: Record<string, unknown>;
  expectHeaders?: Record<string, unknown>;
};

/** Runs one row of a table. */
export async function check({ request, expectStatus, expectBody, expectHeaders }: Case): Promise<Answer> {
  const answer = await call(typeof request === "function" ? await request() : request);
  expect(answer.status, answer.text.slice(0, 400)).toBe(expectStatus);
  if (expectBody) expect(answer.body).toMatchObject(expectBody);
  if (expectHeaders) expect(Object.fromEntries(answer.headers)).toMatchObject(expectHeaders);
  return answer;
}

/** A refusal of the service as `expectBody`. */
export const refusal = (error: string, details?: unknown) => ({ success: false, error, ...(details !== undefined && { details }) });
/** A VALIDATION_ERROR that names the field, among others. */
export const invalid = (...fields: string[]) =>
  refusal("VALIDATION_ERROR", expect.arrayContaining(fields.map((field) => expect.objectContaining({ field }))));
