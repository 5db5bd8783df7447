/** An SQS event source mapping: receives batches, hands them to the function, deletes what it reports as done. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { Consumer } from "sqs-consumer";
import { messageOf } from "../errors.ts";
import { REGION } from "../local-stage.ts";

/** Long enough to be idle cheaply, short enough to stop soon: a poll is never aborted, it would take a message with it. */
const POLL_SECONDS = 1;
const GATHER_LOOK_MS = 20;

/**
 * What the network and the queue may do to one batch. Every list holds messages of the batch; what is in none of them
 * is neither handed over nor deleted, and comes again when its visibility ends.
 */
export type Disturbance = {
  /** Handed to the function in these invocations, one after the other; a message may be in several. */
  deliveries: Message[][];
  /** Handled, but the deletion is lost: they come again. */
  undeleted: Message[];
  /** Milliseconds before the first delivery. */
  delayMs: number;
};

export type QueuePollerOptions = {
  sqs: SQSClient;
  queueUrl: string;
  queueArn: string;
  batchSize: number;
  /** Waits so many ms for a full batch, once the queue (its visible messages: `depth`) is not empty. */
  gather?: { ms: number; depth(): Promise<number> };
  /** Batches at the same time. */
  concurrency: number;
  invoke(event: SQSEvent): Promise<unknown>;
  onError(message: string): void;
  disturb?(messages: Message[]): Disturbance;
};

export type Poller = { stop(): Promise<void> };

export function startQueuePoller(options: QueuePollerOptions): Poller {
  const consumers = Array.from({ length: options.concurrency }, () => startConsumer(options));
  return {
    async stop() {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
  };
}

function startConsumer({ sqs, queueUrl, queueArn, batchSize, gather, invoke, onError, disturb }: QueuePollerOptions): Poller {
  let stopping = false;
  const gathered = async ({ ms, depth }: NonNullable<typeof gather>) => {
    for (let until: number | undefined; !stopping; await sleep(GATHER_LOOK_MS)) {
      const found = await depth();
      if (found > 0) until ??= performance.now() + ms;
      if (found >= batchSize || (until !== undefined && performance.now() >= until)) return;
    }
  };
  let handling: Promise<unknown> = Promise.resolve();
  const handle = async (messages: Message[]): Promise<Message[]> => {
    const event = { Records: messages.map((message) => toRecord(message, queueArn)) };
    try {
      const failed = failedMessageIds(
        await invoke(event),
        event.Records.map((record) => record.messageId),
      );
      return messages.filter((message) => !failed.has(message.MessageId ?? ""));
    } catch {
      // The function's error has been reported by its pool. Nothing is deleted: the batch returns when its visibility ends.
      return [];
    }
  };
  const handleDisturbed = async (messages: Message[], plan: Disturbance): Promise<Message[]> => {
    await sleep(plan.delayMs);
    const done = new Set<Message>();
    for (const delivery of plan.deliveries) for (const message of await handle(delivery)) done.add(message);
    return messages.filter((message) => done.has(message) && !plan.undeleted.includes(message));
  };
  const consumer = Consumer.create({
    sqs,
    queueUrl,
    batchSize,
    // Who waits inside of a receive takes the first message alone.
    waitTimeSeconds: gather ? 0 : POLL_SECONDS,
    ...(gather && { preReceiveMessageCallback: () => gathered(gather) }),
    messageAttributeNames: ["All"],
    messageSystemAttributeNames: ["All"],
    handleMessageBatch(messages) {
      const done = disturb ? handleDisturbed(messages, disturb(messages)) : handle(messages);
      handling = done;
      return done;
    },
  });
  const report = (error: unknown) => {
    if (!stopping) onError(messageOf(error));
  };
  consumer.on("error", report);
  consumer.on("processing_error", report);
  consumer.on("timeout_error", report);
  consumer.start();
  return {
    async stop() {
      stopping = true;
      consumer.stop();
      await handling;
    },
  };
}

/**
 * The ids Lambda takes as failed. No list or an empty one: none. An empty or unknown id, or an answer that is not a
 * batch response: the whole batch.
 */
export function failedMessageIds(response: unknown, messageIds: readonly string[]): Set<string> {
  if (response === null || response === undefined) return new Set();
  const all = () => new Set(messageIds);
  if (typeof response !== "object") return all();
  const { batchItemFailures } = response as Partial<SQSBatchResponse>;
  if (batchItemFailures === null || batchItemFailures === undefined) return new Set();
  if (!Array.isArray(batchItemFailures)) return all();
  const failed = batchItemFailures.map((failure) => failure?.itemIdentifier);
  if (failed.some((id) => typeof id !== "string" || !messageIds.includes(id))) return all();
  return new Set(failed);
}

function toRecord(message: Message, queueArn: string): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      dataType: value.DataType ?? "String",
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue && Buffer.from(value.BinaryValue).toString("base64"),
      stringListValues: [],
      binaryListValues: [],
    },
  ]);
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: message.Attributes as unknown as SQSRecord["attributes"],
    messageAttributes: Object.fromEntries(attributes) as SQSRecord["messageAttributes"],
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: REGION,
  };
}
