import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { OrderError } from "@bbws/core/errors.ts";
import { sqs } from "./sqs.ts";

/** Puts one message on a queue. @throws OrderError QUEUE_UNAVAILABLE */
export async function sendMessage(queueUrl: string, body: string): Promise<void> {
  try {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
  } catch (cause) {
    throw new OrderError("QUEUE_UNAVAILABLE", "Orders cannot be accepted at the moment; please repeat the request", {
      retryAfterSeconds: 5,
      cause,
    });
  }
}
