import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { PermanentError } from "@bbws/core/errors.ts";
import { changeToEvents, type OrderEvent, type OrderEventQueue, queuesOf, type RecordedOrder } from "@bbws/core/order/events.ts";
import { Order } from "@bbws/core/order/order.ts";
import type { DynamoDBRecord } from "aws-lambda";
import * as v from "valibot";
import { queueUrl } from "../runtime/config.ts";
import { sqs } from "../runtime/sqs.ts";
import { type ChangeOutcome, changeBatch, imageOf } from "./change-batch.ts";

const urls: Record<OrderEventQueue, string> = {
  InvoiceQueue: queueUrl("InvoiceQueue"),
  InternalNotificationQueue: queueUrl("InternalNotificationQueue"),
  CustomerNotificationQueue: queueUrl("CustomerNotificationQueue"),
};

/** Entries SQS takes in one call. */
const SQS_BATCH = 10;

const StoredOrder = v.object({ ...Order.entries, correlationId: v.optional(v.string()) });

/** An event on its way to one queue, and which of the batch's changes it tells of. */
type Letter = { queue: OrderEventQueue; event: OrderEvent; change: number };

/** Changes -> events -> queues. The stream is the outbox: what is committed is sent, at least once. */
async function route(records: DynamoDBRecord[]): Promise<ChangeOutcome[]> {
  const outcomes: ChangeOutcome[] = [];
  const letters: Letter[] = [];
  records.forEach((record, change) => {
    try {
      const events = changeToEvents(readImage(record, "OldImage"), readImage(record, "NewImage"));
      letters.push(...events.flatMap((event) => queuesOf(event).map((queue) => ({ queue, event, change }))));
      outcomes.push({ note: events.map(({ type }) => type).join(" ") || "nothing to tell" });
    } catch (error) {
      outcomes.push({ error });
    }
  });
  const failures = await Promise.all(
    Object.values(Object.groupBy(letters, ({ queue }) => queue))
      .flatMap(chunks)
      .map(send),
  );
  for (const { change, error } of failures.flat()) outcomes[change] = { error };
  return outcomes;
}

function readImage(record: DynamoDBRecord, which: "OldImage" | "NewImage"): RecordedOrder | undefined {
  const image = imageOf(record.dynamodb?.[which]);
  if (!image) return undefined;
  const result = v.safeParse(StoredOrder, image);
  if (result.success) return result.output;
  throw new PermanentError(`${which} is not an order: ${v.getDotPath(result.issues[0]) ?? "image"}`);
}

function chunks(letters: Letter[]): Letter[][] {
  return Array.from({ length: Math.ceil(letters.length / SQS_BATCH) }, (_, i) => letters.slice(i * SQS_BATCH, (i + 1) * SQS_BATCH));
}

/** Sends to one queue. An entry in `Failed` is a failure: SQS answers 200 even when it took none of them. */
async function send(letters: Letter[]): Promise<{ change: number; error: unknown }[]> {
  try {
    const { Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: urls[letters[0]!.queue],
        Entries: letters.map(({ event }, i) => ({ Id: String(i), MessageBody: JSON.stringify(event) })),
      }),
    );
    return Failed.map(({ Id, Code }) => ({ change: letters[Number(Id)]!.change, error: new Error(`SQS refused an entry: ${Code}`) }));
  } catch (error) {
    return letters.map(({ change }) => ({ change, error }));
  }
}

export const handler = changeBatch(route);
