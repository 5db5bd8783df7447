/** The work queues, each with its dead-letter queue, and the dead letters of the two stream functions. */
import { stage, stageName } from "./context.ts";
import {
  changesDeadLetterQueue,
  changesDeadLetterQueueName,
  deadLetterQueueName,
  deadLetterQueueOf,
  type QueueName,
  queueDefaults,
  queueName,
  queues as settings,
  visibilitySeconds,
} from "./settings.ts";

const day = 24 * 60 * 60;
const names = Object.keys(settings) as QueueName[];

export const changesDeadLetters = createDeadLetters(changesDeadLetterQueue.component, changesDeadLetterQueueName(stageName));

const pairs = names.map((queue) => createPair(queue));

/** The work queues by component name. */
export const queues = Object.fromEntries(pairs.map(({ queue, work }) => [queue, work])) as Record<QueueName, sst.aws.Queue>;

/** Every dead-letter queue by component name, the stream's included. */
export const deadLetterQueues: Record<string, sst.aws.Queue> = {
  ...Object.fromEntries(pairs.map(({ queue, letters }) => [deadLetterQueueOf(queue), letters])),
  [changesDeadLetterQueue.component]: changesDeadLetters,
};

function createPair(queue: QueueName) {
  const letters = createDeadLetters(deadLetterQueueOf(queue), deadLetterQueueName(queue, stageName));
  const work = new sst.aws.Queue(queue, {
    visibilityTimeout: `${visibilitySeconds(queue)} seconds`,
    dlq: { queue: letters.arn, retry: settings[queue].maxReceives },
    transform: {
      queue: {
        name: queueName(queue, stageName),
        messageRetentionSeconds: stage.queueRetentionDays * day,
        receiveWaitTimeSeconds: queueDefaults.longPollSeconds,
        sqsManagedSseEnabled: true,
      },
    },
  });
  refusePlainHttp(queue, work);
  new aws.sqs.RedriveAllowPolicy(`${deadLetterQueueOf(queue)}RedriveAllow`, {
    queueUrl: letters.url,
    redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [work.arn] }),
  });
  return { queue, work, letters };
}

function createDeadLetters(component: string, name: string) {
  const letters = new sst.aws.Queue(component, {
    transform: {
      queue: {
        name,
        messageRetentionSeconds: queueDefaults.deadLetterRetentionDays * day,
        receiveWaitTimeSeconds: queueDefaults.longPollSeconds,
        sqsManagedSseEnabled: true,
      },
    },
  });
  refusePlainHttp(component, letters);
  return letters;
}

function refusePlainHttp(component: string, queue: sst.aws.Queue) {
  new aws.sqs.QueuePolicy(`${component}TlsOnly`, {
    queueUrl: queue.url,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sqs:*"],
          resources: [queue.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
    }).json,
  });
}
