/** A stack that tells of every call, every event and every message, and one order after the other through it. */
import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { RecordedCall } from "@bbws/local/lambda/protocol.ts";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import { type LoadReport, runLoad, type Samples } from "@bbws/ops/load/load.ts";
import { type FunctionName, type QueueName, table } from "../../../infra/settings.ts";
import { itemBytes } from "../harness/item-bytes.ts";

export type Watched = {
  /** ms, one for each order. */
  samples: Samples;
  /** AWS calls of the functions that work for an order, one list for each order. */
  calls: RecordedCall[][];
  /** ms of each event of each function. */
  durations: ReadonlyMap<FunctionName, number[]>;
  /** Bytes of each message on each queue. */
  messages: ReadonlyMap<QueueName, number[]>;
  /** Bytes. */
  sizes: { order: number[]; document: number[]; mail: number[] };
};

/** Orders before the ones that count: every execution environment has been used. */
const WARM_UP = 12;
/** Who looks at the order from outside. */
const onlookers = new Set<FunctionName>(["GetOrder", "ListOrders"]);

export async function watchedOrders({ orders, progress }: { orders: number; progress(text: string): void }): Promise<Watched> {
  const durations = new Map<FunctionName, number[]>();
  const messages = new Map<QueueName, number[]>();
  let counts = false;
  const stack = await startStack({
    fresh: true,
    quiet: true,
    record: true,
    onHandled(name, { ms }) {
      if (counts) add(durations, name, [ms]);
    },
    disturb(queue, batch) {
      if (counts)
        add(
          messages,
          queue,
          batch.map(({ Body = "" }) => Buffer.byteLength(Body)),
        );
      return { deliveries: [batch], undeleted: [], delayMs: 0 };
    },
  });
  try {
    progress("warming up");
    await placeOne(stack, WARM_UP);
    counts = true;
    const samples: Samples = { accepted: [], recorded: [], documented: [], mailed: [] };
    const calls: RecordedCall[][] = [];
    for (let n = 0; n < orders; n++) {
      progress(`order ${n + 1} of ${orders}`);
      const from = stack.calls.length;
      const one = await placeOne(stack, 1);
      for (const [measure, values] of Object.entries(one)) samples[measure as keyof Samples].push(...values);
      calls.push(stack.calls.slice(from).filter((call) => call.service !== "catalogue" && !onlookers.has(call.function)));
    }
    return { samples, calls, durations, messages, sizes: await sizesOf(stack) };
  } finally {
    await stack.stop();
  }
}

function add<Key>(lists: Map<Key, number[]>, key: Key, values: readonly number[]): void {
  lists.set(key, [...(lists.get(key) ?? []), ...values]);
}

/** @throws Error when anything about them is not as it must be */
async function placeOne({ url }: Stack, orders: number): Promise<Samples> {
  const { report, samples } = await runLoad({ url, orders, concurrency: 1, follow: orders });
  check(report);
  for (const [measure, { length }] of Object.entries(samples))
    if (length !== orders) throw new Error(`${measure}: ${length} of ${orders} orders were seen through`);
  return samples;
}

export function check({ problems }: LoadReport): void {
  if (problems.length > 0) throw new Error(`the stack did not do what is measured: ${problems.join("; ")}`);
}

async function sizesOf({ region, credentials, endpoints, table: name, buckets, url }: Stack): Promise<Watched["sizes"]> {
  const dynamodb = new DynamoDBClient({ region, credentials, endpoint: endpoints.dynamodb });
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.s3, forcePathStyle: true });
  const mails = (await (await fetch(`${url}/_local/mails`)).json()) as { html: string; text: string; to: string[] }[];
  const tenants = new Set(mails.flatMap(({ to }) => to.flatMap((address) => /\+load-(\w+)-\d+@/.exec(address)?.[1] ?? [])));
  const sizes: Watched["sizes"] = { order: [], document: [], mail: mails.map(({ html, text }) => Buffer.byteLength(html + text)) };
  for (const tenant of tenants) {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: `${table.partitionKey} = :tenant`,
        ExpressionAttributeValues: { ":tenant": { S: `TENANT#load-${tenant}` } },
      }),
    );
    for (const item of Items) {
      sizes.order.push(itemBytes(item));
      const key = item.documents?.M?.order?.M?.key?.S;
      if (!key) continue;
      const { ContentLength = 0 } = await s3.send(new HeadObjectCommand({ Bucket: buckets.DocumentsBucket, Key: key }));
      sizes.document.push(ContentLength);
    }
  }
  dynamodb.destroy();
  s3.destroy();
  return sizes;
}
