/**
 * What Lambda does with one batch of stream records: partial failures move the start of the batch, an error splits it,
 * each piece has a limited number of retries, and what is left over goes to the failure destination.
 */
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";

export type BatchPolicy = {
  /** Retries of one piece after its first attempt; splitting does not count. */
  retries: number;
  /** Milliseconds to wait before the `attempt`-th retry of a piece. */
  backOff(attempt: number): number;
  invoke(event: DynamoDBStreamEvent): Promise<unknown>;
  /** Takes what could not be handled. Its own failure is thrown on: the records stay where they are. */
  discard(records: DynamoDBRecord[], attempts: number): Promise<void>;
  isStopped(): boolean;
};

/** Thrown when the poller stops in the middle of a batch: nothing after the last checkpoint counts as done. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Resolves when every record was handled or discarded, in order. */
export async function processBatch(records: DynamoDBRecord[], policy: BatchPolicy): Promise<void> {
  let rest = records;
  let attempt = 0;
  while (rest.length > 0) {
    if (policy.isStopped()) throw new Stopped();
    const outcome = await attemptBatch(rest, policy);
    if (outcome.failedFrom === undefined) return;
    const remaining = rest.slice(outcome.failedFrom);
    // Progress is not a retry of the same thing.
    attempt = remaining.length < rest.length ? 0 : attempt;
    if (remaining.length > 1) {
      await bisect(remaining, policy);
      return;
    }
    rest = remaining;
    attempt += 1;
    if (attempt > policy.retries) {
      await policy.discard(rest, attempt);
      return;
    }
    await pause(policy.backOff(attempt), policy);
  }
}

async function bisect(records: DynamoDBRecord[], policy: BatchPolicy): Promise<void> {
  const half = Math.ceil(records.length / 2);
  await processBatch(records.slice(0, half), policy);
  await processBatch(records.slice(half), policy);
}

/** @returns the index of the first record that must be seen again; undefined when all are done */
async function attemptBatch(records: DynamoDBRecord[], policy: BatchPolicy): Promise<{ failedFrom: number | undefined }> {
  try {
    const response = await policy.invoke({ Records: records });
    return { failedFrom: lowestFailure(response, records) };
  } catch {
    return { failedFrom: 0 };
  }
}

/** The lowest failed sequence number decides; an id Lambda does not know fails the whole batch. */
export function lowestFailure(response: unknown, records: readonly DynamoDBRecord[]): number | undefined {
  if (response === null || response === undefined) return undefined;
  if (typeof response !== "object") return 0;
  const { batchItemFailures } = response as { batchItemFailures?: { itemIdentifier?: string }[] | null };
  if (!batchItemFailures || batchItemFailures.length === 0) return undefined;
  if (!Array.isArray(batchItemFailures)) return 0;
  const numbers = records.map((record) => record.dynamodb?.SequenceNumber);
  const indexes = batchItemFailures.map((failure) => numbers.indexOf(failure?.itemIdentifier));
  return indexes.includes(-1) ? 0 : Math.min(...indexes);
}

async function pause(ms: number, policy: BatchPolicy): Promise<void> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    if (policy.isStopped()) throw new Stopped();
    await new Promise((resolve) => setTimeout(resolve, Math.min(50, Math.max(1, end - Date.now()))));
  }
}
