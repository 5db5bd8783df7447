import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { acceptedMessage } from "@bbws/core/order/accept.ts";
import type { AcceptedOrder } from "@bbws/core/order/order.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { bundleFunction, bundleWorker, repositoryRoot } from "@bbws/local/bundle.ts";
import { type AwsLocal, startAws } from "@bbws/local/emulators/aws.ts";
import { type DynamoDbLocal, startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import { createTable } from "@bbws/local/emulators/table.ts";
import { toEvent } from "@bbws/local/gateway/event.ts";
import { environmentOf } from "@bbws/local/lambda/environment.ts";
import { createFaults } from "@bbws/local/lambda/faults.ts";
import { createPool, type FunctionPool } from "@bbws/local/lambda/pool.ts";
import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import { credentials, physicalQueues, queueArn, REGION, tableName } from "@bbws/local/local-stage.ts";
import { startQueuePoller } from "@bbws/local/pollers/queue-poller.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { functions, queues } from "../../infra/settings.ts";
import { randomOf } from "../support/chaos/random.ts";
import { type Item, numberProblems } from "../support/chaos/verdict.ts";
import { eventually } from "../support/eventually.ts";
import { acceptedOrder } from "../support/order.ts";
import { lackingOf, rightsOf } from "../support/policy.ts";

/** The built functions, five of each at once, on one counter: conflicts refuse a tenth of the transactions, some others are lost or cut off. */

const count = Number(process.env.CHAOS_NUMBERS ?? 100);
const AT_ONCE = 5;
/** Of all transactions, what injected conflicts must have refused; drawn a little more often, so that chance does not fall short. */
const CONFLICTS = 0.1;
const DRAWN = 0.125;
/** Of the others, what something else befalls. */
const OTHER_FAULTS = 0.05;
/** Fewer transactions do not tell a share. */
const TELLING = 1000;
/** Transactions of one invocation that may be hit. */
const DEPTH = 20;
const limitMs = 60_000 + count * 200;

const folder = mkdtempSync(join(tmpdir(), "chaos-numbers-"));
const random = randomOf(Number(process.env.CHAOS_SEED ?? 1));
let dynamodbLocal: DynamoDbLocal;
let aws: AwsLocal;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
const pools: FunctionPool[] = [];
const needed = new Set<string>();
const transactions = { made: 0, refused: 0, byKind: {} as Record<string, number> };

beforeAll(async () => {
  [dynamodbLocal, aws] = await Promise.all([startDynamoDb(folder, true), startAws({ folder: undefined, timeScale: 30 })]);
  dynamodb = new DynamoDBClient({ region: REGION, credentials, endpoint: dynamodbLocal.endpoint });
  sqs = new SQSClient({ region: REGION, credentials, endpoint: aws.endpoints.sqs });
  await createTable(dynamodb);
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  dynamodb?.destroy();
  sqs?.destroy();
  await Promise.all([dynamodbLocal?.stop(), aws?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

type Fault = Pick<Sabotage, "phase" | "how">;
const conflicts: readonly Fault[] = [
  { phase: "before", how: "conflict" },
  { phase: "before", how: "outrun" },
];
const otherFaults: readonly Fault[] = [
  { phase: "before", how: "throttle" },
  { phase: "before", how: "unavailable" },
  { phase: "before", how: "timeout" },
  { phase: "after", how: "timeout" },
  { phase: "before", how: "die" },
  { phase: "after", how: "die" },
];

function sabotage(): Sabotage[] {
  return Array.from({ length: DEPTH }, (_, i) => faultOf(i + 1)).filter((plan) => plan !== undefined);
}

function faultOf(call: number): Sabotage | undefined {
  const name = "dynamodb TransactWriteItems";
  if (random.chance(DRAWN)) return { call, name, ...random.pick(conflicts) };
  return random.chance(OTHER_FAULTS) ? { call, name, ...random.pick(otherFaults) } : undefined;
}

async function poolOf(name: "OrderCreatorRecord" | "UpdateOrder"): Promise<FunctionPool> {
  const buildFolder = join(repositoryRoot, ".build");
  const [{ file }, worker] = await Promise.all([bundleFunction(name, buildFolder), bundleWorker(buildFolder)]);
  const pool = createPool({
    name,
    bundle: file,
    worker,
    env: environmentOf(name, {
      apiUrl: "http://127.0.0.1:9",
      queueUrl: aws.queueUrl,
      secrets: { LinkSigningKey: "test", PreviousLinkSigningKey: "" },
      endpoints: { dynamodb: dynamodbLocal.endpoint, ...aws.endpoints, jwks: "http://127.0.0.1:9/jwks" },
      timeScale: 30,
    }),
    timeoutSeconds: functions[name].timeoutSeconds,
    memoryMb: functions[name].memoryMb,
    size: AT_ONCE,
    faults: createFaults().memory,
    record: true,
    onLog: () => undefined,
    onError: () => undefined,
    onCall(call) {
      if (call.action === "TransactWriteItems") transactions.made += 1;
      for (const right of rightsOf(call)) needed.add(right);
    },
    sabotage,
    onSabotaged({ plan: { phase, how } }) {
      if (conflicts.some((one) => one.how === how)) transactions.refused += 1;
      transactions.byKind[`${how} ${phase}`] = (transactions.byKind[`${how} ${phase}`] ?? 0) + 1;
    },
  });
  pools.push(pool);
  return pool;
}

async function items(): Promise<Item[]> {
  const found: Item[] = [];
  let start: Record<string, never> | undefined;
  do {
    const page = await dynamodb.send(new ScanCommand({ TableName: tableName, ConsistentRead: true, ExclusiveStartKey: start }));
    found.push(...(page.Items ?? []).map((item) => unmarshall(item) as Item));
    start = page.LastEvaluatedKey as Record<string, never> | undefined;
  } while (start);
  return found;
}

const ordersIn = (all: readonly Item[]) => all.filter(({ entityType }) => entityType === "Order") as unknown as StoredOrder[];

/** Prints what befell the transactions, and holds the share of conflicts to what was meant. */
function tell(what: string, started: number): void {
  const { made, refused, byKind } = transactions;
  const kinds = Object.entries(byKind).map(([kind, n]) => `${n} ${kind}`);
  console.log(
    `${count} ${what}, ${AT_ONCE} functions at once, ${((performance.now() - started) / 1000).toFixed(1)} s: ${made} transactions, ` +
      `${refused} of them refused by an injected conflict (${((100 * refused) / made).toFixed(1)} %), ${kinds.join(", ")}`,
  );
  if (made >= TELLING) expect(refused / made).toBeGreaterThanOrEqual(CONFLICTS);
  Object.assign(transactions, { made: 0, refused: 0, byKind: {} });
}

const accepted: AcceptedOrder[] = Array.from({ length: count }, (_, i) =>
  acceptedOrder({ tenantId: `tenant-${i % 20}`, dateCreated: new Date().toISOString() }),
);

it(
  `gives ${count} orders the numbers 1 to ${count} without a gap or a repeat`,
  async () => {
    const pool = await poolOf("OrderCreatorRecord");
    const QueueUrl = aws.queueUrl(physicalQueues.OrderCreationQueue!);
    for (let i = 0; i < count; i += 10) {
      const Entries = accepted
        .slice(i, i + 10)
        .map((order, n) => ({ Id: String(n), MessageBody: JSON.stringify(acceptedMessage(order, order.id)) }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    }
    const started = performance.now();
    const poller = startQueuePoller({
      sqs,
      queueUrl: QueueUrl,
      queueArn: queueArn(physicalQueues.OrderCreationQueue!),
      batchSize: queues.OrderCreationQueue.batchSize,
      concurrency: AT_ONCE,
      invoke: (event) => pool.invoke(event),
      onError: (message) => console.error(message),
    });
    await eventually(async () => {
      const { depth, inFlight } = (await aws.depths()).OrderCreationQueue!;
      return depth + inFlight === 0 || undefined;
    }, limitMs);
    tell("orders", started);
    await poller.stop();
    const all = await items();
    const orders = ordersIn(all);
    expect(orders.map(({ id }) => id).sort()).toEqual(accepted.map(({ id }) => id).sort());
    expect(numberProblems(all, orders)).toEqual([]);
    expect(lackingOf(needed)).toEqual([]);
    expect((await aws.depths()).OrderCreationDLQ).toMatchObject({ depth: 0, inFlight: 0 });
  },
  limitMs + 30_000,
);

it(
  `gives their ${count} payments the tax invoices 1 to ${count} without a gap or a repeat`,
  async () => {
    const pool = await poolOf("UpdateOrder");
    const waiting = [...accepted];
    const started = performance.now();
    const payer = async () => {
      for (let order = waiting.shift(); order; order = waiting.shift()) {
        const event = paymentOf(order);
        await eventually(async () => {
          const { statusCode } = (await pool.invoke(event)) as { statusCode: number };
          if (statusCode >= 500) throw new Error(`answered ${statusCode}`);
          expect(statusCode).toBe(200);
          return true;
        }, limitMs);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, payer));
    tell("payments", started);
    const all = await items();
    const orders = ordersIn(all);
    expect(orders.filter(({ status }) => status === "PAID")).toHaveLength(count);
    expect(numberProblems(all, orders)).toEqual([]);
    expect(lackingOf(needed)).toEqual([]);
  },
  limitMs + 30_000,
);

/** As the gateway hands a payment confirmation to the function. */
function paymentOf({ id, total }: AcceptedOrder) {
  const payment = { paymentReference: `PF-${id}`, paymentMethod: "payfast", paymentAmount: total / 100, paymentCurrency: "ZAR" };
  return toEvent(
    {
      method: "POST",
      target: `/v1.0/orders/${id}/paymentconfirmation`,
      rawHeaders: ["host", "127.0.0.1", "content-type", "application/json"],
      body: Buffer.from(JSON.stringify(payment)),
      httpVersion: "1.1",
      sourceIp: "127.0.0.1",
    },
    {
      routeKey: "POST /v1.0/orders/{orderId}/paymentconfirmation",
      pathParameters: { orderId: id },
      jwt: { claims: { sub: "payfast", scope: "orders/payment.confirm", "custom:roles": "System" }, scopes: null },
      now: new Date(),
    },
  );
}
