import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { functionsLog, personalDataIn } from "../support/contract/log.ts";
import { call, checkout, newTenant, openTable, placed, rawCall, service, tokenFor } from "../support/contract/service.ts";

/** Input that nobody sends by accident: never a 5xx, never stored, never echoed as markup, never in a log. */

const MARK = "hostile-7f3a";
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Text that is no e-mail, number, code, id or amount, wherever it stands. */
const texts: string[] = [
  `<script>alert("${MARK}")</script>`,
  `"><img src=x onerror=alert('${MARK}')>`,
  `{{${MARK}}} {{{#each}}}`,
  `\${jndi:ldap://${MARK}/a}`,
  `' OR '1'='1' -- ${MARK}`,
  `"; DROP TABLE orders; -- ${MARK}`,
  `TENANT#${MARK}`,
  `../../../etc/passwd?${MARK}`,
  `..%2f..%2f${MARK}`,
  `${MARK}\r\nBcc: ${MARK}@example.com`,
  `${MARK}\u0000`,
  `\u202e${MARK}\u2066`,
  `${MARK}\ud800`,
  `${MARK}\uffff`,
  `=cmd|' /C calc'!${MARK}`,
  `__proto__ ${MARK}`,
  "\u{1f4a9}".repeat(200),
  "a\u0301".repeat(300),
  "x".repeat(5_000),
];
const notTexts: unknown[] = [null, true, false, 0, -1, 1e308, [], {}, [null], { $gt: "" }, { toString: MARK }, ["a", MARK]];
const hostile = [...texts, ...notTexts];

const fields: [string, (value: unknown) => object][] = [
  ["customerEmail", (value) => ({ customerEmail: value })],
  ["items", (value) => ({ items: value })],
  ["items[0]", (value) => ({ items: [value] })],
  ["items[0].productId", (value) => ({ items: [{ productId: value, quantity: 1 }] })],
  ["items[0].quantity", (value) => ({ items: [{ productId: "PROD-001", quantity: value }] })],
  ["billingAddress", (value) => ({ billingAddress: value })],
  ["billingAddress.postalCode", (value) => ({ billingAddress: { ...checkout().billingAddress, postalCode: value } })],
  ["billingAddress.country", (value) => ({ billingAddress: { ...checkout().billingAddress, country: value } })],
  ["primaryPhone", (value) => ({ primaryPhone: value })],
  ["campaignCode", (value) => ({ campaignCode: value })],
  ["paymentMethod", (value) => ({ paymentMethod: value })],
  ["currency", (value) => ({ currency: value })],
  ["totalAmount", (value) => ({ totalAmount: value })],
];

/** What is fine after all: an optional field may be null, and a number of the right size is a number. */
const harmless = (field: string, value: unknown) =>
  value === null && ["primaryPhone", "campaignCode", "paymentMethod", "currency", "totalAmount", "billingAddress.country"].includes(field);

type Attack = { name: string; raw: string };
const show = (value: unknown) => JSON.stringify(value)?.slice(0, 40);
const bodies: Attack[] = [
  ...fields.flatMap(([field, build]) =>
    hostile
      .filter((value) => !harmless(field, value))
      .map((value) => ({ name: `${field} = ${show(value)}`, raw: JSON.stringify(checkout(build(value) as Record<string, unknown>)) })),
  ),
  ...[
    "",
    " ",
    "null",
    "true",
    "1",
    '"text"',
    "[]",
    "{",
    "}",
    "{]",
    "nan",
    "NaN",
    "undefined",
    "{'a':1}",
    '{"a":1,}',
    '{"a":01}',
    "\u0000",
    "\ufeff",
    '{"customerEmail":"a@example.com"',
    `${MARK}`,
    nested(10_000),
    `{"a":${nested(20_000)}}`,
  ].map((raw) => ({ name: `body ${raw.slice(0, 20)}`, raw })),
  { name: "__proto__ as a field", raw: '{"__proto__":{"customerEmail":"a@example.com","items":[],"isAdmin":true}}' },
  { name: "constructor as a field", raw: '{"constructor":{"prototype":{"customerEmail":"x"}}}' },
  { name: "one field twice, the last wrong", raw: JSON.stringify(checkout()).replace(/}$/, ',"customerEmail":"nobody"}') },
  { name: "a huge number of cents", raw: JSON.stringify(checkout({ totalAmount: 1e21 })) },
  { name: "a number beyond JSON's own", raw: JSON.stringify(checkout()).replace('"quantity":1', '"quantity":1e999') },
  { name: "a negative zero of a quantity", raw: JSON.stringify(checkout()).replace('"quantity":1', '"quantity":-0') },
  { name: "10 000 lines", raw: JSON.stringify(checkout({ items: Array(5_000).fill({ productId: "P", quantity: 1 }) })).slice(0, 100_000) },
];

const targets = [
  "/v1.0/orders/%00",
  "/v1.0/orders/%0d%0aX:1",
  "/v1.0/orders/%ff",
  "/v1.0/orders/%",
  "/v1.0/orders/%E0%A4%A",
  "/v1.0/orders/..%2f..%2fhealth",
  "/v1.0/orders/order_%3Cscript%3E",
  `/v1.0/orders/order_${"a".repeat(2_000)}`,
  "/v1.0/orders/TENANT%23x",
  "/v1.0/tenants/%00/orders",
  "/v1.0/tenants/../orders",
  "/v1.0/tenants/*/orders",
  "/v1.0/tenants/%7B%7D/orders",
  `/v1.0/tenants/${"t".repeat(65)}/orders`,
  "//v1.0/orders",
  "/v1.0//orders",
  "/V1.0/ORDERS",
  "/v1.0/orders/;admin=true",
  "/v1.0/orders?pageSize=NaN",
  "/v1.0/orders?pageSize=1e2",
  "/v1.0/orders?pageSize=0x10",
  "/v1.0/orders?pageSize=50&pageSize=50",
  "/v1.0/orders?startAt=%00",
  "/v1.0/orders?startAt=..",
  "/v1.0/orders?startAt=a.b.c",
  `/v1.0/orders?startAt=${"A".repeat(4_000)}`,
  "/v1.0/orders?status[]=PAID",
  "/v1.0/orders?status=__proto__",
  "/v1.0/orders?fromDate=0000-00-00",
  "/v1.0/orders?fromDate=%27%3B--",
  "/v1.0/orders?toDate=99999-01-01",
  "/v1.0/orders?status=%3Cscript%3E",
  "/v1.0/links/orders/x/status?expires=NaN&signature=",
  "/v1.0/links/orders/x/status?expires=-1&signature=%00",
  "/v1.0/links/orders/x/status?expires=1&expires=2&signature=a&signature=b",
  "/v1.0/links/orders/%2e%2e/invoice?expires=9999999999&signature=AAAA",
  "/v1.0/%3Cscript%3Ealert(1)%3C/script%3E",
  "/%c0%ae%c0%ae/",
  "/v1.0/openapi.json/../../_local",
  "/v1.0/orders/order_1/invoice?type=__proto__",
];

const updates: unknown[] = [
  ...hostile.map((value) => ({ status: value })),
  ...hostile.filter((value) => typeof value !== "boolean").map((value) => ({ active: value })),
  ...hostile
    .filter((value) => typeof value !== "number" || !Number.isInteger(value))
    .map((value) => ({ version: value, status: "CANCELLED" })),
];
const payments: unknown[] = [
  ...hostile.map((value) => ({ paymentReference: "P-1", paymentMethod: "card", paymentAmount: value, paymentCurrency: "ZAR" })),
  ...hostile.map((value) => ({ paymentReference: "P-1", paymentMethod: value, paymentAmount: 1, paymentCurrency: "ZAR" })),
  ...notTexts.map((value) => ({ paymentReference: value, paymentMethod: "card", paymentAmount: 1, paymentCurrency: "ZAR" })),
  ...hostile.map((value) => ({ paymentReference: "P-1", paymentMethod: "card", paymentAmount: 1, paymentCurrency: value })),
];

const size = bodies.length + targets.length + updates.length + payments.length;

/** Ten at a time: one after the other says no more and takes longer. */
async function each<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>) {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: 10 }, worker));
}

/** A refusal is JSON; where it names what was sent, a browser must not take it for markup. */
function expectHarmless(what: string, { status, text }: { status: number; text: string }, contentType: string | null | undefined) {
  expect(status, `${what}: ${text.slice(0, 200)}`).toBeGreaterThanOrEqual(400);
  expect(status, `${what}: ${text.slice(0, 200)}`).toBeLessThan(500);
  if (contentType !== undefined) expect(contentType, what).toContain("application/json");
  expect(text, what).not.toMatch(/<script|<img|valibot|at \w+ \(|node_modules|ConditionalCheck/i);
}

describe.runIf(service.local)(`${size} hostile requests`, { timeout: 240_000 }, () => {
  test("are at least 300", () => expect(size).toBeGreaterThanOrEqual(300));

  test("to create an order are refused, and nothing of them is stored", async () => {
    const tenantId = newTenant();
    const customer = await tokenFor({ tenantId });
    await each(bodies, async ({ name, raw }) => {
      const answer = await call({ method: "POST", path: "/v1.0/orders", token: customer, raw });
      expectHarmless(name, answer, answer.headers.get("content-type"));
    });
    const { client, table } = openTable();
    const { Items = [] } = await client.send(
      new ScanCommand({
        TableName: table,
        FilterExpression: "PK = :pk",
        ExpressionAttributeValues: { ":pk": { S: `TENANT#${tenantId}` } },
      }),
    );
    client.destroy();
    expect(Items).toEqual([]);
  });

  test("with odd paths and queries are refused, or answered as what the path means and with nobody else's data", async () => {
    const authorization = `Bearer ${await tokenFor({ tenantId: newTenant() })}`;
    await each(targets, async (target) => {
      const answer = await rawCall(target, { authorization });
      // `..` is resolved like any client would: the caller's own, empty, list or the public health.
      if (answer.status === 200) return expect(answer.text).toMatch(/"items":\[\]|"status":"ok"/);
      return expectHarmless(target, answer, undefined);
    });
  });

  test("to change an order or confirm a payment are refused, and the order is as it was", async () => {
    const order = await placed();
    const path = `/v1.0/orders/${order.orderId}`;
    const system = await tokenFor({ roles: "System" });
    await each(updates, async (body) => {
      const answer = await call({ method: "PUT", path, token: order.customer, body });
      expectHarmless(`update ${show(body)}`, answer, answer.headers.get("content-type"));
    });
    await each(payments, async (body) => {
      const answer = await call({ method: "POST", path: `${path}/paymentconfirmation`, token: system, body });
      expectHarmless(`payment ${show(body)}`, answer, answer.headers.get("content-type"));
    });
    const { data } = (await call({ path, token: order.customer })).body;
    expect(data).toMatchObject({ status: "PENDING", version: 1, active: true });
  });

  test("leave neither their content nor anybody's data in the logs", () => {
    expect(functionsLog(service.local!.folder)).not.toContain(MARK);
    expect(personalDataIn(service.local!.folder)).toEqual([]);
  });
});

describe.runIf(service.local)("markup in a customer's text", () => {
  test("is kept as text and answered as JSON", async () => {
    const name = `<script>alert("x")</script>`;
    const { orderId, customer } = await placed({ firstName: name, notes: "{{#items}}&lt;" });
    const { body, headers } = await call({ path: `/v1.0/orders/${orderId}`, token: customer });
    expect(body.data).toMatchObject({ firstName: name, notes: "{{#items}}&lt;" });
    expect(headers.get("content-type")).toContain("application/json");
  });
});
