import { type FunctionName, functions, queues, type StreamReaderName, streamReaders } from "../../../infra/settings.ts";
import { prices } from "./prices.ts";
import type { Standing } from "./report.ts";
import type { Workload } from "./workload.ts";

const KB = 1024;
const GB = 1024 ** 3;
const SECONDS_PER_MONTH = 30 * 24 * 3600;
/** Documents and orders are kept for seven years. */
const MONTHS_KEPT = 84;
export type Item = { service: string; what: string; dollars: number };

/** Dollars for so many orders, item by item: what is paid once, and a month of keeping what they leave behind. */
export function costOf(workload: Workload, orders = 1000): { items: Item[]; total: number; keptPerMonth: number } {
  const { bytes } = workload;
  const count = (service: string, ...actions: string[]) => orders * callsOf(workload, service, actions);
  const units = unitsOf(workload);
  const once: Item[] = [
    { service: "Lambda", what: "requests", dollars: (orders * invocationsOf(workload) * prices.lambda.perMillionRequests) / 1e6 },
    { service: "Lambda", what: "GB-seconds", dollars: orders * gbSecondsOf(workload) * prices.lambda.perGbSecond },
    { service: "API Gateway", what: "requests", dollars: (orders * apiRequestsOf(workload) * prices.httpApi.perMillionRequests) / 1e6 },
    { service: "DynamoDB", what: "write units", dollars: (orders * units.write * prices.dynamodb.perMillionWriteUnits) / 1e6 },
    { service: "DynamoDB", what: "read units", dollars: (orders * units.read * prices.dynamodb.perMillionReadUnits) / 1e6 },
    { service: "SQS", what: "requests", dollars: (orders * queueRequestsOf(workload) * prices.sqs.perMillionRequests) / 1e6 },
    { service: "S3", what: "writes", dollars: (count("s3", "PutObject") * prices.s3.perThousandWrites) / 1000 },
    { service: "S3", what: "reads", dollars: (count("s3", "GetObject", "HeadObject") * prices.s3.perThousandReads) / 1000 },
    { service: "SES", what: "mails", dollars: (count("ses", "SendEmail") * prices.ses.perThousandMails) / 1000 },
    { service: "SES", what: "attachments", dollars: ((orders * bytes.documents) / GB) * prices.ses.perGbAttached },
    { service: "X-Ray", what: "traces", dollars: (orders * invocationsOf(workload) * prices.xray.perMillionTraces) / 1e6 },
    { service: "CloudWatch", what: "logs", dollars: ((orders * bytes.logs) / GB) * prices.logs.perGb },
  ];
  const items = once.map((item) => ({ ...item, dollars: item.dollars * prices.regionFactor }));
  // The table once more for each of its two indexes, and its backup.
  const table = (3 * bytes.orderItem * prices.dynamodb.perGbMonth + bytes.orderItem * prices.dynamodb.backupPerGbMonth) / GB;
  const kept = orders * (table + (bytes.documents / GB) * prices.s3.perGbMonth) * prices.regionFactor;
  return { items, total: items.reduce((sum, { dollars }) => sum + dollars, 0), keptPerMonth: kept };
}

/** Dollars a month that a stage costs without any order. */
export function standingCost(standing: Standing): number {
  const { perAlarmMetricMonth, perDashboardMonth, perMetricMonth } = prices.cloudwatch;
  // Four pollers for each queue ask all day (Lambda's own long polls of 20 s).
  const polls = (Object.keys(queues).length * 4 * SECONDS_PER_MONTH) / 20;
  const dollars =
    standing.alarmMetrics * perAlarmMetricMonth +
    standing.dashboards * perDashboardMonth +
    (standing.businessMetrics + standing.routeMetrics) * perMetricMonth +
    (polls * prices.sqs.perMillionRequests) / 1e6;
  return dollars * prices.regionFactor;
}

/** Dollars a month at so many orders a month, in the last year of keeping (seven years of orders lie there). */
export function monthOf(workload: Workload, orders: number, standing: number): number {
  const { total, keptPerMonth } = costOf(workload, orders);
  return standing + total + keptPerMonth * MONTHS_KEPT;
}

export type Need = { name: FunctionName; environments: number; limit: number | undefined };

/** Execution environments each function needs at once (Little's law), and the most that `infra/settings.ts` lets it have. */
export function concurrencyAt(workload: Workload, ordersPerSecond: number): Need[] {
  const limits = new Map<FunctionName, number>(Object.values(queues).map(({ consumer, maxConcurrency }) => [consumer, maxConcurrency]));
  return (Object.entries(workload.functions) as [FunctionName, Workload["functions"][FunctionName]][]).map(([name, use]) => {
    const busy = (ordersPerSecond * use!.invocations * use!.msPerInvocation) / 1000;
    return { name, environments: Math.max(1, Math.ceil(busy)), limit: limits.get(name) };
  });
}

export type Quota = { name: string; default: string; ordersPerSecond: number; beyond: string };

/** What stops the flow at how many orders a second, the lowest first, and what to do about it. Defaults of a new account. */
export function quotas(workload: Workload): Quota[] {
  const mails = callsOf(workload, "ses", ["SendEmail"]);
  const busyMs = Object.values(workload.functions).reduce((sum, use) => sum + use.invocations * use.msPerInvocation, 0);
  const consumers = Object.entries(queues).map(([queue, { consumer, maxConcurrency }]): Quota => {
    const use = workload.functions[consumer];
    return {
      name: `${consumer}: maximum concurrency of ${queue}`,
      default: `${maxConcurrency}, our own`,
      ordersPerSecond: use ? (maxConcurrency * 1000) / (use.invocations * use.msPerInvocation) : Number.POSITIVE_INFINITY,
      beyond: "raise `maxConcurrency` in infra/settings.ts; until then the queue holds what comes, and nothing is lost",
    };
  });
  const all: Quota[] = [
    {
      name: "SES sending rate",
      default: "14 mails a second",
      ordersPerSecond: 14 / mails,
      beyond: "ask for more in Service Quotas before going live; throttled mails wait in their queue",
    },
    {
      name: "API Gateway throttle of the region",
      default: "2 500 requests a second",
      ordersPerSecond: 2500 / apiRequestsOf(workload),
      beyond: "ask for more (the deployment runbook does so first); 429 with Retry-After until then, which the client repeats",
    },
    {
      name: "Lambda concurrency of the account",
      default: "1 000 environments",
      ordersPerSecond: 1_000_000 / busyMs,
      beyond: "ask for more; reserve some for CreateOrder, so that mails never take the shop's place",
    },
    {
      name: "the counter item of a year",
      default: "one item, one transaction at a time, 10 orders each",
      // A transaction of 31 items takes a table of AWS some 15 ms, and the loser of a race reads again first.
      ordersPerSecond: (1000 / 30) * 10,
      beyond: "one counter per month or per series prefix: the law asks for no gap within a series, not for a single series (decision 5)",
    },
    {
      name: "stream shards, two readers each",
      default: `${streamReaders.OrderChangeRouter.parallelization} batches of ${streamReaders.OrderChangeRouter.batchSize} at once per shard`,
      ordersPerSecond: routedPerSecond(workload, "OrderChangeRouter"),
      beyond: "raise `parallelization` in infra/settings.ts up to 10; the table splits into more shards by itself as it grows",
    },
    ...consumers,
  ];
  return all.sort((a, b) => a.ordersPerSecond - b.ordersPerSecond);
}

function routedPerSecond(workload: Workload, reader: StreamReaderName): number {
  const use = workload.functions[reader];
  if (!use) return Number.POSITIVE_INFINITY;
  return (streamReaders[reader].parallelization * 1000) / (use.invocations * use.msPerInvocation);
}

const invocationsOf = ({ functions: used }: Workload) => Object.values(used).reduce((sum, { invocations }) => sum + invocations, 0);

const gbSecondsOf = ({ functions: used }: Workload) =>
  (Object.entries(used) as [FunctionName, Workload["functions"][FunctionName]][]).reduce(
    (sum, [name, use]) => sum + (use!.invocations * use!.msPerInvocation * functions[name].memoryMb) / 1024 / 1000,
    0,
  );

/** HTTP requests: what is not invoked by a queue or the stream. */
function apiRequestsOf({ functions: used }: Workload): number {
  const behind = new Set<string>([...Object.values(queues).map(({ consumer }) => consumer), ...Object.keys(streamReaders)]);
  return Object.entries(used).reduce((sum, [name, { invocations }]) => sum + (behind.has(name) ? 0 : invocations), 0);
}

function callsOf({ functions: used }: Workload, service: string, actions: readonly string[]): number {
  return Object.values(used).reduce(
    (sum, { calls }) => sum + actions.reduce((subtotal, action) => subtotal + (calls[`${service} ${action}`] ?? 0), 0),
    0,
  );
}

/** Sends as measured, and for each message its receive and delete; a request carries 64 KB. */
function queueRequestsOf(workload: Workload): number {
  const { functions: used, bytes } = workload;
  const receives = Object.values(queues).reduce((sum, { consumer }) => sum + 2 * (used[consumer]?.invocations ?? 0), 0);
  const chunks = Math.ceil(bytes.message / (64 * KB));
  return (callsOf(workload, "sqs", ["SendMessage", "SendMessageBatch"]) + receives) * chunks;
}

/**
 * DynamoDB's units of an order, at most: an order's write also writes both indexes, a transaction costs twice and carries up
 * to three small items; every other write is one small item, or the idempotency record with its message.
 */
function unitsOf(workload: Workload): { write: number; read: number } {
  const { bytes } = workload;
  const order = Math.ceil(bytes.orderItem / KB);
  const remembered = Math.ceil((2 * bytes.message) / KB);
  const write = callsOf(workload, "dynamodb", ["TransactWriteItems"]) * (2 * (order + 3) + 2 * order);
  const documents = (workload.functions.OrderPDFCreator?.calls["dynamodb UpdateItem"] ?? 0) * 3 * order;
  const requests = (workload.functions.CreateOrder?.calls["dynamodb PutItem"] ?? 0) * remembered;
  const small =
    callsOf(workload, "dynamodb", ["PutItem", "UpdateItem", "DeleteItem"]) -
    (workload.functions.OrderPDFCreator?.calls["dynamodb UpdateItem"] ?? 0) -
    (workload.functions.CreateOrder?.calls["dynamodb PutItem"] ?? 0);
  // Read consistently: one unit for each 4 KB.
  const read = callsOf(workload, "dynamodb", ["GetItem", "Query", "BatchGetItem"]) * Math.ceil(bytes.orderItem / (4 * KB));
  return { write: write + documents + requests + small, read };
}
