/**
 * The deployed functions in this very process, against emulators of this test file's own: what test/bundle does not see
 * (every line and branch) is seen here. Start it once, in `beforeAll`, before any function is imported.
 */

import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { startAws } from "@bbws/local/emulators/aws.ts";
import { environmentOf } from "@bbws/local/lambda/environment.ts";
import { credentials, functionPhysicalName, physicalBuckets, physicalQueues, queueArn, REGION } from "@bbws/local/local-stage.ts";
import type {
  Context,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from "aws-lambda";
import type { FunctionName, QueueName } from "../../infra/settings.ts";
import { openTable } from "./table.ts";

export const signingKey = "test-signing-key";

type Call = { service: "dynamodb" | "sqs" | "s3" | "ses" | "catalogue"; action: string; input: unknown };
/** Looks at every call the functions make before it is sent: what it throws is what they get instead of an answer. */
type Before = (call: Call) => void | Promise<void>;

export type Functions = Awaited<ReturnType<typeof startFunctions>>;
export type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
export type StreamHandler = (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse>;

/** @param names the functions this test file imports; where their environments differ the last one's counts */
export async function startFunctions(names: FunctionName[], environment: Record<string, string> = {}) {
  const [table, aws] = await Promise.all([openTable(), startAws({ folder: undefined, timeScale: 1 })]);
  const resources = {
    apiUrl: "https://orders-api.test",
    queueUrl: aws.queueUrl,
    secrets: { LinkSigningKey: signingKey, PreviousLinkSigningKey: "" },
    endpoints: { dynamodb: table.endpoint, ...aws.endpoints, jwks: "http://127.0.0.1:9/jwks" },
    timeScale: 1,
  };
  for (const name of names) Object.assign(process.env, environmentOf(name, resources));
  // Its log lines go through the console, which vitest shows only of tests that fail.
  process.env.POWERTOOLS_DEV = "true";
  Object.assign(process.env, { SST_RESOURCE_OrdersTable: JSON.stringify({ name: table.table }) }, environment);

  let before: Before = () => undefined;
  let calls: Call[] = [];
  Object.assign(globalThis, {
    [Symbol.for("bbws-order.probe")]: {
      before(call: Call) {
        calls.push(call);
        return before(call);
      },
      after() {},
    },
  });

  const sqs = new SQSClient({ region: REGION, credentials, endpoint: aws.endpoints.sqs });
  const s3 = new S3Client({ region: REGION, credentials, endpoint: aws.endpoints.s3, forcePathStyle: true });
  const urlOf = (queue: string) => aws.queueUrl(physicalQueues[queue] ?? queue);

  return {
    table,
    mails: aws.mails,
    /** From now on every call of the functions passes here first. */
    onCall(next: Before) {
      before = next;
    },
    /** Nothing fails any more. */
    healthy() {
      before = () => undefined;
    },
    /** What the functions asked of AWS since the last time this was asked. */
    takeCalls(): Call[] {
      const taken = calls;
      calls = [];
      return taken;
    },
    send: (queue: string, body: unknown, attributes: Record<string, string> = {}) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: urlOf(queue),
          MessageBody: typeof body === "string" ? body : JSON.stringify(body),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
          ),
        }),
      ),
    /** Empties a queue, hidden messages included. */
    purge: (queue: string) => sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf(queue) })),
    /** What lies in a queue, visible or not. */
    messages: (queue: string) => aws.messages(physicalQueues[queue] ?? queue),
    /** Bodies of the letters that were sent to a queue, parsed. */
    async bodies(queue: string): Promise<Record<string, unknown>[]> {
      return (await aws.messages(physicalQueues[queue] ?? queue)).map(({ body }) => JSON.parse(body));
    },
    async depth(queue: string) {
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: ["All"] }));
      return { visible: Number(Attributes.ApproximateNumberOfMessages), hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible) };
    },
    /** One batch from a queue, as Lambda's poller does it: receive, hand over, delete what was not reported as failed. */
    async poll(queue: QueueName, handler: QueueHandler, name: FunctionName) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        }),
      );
      const records = Messages.map(
        (message): SQSRecord => ({
          messageId: message.MessageId!,
          receiptHandle: message.ReceiptHandle!,
          body: message.Body!,
          attributes: message.Attributes as unknown as SQSRecord["attributes"],
          messageAttributes: Object.fromEntries(
            Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
              name,
              { dataType: "String" as const, stringValue: StringValue },
            ]),
          ),
          md5OfBody: message.MD5OfBody!,
          eventSource: "aws:sqs",
          eventSourceARN: queueArn(physicalQueues[queue] ?? queue),
          awsRegion: REGION,
        }),
      );
      const response = await handler({ Records: records }, contextOf(name));
      const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { messageId, receiptHandle } of records) {
        if (!failed.has(messageId)) await sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle: receiptHandle }));
      }
      return { received: records.length, failed: [...failed], records };
    },
    /** Stream records handed to a reader of the stream. */
    read: (records: DynamoDBRecord[], handler: StreamHandler, name: FunctionName) => handler({ Records: records }, contextOf(name)),
    async object(component: string, key: string) {
      const { Body, ContentType, ContentDisposition, Metadata } = await s3.send(
        new GetObjectCommand({ Bucket: physicalBuckets[component], Key: key }),
      );
      return { bytes: await Body!.transformToByteArray(), ContentType, ContentDisposition, Metadata };
    },
    putObject: (component: string, key: string, body: string | Uint8Array, Metadata: Record<string, string> = {}) =>
      s3.send(new PutObjectCommand({ Bucket: physicalBuckets[component], Key: key, Body: body, Metadata })),
    async stop() {
      table.client.destroy();
      sqs.destroy();
      s3.destroy();
      await aws.stop();
    },
  };
}

/** An error in the shape of an AWS service's own. */
export function awsError(name: string, status = 503): Error {
  return Object.assign(new Error(`${name} of a test`), {
    name,
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status },
  });
}

/** What Lambda tells a function of its invocation. */
export function contextOf(name: FunctionName): Context {
  const refuse = () => {
    throw new Error("handlers return a promise");
  };
  return {
    functionName: functionPhysicalName(name),
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${REGION}:000000000000:function:${functionPhysicalName(name)}`,
    memoryLimitInMB: "512",
    awsRequestId: crypto.randomUUID(),
    logGroupName: `/aws/lambda/${functionPhysicalName(name)}`,
    logStreamName: "test",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => 30_000,
    done: refuse,
    fail: refuse,
    succeed: refuse,
  };
}
