/** Depths, dead letters and redrive of this machine's queues. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { changesDeadLetterQueue, deadLetterQueueOf, type QueueName, queues } from "../../../../infra/settings.ts";
import type { AwsLocal } from "../emulators/aws.ts";
import { physicalQueues } from "../local-stage.ts";
import { BadRequest } from "./answer.ts";

export type QueueReport = { depth: number; inFlight: number; dlqDepth: number };

const workQueues = Object.keys(queues) as QueueName[];

/** Every work queue with its dead letters; the stream readers' dead-letter queue stands alone. */
export async function reportQueues(aws: AwsLocal): Promise<Record<string, QueueReport>> {
  const depths = await aws.depths();
  const lettersIn = (component: string) => (depths[component]?.depth ?? 0) + (depths[component]?.inFlight ?? 0);
  const report = Object.fromEntries(
    workQueues.map((name) => [
      name as string,
      { depth: depths[name]?.depth ?? 0, inFlight: depths[name]?.inFlight ?? 0, dlqDepth: lettersIn(deadLetterQueueOf(name)) },
    ]),
  );
  return {
    ...report,
    [changesDeadLetterQueue.component]: { depth: 0, inFlight: 0, dlqDepth: lettersIn(changesDeadLetterQueue.component) },
  };
}

/** @param queue component name of a work queue or of a dead-letter queue @throws BadRequest for any other name */
export async function deadLetters(aws: AwsLocal, queue: string) {
  const component = queue in queues ? deadLetterQueueOf(queue as QueueName) : queue;
  const physical = physicalQueues[component];
  if (!physical || component in queues) throw new BadRequest(`no such queue: ${queue}`);
  return aws.messages(physical);
}

type Which = { max?: number; messageIds?: readonly string[] };

/**
 * Moves letters back to their work queue by receive, send and delete, in that order: a crash in between repeats a
 * message, it never loses one.
 * @param which at most how many, and the letters that are meant where not all are; the others are seen and put back
 * @returns how many were moved
 * @throws BadRequest for a queue without a source
 */
export async function redrive(
  aws: AwsLocal,
  sqs: SQSClient,
  queue: string,
  { max = Number.POSITIVE_INFINITY, messageIds }: Which = {},
): Promise<number> {
  if (!(queue in queues)) throw new BadRequest(`not a work queue: ${queue}`);
  const source = aws.queueUrl(physicalQueues[deadLetterQueueOf(queue as QueueName)] ?? "");
  const target = aws.queueUrl(physicalQueues[queue] ?? "");
  const others: Message[] = [];
  let moved = 0;
  try {
    while (moved < Math.min(max, messageIds?.length ?? max)) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: source,
          MaxNumberOfMessages: messageIds ? 10 : Math.min(10, max - moved),
          MessageAttributeNames: ["All"],
          WaitTimeSeconds: 0,
        }),
      );
      if (Messages.length === 0) return moved;
      for (const message of Messages) {
        if (messageIds && !(moved < max && messageIds.includes(message.MessageId!))) {
          others.push(message);
          continue;
        }
        await moveOne(sqs, source, target, message);
        moved += 1;
      }
    }
    return moved;
  } finally {
    await Promise.all(others.map((message) => putBack(sqs, source, message)));
  }
}

async function putBack(sqs: SQSClient, QueueUrl: string, { ReceiptHandle }: Message): Promise<void> {
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
}

async function moveOne(sqs: SQSClient, source: string, target: string, message: Message): Promise<void> {
  // What the letter says about its own end does not belong to the message that gets another chance.
  const { errorReason: _reason, originalMessageId: _id, ...attributes } = message.MessageAttributes ?? {};
  await sqs.send(new SendMessageCommand({ QueueUrl: target, MessageBody: message.Body, MessageAttributes: attributes }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl: source, ReceiptHandle: message.ReceiptHandle }));
}
