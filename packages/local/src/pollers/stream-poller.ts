/** A DynamoDB stream event source mapping: reads every shard in order from its beginning and remembers how far it came. */
import { createHash } from "node:crypto";
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  type _Record as StreamRecord,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { messageOf } from "../errors.ts";
import type { Checkpoints } from "./checkpoint.ts";
import { type Pattern, passesFilters } from "./event-filter.ts";
import type { Poller } from "./queue-poller.ts";
import { processBatch, Stopped } from "./stream-batch.ts";
import { toLambdaRecord } from "./stream-record.ts";

const IDLE_MS = 60;
const AFTER_ERROR_MS = 500;
/** New shards appear every four hours; a shard that ends makes us look at once. */
const LOOK_FOR_SHARDS_MS = 5000;
const PAGE = 1000;
const GATHER_LOOK_MS = 20;

export type DiscardedBatch = { streamArn: string; shardId: string; records: DynamoDBRecord[]; attempts: number };

export type StreamPollerOptions = {
  streams: DynamoDBStreamsClient;
  streamArn: string;
  checkpoints: Checkpoints;
  batchSize: number;
  /** How long changes are waited for, once there is one, in ms. */
  gatherMs?: number | undefined;
  /** Batches of one shard at the same time; records of one partition key keep their order. */
  parallelization: number;
  retries: number;
  filters: readonly Pattern[];
  timeScale: number;
  invoke(event: DynamoDBStreamEvent): Promise<unknown>;
  discard(batch: DiscardedBatch): Promise<void>;
  onError(message: string): void;
};

export function startStreamPoller(options: StreamPollerOptions): Poller {
  const state = { stopped: false };
  const done = readAllShards(options, state);
  return {
    async stop() {
      state.stopped = true;
      await done;
    },
  };
}

type State = { stopped: boolean };

async function readAllShards(options: StreamPollerOptions, state: State): Promise<void> {
  const running = new Map<string, Promise<void>>();
  let lookAt = 0;
  while (!state.stopped) {
    if (Date.now() >= lookAt) {
      lookAt = Date.now() + LOOK_FOR_SHARDS_MS;
      try {
        for (const shard of readable(await listShards(options), options.checkpoints)) {
          const id = shard.ShardId ?? "";
          if (running.has(id)) continue;
          const reading = readShard(id, options, state).finally(() => {
            running.delete(id);
            lookAt = 0;
          });
          running.set(id, reading);
        }
      } catch (error) {
        if (!state.stopped) options.onError(messageOf(error));
      }
    }
    await sleep(IDLE_MS);
  }
  await Promise.all(running.values());
}

async function listShards({ streams, streamArn }: StreamPollerOptions): Promise<Shard[]> {
  const shards: Shard[] = [];
  let from: string | undefined;
  do {
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: from }));
    shards.push(...(StreamDescription?.Shards ?? []));
    from = StreamDescription?.LastEvaluatedShardId;
  } while (from);
  return shards;
}

/** Shards that are not finished and whose parent is (or is gone): a child before its parent would break the order. */
function readable(shards: readonly Shard[], checkpoints: Checkpoints): Shard[] {
  const known = new Set(shards.map((shard) => shard.ShardId));
  const isFinished = (id: string | undefined) => id === undefined || !known.has(id) || checkpoints.read(id).closed === true;
  return shards.filter((shard) => !isFinished(shard.ShardId) && isFinished(shard.ParentShardId));
}

async function readShard(shardId: string, options: StreamPollerOptions, state: State): Promise<void> {
  const { streamArn, checkpoints, onError } = options;
  let iterator: string | undefined;
  let trimmed = false;
  while (!state.stopped) {
    try {
      iterator ??= await openIterator(shardId, options, trimmed);
      if (!iterator) {
        await checkpoints.write(shardId, { ...checkpoints.read(shardId), closed: true });
        return;
      }
      const { Records, NextShardIterator } = await readPage(iterator, options, state);
      const records = Records.map((record) => toLambdaRecord(record, streamArn));
      if (records.length > 0) {
        await processPage(shardId, records, options, state);
        await checkpoints.write(shardId, { sequenceNumber: records.at(-1)?.dynamodb?.SequenceNumber });
      }
      if (!NextShardIterator) {
        await checkpoints.write(shardId, { ...checkpoints.read(shardId), closed: true });
        return;
      }
      iterator = NextShardIterator;
      if (records.length === 0) await sleep(IDLE_MS);
    } catch (error) {
      if (error instanceof Stopped) return;
      // An iterator lives 15 minutes; whatever happened, the checkpoint says where to go on.
      iterator = undefined;
      trimmed = error instanceof TrimmedDataAccessException;
      if (!state.stopped) onError(messageOf(error));
      await sleep(AFTER_ERROR_MS);
    }
  }
}

/** One page; with `gatherMs`, all that comes within that time of its first change. */
async function readPage(from: string, { streams, gatherMs = 0 }: StreamPollerOptions, state: State) {
  const found: StreamRecord[] = [];
  let until: number | undefined;
  let iterator = from;
  for (;;) {
    const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: PAGE }));
    found.push(...Records);
    if (found.length > 0) until ??= performance.now() + gatherMs;
    if (!NextShardIterator || until === undefined || performance.now() >= until || state.stopped)
      return { Records: found, NextShardIterator };
    iterator = NextShardIterator;
    await sleep(GATHER_LOOK_MS);
  }
}

async function openIterator(
  shardId: string,
  { streams, streamArn, checkpoints }: StreamPollerOptions,
  trimmed: boolean,
): Promise<string | undefined> {
  const { sequenceNumber } = trimmed ? {} : checkpoints.read(shardId);
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: shardId,
      ShardIteratorType: sequenceNumber ? "AFTER_SEQUENCE_NUMBER" : "TRIM_HORIZON",
      SequenceNumber: sequenceNumber,
    }),
  );
  return ShardIterator;
}

async function processPage(shardId: string, records: DynamoDBRecord[], options: StreamPollerOptions, state: State): Promise<void> {
  const wanted = records.filter((record) => passesFilters(record, options.filters));
  const lanes = Array.from({ length: options.parallelization }, () => [] as DynamoDBRecord[]);
  for (const record of wanted) lanes[laneOf(record, options.parallelization)]?.push(record);
  const results = await Promise.allSettled(lanes.map((lane) => processLane(shardId, lane, options, state)));
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}

async function processLane(shardId: string, lane: DynamoDBRecord[], options: StreamPollerOptions, state: State): Promise<void> {
  for (let start = 0; start < lane.length; start += options.batchSize) {
    await processBatch(lane.slice(start, start + options.batchSize), {
      retries: options.retries,
      backOff: (attempt) => Math.min(100 * 2 ** attempt, 10_000) / options.timeScale,
      invoke: options.invoke,
      discard: (records, attempts) => options.discard({ streamArn: options.streamArn, shardId, records, attempts }),
      isStopped: () => state.stopped,
    });
  }
}

/** Lambda keeps the order within an item's partition key and runs other keys beside it. */
function laneOf(record: DynamoDBRecord, lanes: number): number {
  const partition = JSON.stringify(record.dynamodb?.Keys?.PK ?? {});
  return createHash("md5").update(partition).digest().readUInt32BE(0) % lanes;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
