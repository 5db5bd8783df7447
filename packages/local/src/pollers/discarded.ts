/** The letter Lambda sends to a stream mapping's failure destination: where the records are, not the records. */
import { randomUUID } from "node:crypto";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { FunctionName } from "../../../../infra/settings.ts";
import { functionArn } from "../local-stage.ts";
import type { DiscardedBatch } from "./stream-poller.ts";

export async function sendDiscarded(sqs: SQSClient, queueUrl: string, name: FunctionName, batch: DiscardedBatch): Promise<void> {
  const changes = batch.records.map((record) => record.dynamodb);
  const arrival = (seconds: number | undefined) => seconds && new Date(seconds * 1000).toISOString();
  const letter = {
    requestContext: {
      requestId: randomUUID(),
      functionArn: functionArn(name),
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: batch.attempts,
    },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId: batch.shardId,
      startSequenceNumber: changes[0]?.SequenceNumber,
      endSequenceNumber: changes.at(-1)?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(changes[0]?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(changes.at(-1)?.ApproximateCreationDateTime),
      batchSize: batch.records.length,
      streamArn: batch.streamArn,
    },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(letter) }));
}
