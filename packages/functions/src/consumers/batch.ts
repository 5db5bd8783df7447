import { ChangeMessageVisibilityCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { PermanentError } from "@bbws/core/errors.ts";
import { problemsOf } from "@bbws/core/parse.ts";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { environment, queueUrl } from "../runtime/config.ts";
import { errorFacts, logger } from "../runtime/logger.ts";
import { flushMetrics } from "../runtime/metrics.ts";
import { sqs } from "../runtime/sqs.ts";

/** One message that was understood, with the attributes that were sent beside its body. */
export type Received<Message> = { messageId: string; message: Message; receiveCount: number; attributes: Attributes };

type Attributes = Record<string, string>;

/**
 * What became of a message. `retry`: again after a growing pause (or after `afterSeconds`, when it is known what is
 * waited for). `deadLetter`: repeating it cannot help; the reason goes with it, and so do attributes, which it brings along
 * when it is redriven.
 */
export type Outcome =
  | { kind: "done"; note?: string }
  | { kind: "retry"; error: unknown; afterSeconds?: number }
  | { kind: "deadLetter"; reason: string; error?: unknown; attributes?: Attributes };

export const done = (note?: string): Outcome => ({ kind: "done", ...(note && { note }) });

/** The one mapper from errors to queue outcomes: what can never succeed is dead-lettered at once, the rest is retried. */
export function failed(error: unknown): Outcome {
  return error instanceof PermanentError ? { kind: "deadLetter", reason: error.message, error } : { kind: "retry", error };
}

/** Longest pause before a message is received again, in seconds. From the first receive to the tenth it is 13 to 16 minutes. */
const MAX_PAUSE_SECONDS = 300;

type Options<Schema extends v.GenericSchema> = {
  /** Component names of the source queue and its dead-letter queue. */
  queue: string;
  deadLetterQueue: string;
  schema: Schema;
  /** Handles the messages that were understood; one outcome for each, in their order. `deadline`: when the function times out, in epoch ms. */
  handle: (messages: Received<v.InferOutput<Schema>>[], deadline: number) => Promise<Outcome[]>;
};

/** What a log line may say of a message: ids only. */
type Facts = { orderId?: string; tenantId?: string; correlationId?: string };

/**
 * The one wrapper of all queue consumers: parses, hands over, reports exactly the failures, and never lets one bad
 * message spoil or repeat its neighbours. Nothing is dropped silently.
 */
export function batch<const Schema extends v.GenericSchema>({ queue, deadLetterQueue, schema, handle }: Options<Schema>) {
  const source = queueUrl(queue);
  const deadLetters = queueUrl(deadLetterQueue);
  const { TIME_SCALE } = environment("TIME_SCALE");

  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const startedAt = performance.now();
    const parsed = event.Records.map((record) => ({ record, ...read(schema, record.body) }));
    const good = parsed.flatMap(({ record, message }) =>
      message === undefined
        ? []
        : [{ messageId: record.messageId, message, receiveCount: receiveCountOf(record), attributes: attributesOf(record) }],
    );
    const outcomes = new Map<string, Outcome>();
    for (const { record, reason } of parsed) if (reason) outcomes.set(record.messageId, { kind: "deadLetter", reason });
    const handled = good.length === 0 ? [] : await outcomesOf(good, Date.now() + context.getRemainingTimeInMillis());
    good.forEach(({ messageId }, i) => {
      outcomes.set(messageId, handled[i]!);
    });

    const settled = await Promise.all(parsed.map(({ record }) => settle(record, outcomes.get(record.messageId)!)));
    parsed.forEach(({ record, message }, i) => {
      logOutcome(record, factsOf(message), settled[i]!, {
        function: context.functionName,
        durationMs: Math.round(performance.now() - startedAt),
      });
    });
    flushMetrics();
    return {
      batchItemFailures: parsed.filter((_, i) => settled[i]!.kind === "retry").map(({ record }) => ({ itemIdentifier: record.messageId })),
    };
  };

  async function outcomesOf(messages: Received<v.InferOutput<Schema>>[], deadline: number): Promise<Outcome[]> {
    try {
      return await handle(messages, deadline);
    } catch (error) {
      // Not one outcome is known: every message is tried again.
      return messages.map(() => ({ kind: "retry", error }));
    }
  }

  /** Carries an outcome out. A letter that could not be written stays on its queue. */
  async function settle(record: SQSRecord, outcome: Outcome): Promise<Outcome> {
    const settled = outcome.kind === "deadLetter" ? await deadLetter(record, outcome) : outcome;
    if (settled.kind === "retry") await pause(record, settled.afterSeconds);
    return settled;
  }

  async function deadLetter(record: SQSRecord, outcome: Outcome & { kind: "deadLetter" }): Promise<Outcome> {
    try {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: deadLetters,
          MessageBody: record.body,
          MessageAttributes: sent({
            // What an earlier letter carried goes with it: a mail's id at SES must not get lost.
            ...attributesOf(record),
            ...outcome.attributes,
            errorReason: outcome.reason.slice(0, 1000) || "unknown",
            originalMessageId: record.messageId,
          }),
        }),
      );
      return outcome;
    } catch (error) {
      return { kind: "retry", error };
    }
  }

  /** Growing visibility, up to a quarter longer by jitter; when it cannot be set, the queue's own visibility applies. */
  async function pause(record: SQSRecord, afterSeconds: number | undefined): Promise<void> {
    const grown = Math.min(MAX_PAUSE_SECONDS, 2 ** receiveCountOf(record) * (1 + Math.random() / 4));
    const seconds = (afterSeconds ?? grown) / TIME_SCALE;
    try {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: source,
          ReceiptHandle: record.receiptHandle,
          VisibilityTimeout: Math.max(1, Math.ceil(seconds)),
        }),
      );
    } catch (error) {
      logger.warn("visibility not changed", { messageId: record.messageId, ...errorFacts(error) });
    }
  }
}

function read<const Schema extends v.GenericSchema>(schema: Schema, body: string): { message?: v.InferOutput<Schema>; reason?: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { reason: "not JSON" };
  }
  const result = v.safeParse(schema, json);
  if (result.success) return { message: result.output };
  const fields = problemsOf(result.issues).map(({ field }) => field || "body");
  return { reason: `unknown message: ${fields.join(", ")}` };
}

const sent = (attributes: Attributes) =>
  Object.fromEntries(Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]));

const attributesOf = ({ messageAttributes }: SQSRecord): Attributes =>
  Object.fromEntries(Object.entries(messageAttributes).flatMap(([name, { stringValue }]) => (stringValue ? [[name, stringValue]] : [])));

const receiveCountOf = (record: SQSRecord) => Number(record.attributes.ApproximateReceiveCount) || 1;

function factsOf(message: unknown): Facts {
  const { orderId, tenantId, correlationId, order } = (message ?? {}) as Facts & { order?: { id?: string; tenantId?: string } };
  return { orderId: orderId ?? order?.id, tenantId: tenantId ?? order?.tenantId, correlationId };
}

function logOutcome(record: SQSRecord, facts: Facts, outcome: Outcome, more: { function: string; durationMs: number }): void {
  const line = { messageId: record.messageId, ...facts, receiveCount: receiveCountOf(record), outcome: outcome.kind, ...more };
  if (outcome.kind === "done") {
    logger.info("message", { ...line, ...(outcome.note && { note: outcome.note }) });
    return;
  }
  if (outcome.kind === "retry") {
    logger.warn("message", { ...line, ...errorFacts(outcome.error) });
    return;
  }
  logger.error("message", { ...line, errorReason: outcome.reason, ...(outcome.error !== undefined && errorFacts(outcome.error)) });
}
