import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttributeValue, DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { type DynamoDbLocal, startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import { createTable } from "@bbws/local/emulators/table.ts";
import { credentials, REGION, tableName } from "@bbws/local/local-stage.ts";
import { openCheckpoints } from "@bbws/local/pollers/checkpoint.ts";
import { passesFilters } from "@bbws/local/pollers/event-filter.ts";
import type { Poller } from "@bbws/local/pollers/queue-poller.ts";
import { type DiscardedBatch, type StreamPollerOptions, startStreamPoller } from "@bbws/local/pollers/stream-poller.ts";
import { toLambdaRecord } from "@bbws/local/pollers/stream-record.ts";
import type { DynamoDBRecord } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { streamReaders } from "../../infra/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "stream-test-"));
let local: DynamoDbLocal;
let dynamodb: DynamoDBClient;
let streams: DynamoDBStreamsClient;
let streamArn: string;
const pollers: Poller[] = [];

beforeAll(async () => {
  local = await startDynamoDb(join(folder, "dynamodb"), true);
  const client = { region: REGION, credentials, endpoint: local.endpoint };
  dynamodb = new DynamoDBClient(client);
  streams = new DynamoDBStreamsClient(client);
  streamArn = await createTable(dynamodb);
});

afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
});

afterAll(async () => {
  for (const client of [dynamodb, streams]) client.destroy();
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

const put = (pk: string, sk: string, n = 0) =>
  dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { PK: { S: pk }, SK: { S: sk }, n: { N: String(n) } } }));

let tests = 0;
/** A reader that starts where the table stands and sees only the items of its own test. */
function reader(options: Partial<StreamPollerOptions> & { name?: string; prefix: string }) {
  tests += 1;
  const name = options.name ?? `reader-${tests}`;
  const batches: string[][] = [];
  const discarded: DiscardedBatch[] = [];
  const start = () => {
    const poller = startStreamPoller({
      streams,
      streamArn,
      checkpoints: openCheckpoints(folder, name),
      batchSize: 10,
      parallelization: 1,
      retries: 2,
      timeScale: 50,
      filters: [{ dynamodb: { Keys: { PK: { S: [{ prefix: options.prefix }] } } } }],
      discard: async (batch) => void discarded.push(batch),
      onError: () => undefined,
      ...options,
      async invoke(event) {
        batches.push(event.Records.map(skOf));
        return options.invoke?.(event);
      },
    });
    pollers.push(poller);
    return poller;
  };
  return { name, batches, discarded, start };
}

const skOf = (record: DynamoDBRecord) => record.dynamodb?.Keys?.SK?.S ?? "";
const numbersOf = (records: DynamoDBRecord[], sk: string) =>
  records.filter((record) => skOf(record) === sk).map((record) => ({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" }));

describe("a stream event source mapping", () => {
  it("reads from the beginning, in order, in batches, through its filter", async () => {
    for (let i = 0; i < 5; i += 1) await put("A#1", `ORDER#${i}`);
    await put("B#1", "ORDER#other");
    const { batches, start } = reader({ prefix: "A#", batchSize: 2 });
    start();
    await expect.poll(() => batches.flat().length).toBe(5);
    expect(batches.flat()).toEqual(["ORDER#0", "ORDER#1", "ORDER#2", "ORDER#3", "ORDER#4"]);
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(2);
  });

  it("gives records in Lambda's form", async () => {
    let seen: DynamoDBRecord | undefined;
    const { start } = reader({
      prefix: "FORM#",
      invoke: async ({ Records }) => {
        seen = Records[0];
      },
    });
    start();
    await put("FORM#1", "ORDER#1", 7);
    await expect.poll(() => seen).toBeDefined();
    expect(seen).toMatchObject({
      eventName: "INSERT",
      eventSource: "aws:dynamodb",
      awsRegion: "af-south-1",
      eventSourceARN: streamArn,
      dynamodb: {
        Keys: { PK: { S: "FORM#1" }, SK: { S: "ORDER#1" } },
        NewImage: { n: { N: "7" } },
        StreamViewType: "NEW_AND_OLD_IMAGES",
        SequenceNumber: expect.stringMatching(/^\d+$/),
      },
    });
    expect(Number.isInteger(seen?.dynamodb?.ApproximateCreationDateTime)).toBe(true);
    expect(seen?.dynamodb).not.toHaveProperty("OldImage");
  });

  it("keeps every type of attribute value", async () => {
    const values: Record<string, AttributeValue> = {
      text: { S: "" },
      flag: { BOOL: false },
      nothing: { NULL: true },
      list: { L: [{ M: { inner: { N: "1" } } }, { M: {} }, { L: [] }] },
      map: { M: { empty: { M: {} } } },
      none: { M: {} },
      texts: { SS: ["a"] },
      numbers: { NS: ["1"] },
    };
    let image: Record<string, unknown> | undefined;
    const { start } = reader({
      prefix: "TYPES#",
      invoke: async ({ Records }) => {
        image = Records[0]?.dynamodb?.NewImage;
      },
    });
    start();
    const Item = {
      PK: { S: "TYPES#1" },
      SK: { S: "ORDER#1" },
      ...values,
      bytes: { B: Buffer.from("hi") },
      byteSet: { BS: [Buffer.from("x")] },
    };
    await dynamodb.send(new PutItemCommand({ TableName: tableName, Item }));
    await expect.poll(() => image).toBeDefined();
    expect(image).toMatchObject({ ...values, bytes: { B: "aGk=" }, byteSet: { BS: ["eA=="] } });
  });

  it("goes on where it was after a restart", async () => {
    const { batches, start } = reader({ prefix: "GO#" });
    const first = start();
    await put("GO#1", "ORDER#1");
    await expect.poll(() => batches.flat()).toEqual(["ORDER#1"]);
    await first.stop();
    await put("GO#1", "ORDER#2");
    start();
    await expect.poll(() => batches.flat()).toEqual(["ORDER#1", "ORDER#2"]);
  });

  it("sees records again that were not finished when it stopped", async () => {
    let failing = true;
    const { batches, start } = reader({
      prefix: "AGAIN#",
      retries: 1000,
      invoke: async () => {
        if (failing) throw new Error("not yet");
      },
    });
    const first = start();
    await put("AGAIN#1", "ORDER#1");
    await expect.poll(() => batches.length).toBeGreaterThan(0);
    await first.stop();
    failing = false;
    batches.length = 0;
    start();
    await expect.poll(() => batches.flat()).toEqual(["ORDER#1"]);
  });

  it("splits a failing batch until only the culprit is left, and discards that after its retries", async () => {
    for (let i = 0; i < 8; i += 1) await put("BISECT#1", `ORDER#${i}`);
    const handled = new Set<string>();
    const { batches, discarded, start } = reader({
      prefix: "BISECT#",
      invoke: async ({ Records }) => {
        if (Records.some((record) => skOf(record) === "ORDER#5")) throw new Error("poison");
        for (const record of Records) handled.add(skOf(record));
      },
    });
    start();
    await expect.poll(() => discarded.length).toBe(1);
    await expect.poll(() => handled.size).toBe(7);
    expect(discarded[0]?.records.map(skOf)).toEqual(["ORDER#5"]);
    expect(discarded[0]?.attempts).toBe(3);
    // One record alone: its first attempt and two retries.
    expect(batches.filter((batch) => batch.join() === "ORDER#5")).toHaveLength(3);
    expect(batches.map((batch) => batch.length).slice(0, 3)).toEqual([8, 4, 4]);
  });

  it("goes back to the lowest record that was reported as failed, not before it", async () => {
    for (let i = 0; i < 4; i += 1) await put("PARTIAL#1", `ORDER#${i}`);
    let failing = true;
    const { batches, discarded, start } = reader({
      prefix: "PARTIAL#",
      invoke: async ({ Records }) => {
        if (!failing) return { batchItemFailures: [] };
        failing = false;
        return { batchItemFailures: [...numbersOf(Records, "ORDER#3"), ...numbersOf(Records, "ORDER#2")] };
      },
    });
    start();
    await expect.poll(() => batches.flat().length).toBe(6);
    expect(batches.flat()).toEqual(["ORDER#0", "ORDER#1", "ORDER#2", "ORDER#3", "ORDER#2", "ORDER#3"]);
    expect(discarded).toEqual([]);
  });

  it("takes an unknown id as failure of the whole batch", async () => {
    await put("UNKNOWN#1", "ORDER#0");
    let failing = true;
    const { batches, start } = reader({
      prefix: "UNKNOWN#",
      invoke: async () => {
        if (!failing) return undefined;
        failing = false;
        return { batchItemFailures: [{ itemIdentifier: "unknown" }] };
      },
    });
    start();
    await expect.poll(() => batches.flat()).toEqual(["ORDER#0", "ORDER#0"]);
  });

  it("keeps the order of a partition key while others run beside it", async () => {
    const keys = ["PAR#1", "PAR#2", "PAR#3", "PAR#4"];
    for (let i = 0; i < 5; i += 1) for (const key of keys) await put(key, "ORDER#1", i);
    const seen: Record<string, string[]> = {};
    let running = 0;
    let most = 0;
    const { start } = reader({
      prefix: "PAR#",
      parallelization: 2,
      batchSize: 1,
      invoke: async ({ Records }) => {
        running += 1;
        most = Math.max(most, running);
        for (const { dynamodb: change } of Records) {
          const key = change?.Keys?.PK?.S ?? "";
          seen[key] = [...(seen[key] ?? []), change?.NewImage?.n?.N ?? ""];
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
      },
    });
    start();
    await expect.poll(() => Object.values(seen).flat().length).toBe(20);
    expect(Object.values(seen)).toEqual(keys.map(() => ["0", "1", "2", "3", "4"]));
    expect(most).toBe(2);
  });

  it("keeps a checkpoint file per shard", () => {
    const readers = readdirSync(join(folder, "checkpoints"));
    expect(readers.length).toBeGreaterThan(0);
    for (const name of readers) {
      const files = readdirSync(join(folder, "checkpoints", name));
      expect(files.every((file) => /^shardId-.*\.json$/.test(file))).toBe(true);
    }
  });
});

describe("the filters of the settings", () => {
  it("wake the router for orders only and the expirer for timers that are gone only", async () => {
    const router = reader({ prefix: "", name: "router", filters: streamReaders.OrderChangeRouter.filters });
    const expirer = reader({ prefix: "", name: "expirer", filters: streamReaders.OrderExpirer.filters });
    router.start();
    expirer.start();
    await put("TENANT#1", "ORDER#filtered");
    await put("TENANT#1", "METADATA");
    await put("ORDER#filtered", "EXPIRY");
    await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { PK: { S: "TENANT#1" }, SK: { S: "METADATA" } } }));
    await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: { PK: { S: "ORDER#filtered" }, SK: { S: "EXPIRY" } } }));
    await expect.poll(() => router.batches.flat()).toContain("ORDER#filtered");
    await expect.poll(() => expirer.batches.flat()).toEqual(["EXPIRY"]);
    expect(router.batches.flat().every((sk) => sk.startsWith("ORDER#"))).toBe(true);
  });

  it.each([
    [{ a: ["x", 1, null] }, { a: 1 }, true],
    [{ a: ["x"] }, { a: "y" }, false],
    [{ a: [{ prefix: "or" }] }, { a: "order" }, true],
    [{ a: [{ prefix: "or" }] }, { a: 5 }, false],
    [{ a: { b: ["x"] }, c: ["y"] }, { a: { b: "x" }, c: "z" }, false],
    [{ a: { b: ["x"] } }, { a: "b" }, false],
  ])("pattern %j on %j is %s", (pattern, event, expected) => {
    expect(passesFilters(event, [pattern])).toBe(expected);
  });
});

describe("a removal by TTL", () => {
  it("is named as AWS names it", () => {
    const record = toLambdaRecord({ eventName: "UNKNOWN_TO_SDK_VERSION" as "REMOVE", dynamodb: {} }, streamArn);
    expect(record.eventName).toBe("REMOVE");
  });
});
