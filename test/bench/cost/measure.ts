import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import { inParallel } from "@bbws/ops/load/in-parallel.ts";
import { localView } from "@bbws/ops/load/local-view.ts";
import { createOrderClient } from "@bbws/order-client";
import { type FunctionName, functions } from "../../../infra/settings.ts";
import type { Workload } from "./workload.ts";

/** Mails of an order that is placed and paid: confirmation and receipt, and staff's notice of each. */
const MAILS = 4;
const WARM_UP = 20;
const AT_ONCE = 4;

/** Places, pays and lists orders and outlives their timers on a throw-away stack and notes what they asked of AWS. Takes about a second for ten orders. */
export async function measure(orders: number, onProgress: (text: string) => void): Promise<Workload> {
  onProgress("starting a stack");
  const stack = await startStack({ fresh: true, quiet: true, record: true });
  try {
    await liveThrough(stack, WARM_UP, (done) => onProgress(`warming up: ${done} of ${WARM_UP}`));
    const before = { calls: stack.calls.length, logs: logOf(stack).length };
    await liveThrough(stack, orders, (done) => onProgress(`${done} of ${orders} orders mailed`));
    const log = logOf(stack).slice(before.logs);
    return {
      measuredAt: new Date().toISOString().slice(0, 10),
      load: Math.round(loadavg()[0]!),
      orders,
      functions: functionsOf(stack.calls.slice(before.calls), log, orders),
      bytes: { ...(await bytesOf(stack)), logs: Math.round(Buffer.byteLength(log) / orders) },
    };
  } finally {
    await stack.stop();
  }
}

const logOf = ({ folder }: Stack) => readFileSync(join(folder, "logs/functions.log"), "utf8");

async function liveThrough({ url, calls }: Stack, count: number, onProgress: (mailed: number) => void): Promise<void> {
  const local = localView(url)!;
  const customer = await local.token("tenant-cost");
  const system = await local.token("tenant-cost", "System");
  const buyer = createOrderClient({ baseUrl: url, getToken: () => customer });
  const payer = createOrderClient({ baseUrl: url, getToken: () => system });
  const from = (await local.mails(0)).length;
  const ids: string[] = [];
  await inParallel(count, AT_ONCE, async (i) => {
    const { orderId } = await buyer.createOrder({
      customerEmail: `cost-${i}@example.com`,
      items: [
        { productId: "PROD-002", quantity: 1 },
        { productId: "PROD-001", quantity: 2 },
      ],
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    });
    ids[i] = orderId;
  });
  await until(local, from, 2 * count, (mails) => onProgress(Math.floor(mails / MAILS)));
  await inParallel(count, AT_ONCE, async (i) => {
    const { total } = await buyer.getOrder(ids[i]!);
    await payer.confirmPayment(ids[i]!, {
      paymentReference: `COST-${ids[i]}`,
      paymentMethod: "card",
      paymentAmount: total,
      paymentCurrency: "ZAR",
    });
  });
  await until(local, from, MAILS * count, (mails) => onProgress(Math.floor(mails / MAILS)));
  // The customer looks at the list once; a week later the timer is gone, which is looked at though the order was paid.
  const looked = () => calls.filter((call) => call.function === "OrderExpirer").length;
  const due = looked() + count;
  await inParallel(count, AT_ONCE, async (i) => {
    await buyer.listOrders();
    await local.expire(ids[i]!);
  });
  while (looked() < due) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function until(local: NonNullable<ReturnType<typeof localView>>, from: number, due: number, onProgress: (mails: number) => void) {
  for (let mails = 0; mails < due; ) {
    mails = (await local.mails(from)).length;
    onProgress(mails);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

type Line = { function?: string; requestId?: string; function_request_id?: string; durationMs?: number };

function functionsOf(calls: Stack["calls"], log: string, orders: number): Workload["functions"] {
  const result: Workload["functions"] = {};
  for (const name of Object.keys(functions) as FunctionName[]) {
    const own = calls.filter((call) => call.function === name);
    const invocations = new Set(own.map(({ requestId }) => requestId)).size;
    if (invocations === 0) continue;
    const counts: Record<string, number> = {};
    for (const { service, action } of own) counts[`${service} ${action}`] = (counts[`${service} ${action}`] ?? 0) + 1;
    result[name] = {
      invocations: rounded(invocations / orders),
      msPerInvocation: rounded(meanDuration(log, name)),
      calls: Object.fromEntries(Object.entries(counts).map(([call, count]) => [call, rounded(count / orders)])),
    };
  }
  return result;
}

/** By the functions' own log lines; a batch logs one for each message, all with the batch's duration. */
function meanDuration(log: string, name: FunctionName): number {
  const byInvocation = new Map<string, number>();
  for (const text of log.split("\n")) {
    if (!text.includes(name) || !text.includes("durationMs")) continue;
    const line = JSON.parse(text) as Line;
    if (!(line.function ?? "").endsWith(name) || line.durationMs === undefined) continue;
    byInvocation.set(line.function_request_id ?? line.requestId ?? text, line.durationMs);
  }
  if (byInvocation.size === 0) return 0;
  return [...byInvocation.values()].reduce((sum, ms) => sum + ms, 0) / byInvocation.size;
}

async function bytesOf({ endpoints, region, credentials, table, buckets }: Stack): Promise<Omit<Workload["bytes"], "logs">> {
  const dynamodb = new DynamoDBClient({ region, credentials, endpoint: endpoints.dynamodb });
  const orders = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: "PK = :pk and begins_with(SK, :sk)",
      ExpressionAttributeValues: { ":pk": { S: "TENANT#tenant-cost" }, ":sk": { S: "ORDER#" } },
    }),
  );
  const requests = await dynamodb.send(
    new ScanCommand({
      TableName: table,
      FilterExpression: "entityType = :type",
      ExpressionAttributeValues: { ":type": { S: "Idempotency" } },
    }),
  );
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.s3, forcePathStyle: true });
  const documents = await s3.send(new ListObjectsV2Command({ Bucket: buckets.DocumentsBucket }));
  const count = orders.Items?.length ?? 1;
  return {
    orderItem: mean((orders.Items ?? []).map((item) => JSON.stringify(item).length)),
    message: mean((requests.Items ?? []).map(({ message }) => Buffer.byteLength(message?.S ?? ""))),
    documents: Math.round((documents.Contents ?? []).reduce((sum, { Size = 0 }) => sum + Size, 0) / count),
  };
}

const mean = (values: number[]) => Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
const rounded = (value: number) => Number(value.toFixed(3));
