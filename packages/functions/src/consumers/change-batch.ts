import { unmarshall } from "@aws-sdk/util-dynamodb";
import { PermanentError } from "@bbws/core/errors.ts";
import type {
  Context,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  AttributeValue as LambdaAttributeValue,
} from "aws-lambda";
import { deadLetterChange } from "../runtime/changes-dlq.ts";
import { errorFacts, logger } from "../runtime/logger.ts";
import { flushMetrics } from "../runtime/metrics.ts";

/** A stream image as plain values. */
export function imageOf(image: Record<string, LambdaAttributeValue> | undefined) {
  return image && unmarshall(image as Parameters<typeof unmarshall>[0]);
}

/** What became of one change: a word for the log, or why it failed; and the id it goes by, where the change itself has none. */
export type ChangeOutcome = ({ note: string } | { error: unknown }) & { correlationId?: string };

/**
 * The wrapper of the two stream readers. What can never succeed goes to OrderChangesDLQ and the rest goes on; of what
 * may succeed later the earliest is reported, and Lambda comes back with it and everything after it.
 */
export function changeBatch(handle: (records: DynamoDBRecord[]) => Promise<ChangeOutcome[]>) {
  return async (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
    const startedAt = performance.now();
    const outcomes = await handle(event.Records);
    const durationMs = Math.round(performance.now() - startedAt);
    const settled = await Promise.all(
      event.Records.map((record, i) => settle(record, outcomes[i]!, { function: context.functionName, durationMs })),
    );
    flushMetrics();
    const firstFailure = event.Records.find((_, i) => !settled[i]);
    return { batchItemFailures: firstFailure ? [{ itemIdentifier: firstFailure.dynamodb!.SequenceNumber! }] : [] };
  };
}

/** @returns false when the change must come again. */
async function settle(record: DynamoDBRecord, outcome: ChangeOutcome, batch: { function: string; durationMs: number }): Promise<boolean> {
  const { correlationId } = outcome;
  const facts = { ...factsOf(record), ...(correlationId && { correlationId }), ...batch };
  if ("note" in outcome) {
    logger.info("change", { ...facts, outcome: "done", note: outcome.note });
    return true;
  }
  const retried = (error: unknown) => {
    logger.warn("change", { ...facts, outcome: "retry", ...errorFacts(error) });
    return false;
  };
  if (!(outcome.error instanceof PermanentError)) return retried(outcome.error);
  try {
    await deadLetterChange(record, batch.function, outcome.error.message);
  } catch (error) {
    return retried(error);
  }
  logger.error("change", { ...facts, outcome: "deadLetter", errorReason: outcome.error.message });
  return true;
}

/** Ids only. A removed timer knows its order, but not the request that made it. */
function factsOf({ eventID, eventName, dynamodb }: DynamoDBRecord) {
  const { id, orderId = id, tenantId, correlationId } = dynamodb?.NewImage ?? dynamodb?.OldImage ?? {};
  const { PK, SK } = dynamodb?.Keys ?? {};
  return { eventID, eventName, PK: PK?.S, SK: SK?.S, orderId: orderId?.S, tenantId: tenantId?.S, correlationId: correlationId?.S };
}
