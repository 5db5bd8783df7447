/** How often the work queues let a message fail before it becomes a dead letter. The settings' number until told; a start resets it. */
import { GetQueueAttributesCommand, SetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { deadLetterQueueOf, type QueueName, queues } from "../../../../infra/settings.ts";
import type { AwsLocal } from "../emulators/aws.ts";
import { physicalQueues, queueArn } from "../local-stage.ts";

export type Patience = Record<QueueName, number>;

const workQueues = Object.keys(queues) as QueueName[];
const urlOf = (aws: AwsLocal, queue: QueueName) => aws.queueUrl(physicalQueues[queue] ?? "");

/** Receives by queue. */
export async function patience(aws: AwsLocal, sqs: SQSClient): Promise<Patience> {
  const receives = workQueues.map(async (queue) => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(aws, queue), AttributeNames: ["RedrivePolicy"] }),
    );
    const { maxReceiveCount } = JSON.parse(Attributes.RedrivePolicy ?? "{}") as { maxReceiveCount?: number };
    return [queue, Number(maxReceiveCount)] as const;
  });
  return Object.fromEntries(await Promise.all(receives)) as Patience;
}

/** @param receives for all work queues; undefined gives each what the settings say */
export async function setPatience(aws: AwsLocal, sqs: SQSClient, receives: number | undefined): Promise<Patience> {
  await Promise.all(
    workQueues.map((queue) => {
      const RedrivePolicy = JSON.stringify({
        deadLetterTargetArn: queueArn(physicalQueues[deadLetterQueueOf(queue)] ?? ""),
        maxReceiveCount: receives ?? queues[queue].maxReceives,
      });
      return sqs.send(new SetQueueAttributesCommand({ QueueUrl: urlOf(aws, queue), Attributes: { RedrivePolicy } }));
    }),
  );
  return patience(aws, sqs);
}
