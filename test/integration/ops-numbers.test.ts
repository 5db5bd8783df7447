import { type DynamoDBClient, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { businessYear, systemClock } from "@bbws/core/clock.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import type { Stack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Item, numberProblems } from "../support/chaos/verdict.ts";
import { ops, opsJson, untilWhole } from "../support/ops.ts";
import { guestOrder } from "../support/order.ts";
import { startStack } from "../support/permitted-stack.ts";
import { clientsOf, token } from "../support/stack.ts";

/** Numbers after a failover: passed over, declared, and no surprise to whoever counts them. */

let stack: Stack;
let dynamodb: DynamoDBClient;
const year = businessYear(systemClock());

beforeAll(async () => {
  stack = await startStack({ fresh: true, quiet: true });
  ({ dynamodb } = clientsOf(stack));
}, 120_000);
afterAll(async () => {
  dynamodb?.destroy();
  await stack?.stop();
});

async function post(path: string, body: object, authorization?: string) {
  const answer = await fetch(`${stack.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization && { authorization }) },
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { data: { orderId: string; total: number } }).data;
}

/** An order, recorded and paid. @returns its number and its tax invoice's */
async function paid(): Promise<[order: string, invoice: string]> {
  const { orderId, total } = await post("/v1.0/orders", guestOrder());
  await untilWhole(stack, orderId);
  const payment = { paymentReference: `pay-${orderId}`, paymentMethod: "payfast", paymentAmount: total, paymentCurrency: "ZAR" };
  await post(`/v1.0/orders/${orderId}/paymentconfirmation`, payment, await token(stack, { roles: "System" }));
  const { order } = await untilWhole(stack, orderId);
  return [order.orderNumber, order.documents.taxInvoice.number];
}

/** What whoever inspects the whole table says of its numbers. */
async function inspected(): Promise<string[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: stack.table, ConsistentRead: true }));
  const all = Items.map((item) => unmarshall(item) as Item);
  return numberProblems(all, all.filter((item) => item.entityType === "Order") as unknown as StoredOrder[]);
}

const exported = () => opsJson(stack, "export", "invoices", "--month", new Date(Date.now() + 7_200_000).toISOString().slice(0, 7));

describe("numbers skip", () => {
  it("asks first, and a dry run changes nothing", async () => {
    expect(await paid()).toEqual([`ORD-${year}-00001`, `INV-${year}-00001`]);
    const asked = await ops(stack, "numbers", "skip", "--by", "1000");
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining("The next 1000 numbers of every series are never used") });
    const dry = await opsJson(stack, "numbers", "skip", "--by", "1000", "--dry-run");
    expect(dry.data.gaps.map(({ numbers }: { numbers: string }) => numbers)).toEqual([
      `ORD-${year}-00002 to ORD-${year}-01001`,
      `INV-${year}-00002 to INV-${year}-01001`,
      `CRN-${year}-00001 to CRN-${year}-01000`,
    ]);
    const { data } = await opsJson(stack, "numbers", "show");
    expect(data.series).toMatchObject([
      { kind: "order", last: 1, gaps: [] },
      { kind: "invoice", last: 1, gaps: [] },
      { kind: "creditNote", last: 0, gaps: [] },
    ]);
  });

  it("numbers what comes past the gap, which everybody who counts accepts", async () => {
    expect((await opsJson(stack, "numbers", "skip", "--by", "1000", "--yes")).code).toBe(0);
    expect(await paid()).toEqual([`ORD-${year}-01002`, `INV-${year}-01002`]);
    expect(await inspected()).toEqual([]);
    const { code, data } = await exported();
    expect(code).toBe(0);
    expect(data.lines.map(({ number }: { number: string }) => number)).toEqual([`INV-${year}-00001`, `INV-${year}-01002`]);
    expect(data.declaredGaps).toMatchObject([
      { kind: "invoice", first: 2, last: 1001, by: expect.stringMatching(/^local /) },
      { kind: "creditNote", first: 1, last: 1000 },
    ]);
    expect((await opsJson(stack, "reconcile", "--grace", "0s", "--dry-run")).data.missing).toEqual([]);
    const shown = await ops(stack, "numbers", "show");
    expect(shown.out).toMatch(new RegExp(`creditNote +CRN-${year}-01000 +CRN-${year}-01001`));
    expect(shown.out).toContain(`INV-${year}-00002 to INV-${year}-01001`);
  });

  it("excuses no number that nobody declared", async () => {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: stack.table,
        Key: { PK: { S: "COUNTER#invoice" }, SK: { S: year } },
        UpdateExpression: "SET #value = :value",
        ExpressionAttributeNames: { "#value": "value" },
        ExpressionAttributeValues: { ":value": { N: "1003" } },
      }),
    );
    expect(await inspected()).toHaveLength(1);
    const { code, data } = await exported();
    expect([code, data.problems]).toEqual([3, [`INV-${year}-01003 was taken by no order, and no gap is declared there`]]);
  });
});
