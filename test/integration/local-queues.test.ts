import { randomUUID } from "node:crypto";
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type AwsLocal, startAws } from "@bbws/local/emulators/aws.ts";
import { queueAttributes } from "@bbws/local/emulators/fauxqs.ts";
import { credentials, queueArn, REGION } from "@bbws/local/local-stage.ts";
import { type Poller, startQueuePoller } from "@bbws/local/pollers/queue-poller.ts";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

let aws: AwsLocal;
let sqs: SQSClient;
const pollers: Poller[] = [];

beforeAll(async () => {
  aws = await startAws({ folder: undefined, timeScale: 1 });
  sqs = new SQSClient({ region: REGION, credentials, endpoint: aws.endpoints.sqs });
});

afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
});

afterAll(async () => {
  sqs.destroy();
  await aws.stop();
});

/** A queue whose messages return after a second and are dead-lettered after three receives. */
async function createQueue() {
  const name = `test-${randomUUID()}`;
  await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dlq` }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn(`${name}-dlq`), maxReceiveCount: 3 });
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: "1", RedrivePolicy } }));
  return { name, url: aws.queueUrl(name), dlqUrl: aws.queueUrl(`${name}-dlq`) };
}

const send = (url: string, bodies: string[]) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: bodies.map((MessageBody, i) => ({
        Id: String(i),
        MessageBody,
        MessageAttributes: { kind: { DataType: "String", StringValue: "test" } },
      })),
    }),
  );

async function counts(url: string) {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

type Behaviour = (records: SQSRecord[]) => unknown;

/** Polls with a function of this behaviour; what it received is kept by body, in order. */
function poll(queue: { name: string; url: string }, behave: Behaviour, { batchSize = 10, concurrency = 1 } = {}) {
  const received: string[] = [];
  const events: SQSEvent[] = [];
  pollers.push(
    startQueuePoller({
      sqs,
      queueUrl: queue.url,
      queueArn: queueArn(queue.name),
      batchSize,
      concurrency,
      async invoke(event) {
        events.push(event);
        received.push(...event.Records.map(({ body }) => body));
        return behave(event.Records);
      },
      onError: () => undefined,
    }),
  );
  return { received, events };
}

const idOf = (records: SQSRecord[], body: string) => records.filter((record) => record.body === body).map(({ messageId }) => messageId);

describe("an SQS event source mapping", () => {
  it("hands over records in Lambda's form", async () => {
    const queue = await createQueue();
    await send(queue.url, ["hello"]);
    const { events } = poll(queue, () => undefined);
    await expect.poll(() => events.length).toBe(1);
    expect(events[0]?.Records[0]).toMatchObject({
      body: "hello",
      eventSource: "aws:sqs",
      eventSourceARN: queueArn(queue.name),
      awsRegion: "af-south-1",
      md5OfBody: "5d41402abc4b2a76b9719d911017c592",
      messageAttributes: { kind: { stringValue: "test", dataType: "String", stringListValues: [], binaryListValues: [] } },
      attributes: { ApproximateReceiveCount: "1", SentTimestamp: expect.stringMatching(/^\d{13}$/) },
    });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["an empty list", { batchItemFailures: [] }],
    ["a list that is null", { batchItemFailures: null }],
  ])("takes %s as success of the whole batch", async (_, response) => {
    const queue = await createQueue();
    await send(queue.url, ["a", "b", "c"]);
    const { received } = poll(queue, () => response);
    await expect.poll(() => counts(queue.url)).toBe(0);
    expect(received.sort()).toEqual(["a", "b", "c"]);
  });

  it("brings back only what was reported as failed, and dead-letters it after the allowed receives", async () => {
    const queue = await createQueue();
    await send(queue.url, ["good", "bad", "fine"]);
    const { received } = poll(queue, (records) => ({
      batchItemFailures: idOf(records, "bad").map((itemIdentifier) => ({ itemIdentifier })),
    }));
    await expect.poll(() => counts(queue.dlqUrl), { timeout: 8000 }).toBe(1);
    expect(received.filter((body) => body === "bad")).toHaveLength(3);
    expect(received.filter((body) => body !== "bad").sort()).toEqual(["fine", "good"]);
    expect(await counts(queue.url)).toBe(0);
  });

  it.each([
    ["an unknown id", () => ({ batchItemFailures: [{ itemIdentifier: "unknown" }] })],
    ["an empty id", () => ({ batchItemFailures: [{ itemIdentifier: "" }] })],
    ["a failure without its id", () => ({ batchItemFailures: [{}] })],
    ["an answer that is no batch response", () => "done"],
    [
      "an error",
      () => {
        throw new Error("boom");
      },
    ],
  ] as [string, () => unknown][])("takes %s as failure of the whole batch", async (_, respond) => {
    const queue = await createQueue();
    await send(queue.url, ["a", "b"]);
    let failing = true;
    const { received } = poll(queue, () => (failing ? respond() : undefined));
    await expect.poll(() => received.length).toBe(2);
    expect(await counts(queue.url)).toBe(2);
    failing = false;
    await expect.poll(() => counts(queue.url), { timeout: 5000 }).toBe(0);
    expect(received.slice(2).sort()).toEqual(["a", "b"]);
  });

  it("takes as many batches at a time as it may, and no more", async () => {
    const queue = await createQueue();
    await send(queue.url, ["1", "2", "3", "4", "5", "6"]);
    let running = 0;
    let most = 0;
    const { received } = poll(
      queue,
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 100));
        running -= 1;
      },
      { batchSize: 1, concurrency: 2 },
    );
    await expect.poll(() => received.length).toBe(6);
    expect(most).toBe(2);
  });

  it("waits for the batch in hand when it stops, and deletes it", async () => {
    const queue = await createQueue();
    await send(queue.url, ["slow"]);
    const { received } = poll(queue, () => new Promise((resolve) => setTimeout(resolve, 300)));
    await expect.poll(() => received.length).toBe(1);
    await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
    await expect.poll(() => counts(queue.url)).toBe(0);
  });
});

describe("the queues of this machine", () => {
  it("have the visibility and redrive of the settings, times divided by the time scale", () => {
    const [normal, fast, fastest] = [1, 10, 1000].map((scale) => Object.fromEntries(queueAttributes(scale)));
    expect(normal?.["bbws-order-pdf-local"]?.VisibilityTimeout).toBe("360");
    expect(fast?.["bbws-order-pdf-local"]?.VisibilityTimeout).toBe("36");
    expect(fastest?.["bbws-order-pdf-local"]?.VisibilityTimeout).toBe("1");
    expect(JSON.parse(normal?.["bbws-order-creation-local"]?.RedrivePolicy ?? "")).toEqual({
      deadLetterTargetArn: "arn:aws:sqs:af-south-1:000000000000:bbws-order-creation-dlq-local",
      maxReceiveCount: 10,
    });
  });

  it("exist with their dead-letter queues", async () => {
    expect(Object.keys(await aws.depths()).sort()).toEqual([
      "CustomerNotificationDLQ",
      "CustomerNotificationQueue",
      "InternalNotificationDLQ",
      "InternalNotificationQueue",
      "InvoiceDLQ",
      "InvoiceQueue",
      "OrderChangesDLQ",
      "OrderCreationDLQ",
      "OrderCreationQueue",
    ]);
  });
});
