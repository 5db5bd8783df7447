import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { functionPhysicalName } from "@bbws/local/local-stage.ts";
import type { Stack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { businessMetrics, type FunctionName, metricsDimensions, metricsNamespace, table } from "../../infra/settings.ts";
import { eventually } from "../support/eventually.ts";
import { ops, opsJson, quiet, untilWhole } from "../support/ops.ts";
import { startStack } from "../support/permitted-stack.ts";
import { clientsOf, token } from "../support/stack.ts";

/** What the built functions write into their logs: the business metrics, and one correlation id along an order's whole way. */

// Whole journeys through every function, and the sweep of what is overdue.
vi.setConfig({ testTimeout: 120_000 });

/** The mail SES will not take. */
const REJECTED = "order.status_changed";
const rejectedFor = new Set<string>();

let stack: Stack;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  stack = await startStack({
    fresh: true,
    quiet: true,
    sabotage(name, event) {
      const isRejected = [...rejectedFor].some((orderId) => JSON.stringify(event).includes(`${orderId}:2:${REJECTED}`));
      return name === "OrderInternalNotificationSender" && isRejected
        ? [{ call: 1, name: "ses SendEmail", phase: "before", how: "reject" }]
        : [];
    },
  });
  ({ dynamodb } = clientsOf(stack));
});
afterAll(() => stack.stop());

async function call(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(stack.url + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as { data: { orderId: string } } };
}

async function place(correlationId: string): Promise<string> {
  const order = {
    customerEmail: `${correlationId}@example.com`,
    items: [{ productId: "PROD-002", quantity: 1 }],
    billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
  };
  const { status, body } = await call("POST", "/v1.0/orders", order, { "x-correlation-id": correlationId });
  expect(status).toBe(202);
  await whole(body.data.orderId);
  return body.data.orderId;
}

/** Waits until an order lacks nothing and nothing is under way. */
async function whole(orderId: string) {
  const { order } = await untilWhole(stack, orderId);
  await quiet(stack);
  return order;
}

const bearer = async (roles: string) => ({ authorization: `Bearer ${await token(stack, { roles, sub: "staff-1" })}` });

const pay = async (orderId: string) =>
  call(
    "POST",
    `/v1.0/orders/${orderId}/paymentconfirmation`,
    { paymentReference: `PF-${orderId}`, paymentMethod: "payfast", paymentAmount: 1725, paymentCurrency: "ZAR" },
    await bearer("System"),
  );

type LogLine = Record<string, unknown> & { orderId?: string; correlationId?: string; function?: string; message?: string };
const logLines = (): LogLine[] =>
  readFileSync(join(stack.folder, "logs", "functions.log"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

type Embedded = {
  CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
};

/** Every value written of every metric, as CloudWatch reads the log, with its unit. */
function metricsWritten(): Record<string, { unit: string; values: number[] }> {
  const written: Record<string, { unit: string; values: number[] }> = {};
  for (const line of logLines()) {
    for (const { Namespace, Dimensions, Metrics } of (line._aws as Embedded | undefined)?.CloudWatchMetrics ?? []) {
      expect(Namespace).toBe(metricsNamespace);
      for (const set of Dimensions) expect(Object.fromEntries(set.map((name) => [name, line[name]]))).toEqual(metricsDimensions);
      for (const { Name, Unit } of Metrics) {
        const known = written[Name] ?? { unit: Unit, values: [] };
        written[Name] = { unit: Unit, values: [...known.values, ...[line[Name] as number | number[]].flat()] };
      }
    }
  }
  return written;
}

it("counts what the dashboard and the alarms watch, each once per occasion", async () => {
  const paid = await place("metrics-paid");
  expect((await pay(paid)).status).toBe(200);
  expect((await pay(paid)).status).toBe(200);
  const cancelled = await place("metrics-cancelled");
  rejectedFor.add(cancelled);
  expect((await call("PUT", `/v1.0/orders/${cancelled}`, { status: "CANCELLED" }, await bearer("Admin"))).status).toBe(200);
  await Promise.all([whole(paid), whole(cancelled)]);
  expect((await pay(cancelled)).status).toBe(422);

  // The answer may be here before its log line is in the file.
  const written = await eventually(() => {
    const now = metricsWritten();
    return now.PaymentForDeadOrder && now;
  });
  expect(Object.keys(written).sort()).toEqual(Object.values(businessMetrics).sort());
  const { EndToEndLatency, TemplateFallback, ...counted } = written;
  expect(Object.fromEntries(Object.entries(counted).map(([name, { values }]) => [name, values.reduce((a, b) => a + b, 0)]))).toEqual({
    OrdersAccepted: 2,
    OrdersRecorded: 2,
    OrdersPaid: 1,
    Revenue: 1725,
    // Two order documents and a tax invoice.
    DocumentsRendered: 3,
    // Two orders, each with a mail to the customer and one to staff at its start and at its end; one was rejected.
    MailsSent: 7,
    MailsRefused: 1,
    PaymentForDeadOrder: 1,
  });
  expect(EndToEndLatency).toMatchObject({ unit: "Milliseconds", values: [expect.any(Number), expect.any(Number)] });
  for (const ms of EndToEndLatency!.values) expect(ms).toBeGreaterThan(0);
  // Nothing is published on a fresh stack: each environment says so when it first looks.
  expect(TemplateFallback!.values.length).toBeGreaterThan(0);
});

it("lets an overdue timer run out by itself, and carries one correlation id from the request to the last mail", async () => {
  const orderId = await place("checkout-42");
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: stack.table,
      Key: { PK: { S: `ORDER#${orderId}` }, SK: { S: "EXPIRY" } },
      UpdateExpression: "SET #ttl = :past",
      ExpressionAttributeNames: { "#ttl": table.timeToLive },
      ExpressionAttributeValues: { ":past": { N: String(Math.floor(Date.now() / 1000) - 1) } },
    }),
  );
  const mails = () => opsJson(stack, "order", "show", orderId).then(({ data }) => data.mails);
  await eventually(
    async () =>
      (await mails()).some(({ kind, state }: { kind: string; state: string }) => kind === "order_status_update" && state === "SENT") ||
      undefined,
    90_000,
  );
  await quiet(stack);
  expect(await whole(orderId)).toMatchObject({ status: "EXPIRED", correlationId: "checkout-42" });
  expect((await ops(stack, "order", "show", orderId)).out).toMatch(/correlation id +checkout-42/);

  const ofOrder = logLines().filter((line) => line.orderId === orderId || line.correlationId === "checkout-42");
  const lost = ofOrder.filter((line) => line.correlationId !== "checkout-42");
  expect(lost).toEqual([]);
  const writers = new Set(ofOrder.map(({ function: name }) => name).filter((name) => name !== undefined));
  expect([...writers].sort()).toEqual(
    [
      "CreateOrder",
      "CustomerOrderConfirmationSender",
      "OrderChangeRouter",
      "OrderCreatorRecord",
      "OrderExpirer",
      "OrderInternalNotificationSender",
      "OrderPDFCreator",
    ].map((name) => functionPhysicalName(name as FunctionName)),
  );
});
