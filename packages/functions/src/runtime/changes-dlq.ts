import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { DynamoDBRecord } from "aws-lambda";
import { queueUrl } from "./config.ts";
import { sqs } from "./sqs.ts";

const changesDeadLetters = queueUrl("OrderChangesDLQ");

/**
 * Puts a change that can never be handled where operators look: its keys and why. (Lambda's own on-failure letter
 * would hold shard and sequence numbers only.)
 */
export async function deadLetterChange(record: DynamoDBRecord, functionName: string, errorReason: string): Promise<void> {
  const { eventID, eventName, dynamodb } = record;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: changesDeadLetters,
      MessageBody: JSON.stringify({ eventID, eventName, keys: dynamodb?.Keys, sequenceNumber: dynamodb?.SequenceNumber }),
      MessageAttributes: {
        errorReason: { DataType: "String", StringValue: errorReason.slice(0, 1000) || "unknown" },
        function: { DataType: "String", StringValue: functionName },
      },
    }),
  );
}
