import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { marshall } from "@aws-sdk/util-dynamodb";
import { changeToEvents, documentOf, EVENT_VERSION, queuesOf } from "@bbws/core/order/events.ts";
import { orders } from "@bbws/core/order/orders.ts";
import { bundleFunction } from "@bbws/local/bundle.ts";
import { type AwsLocal, startAws } from "@bbws/local/emulators/aws.ts";
import { type DynamoDbLocal, startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import { createTable } from "@bbws/local/emulators/table.ts";
import { environmentOf } from "@bbws/local/lambda/environment.ts";
import { credentials, physicalBuckets, REGION, tableName } from "@bbws/local/local-stage.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FunctionName, functions } from "../../infra/settings.ts";
import { acceptedOrder } from "../support/order.ts";
import { pdfText } from "../support/pdf.ts";
import { httpEvent, runAlone } from "./run.ts";

/**
 * Each function as it is deployed: built as SST builds it, copied alone into an empty directory, started by a fresh
 * Node with nothing but Lambda's environment, and asked once for its real work.
 */

const names = Object.keys(functions) as FunctionName[];
const folder = mkdtempSync(join(tmpdir(), "bundle-test-"));
let dynamodb: DynamoDbLocal;
let aws: AwsLocal;
let client: DynamoDBClient;

beforeAll(async () => {
  [dynamodb, aws] = await Promise.all([startDynamoDb(join(folder, "dynamodb"), true), startAws({ folder: undefined, timeScale: 1 })]);
  client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: REGION, credentials });
  await createTable(client);
  await Promise.all(names.map((name) => bundleFunction(name, join(folder, "build"))));
});

afterAll(async () => {
  client.destroy();
  await Promise.all([dynamodb.stop(), aws.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs one bundle in an empty directory outside the repository. */
const run = (name: FunctionName, event: unknown) =>
  runAlone(join(folder, "build", name, "bundle.mjs"), event, {
    folder,
    env: environmentOf(name, {
      apiUrl: "http://127.0.0.1:1",
      queueUrl: aws.queueUrl,
      secrets: { LinkSigningKey: "bundle-test-key", PreviousLinkSigningKey: "" },
      endpoints: { dynamodb: dynamodb.endpoint, ...aws.endpoints, jwks: "http://127.0.0.1:1/jwks" },
      timeScale: 1,
    }),
  });

const queueEvent = (body: unknown) => ({
  Records: [
    {
      messageId: "m-1",
      receiptHandle: "none",
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: "1" },
      messageAttributes: {},
      eventSource: "aws:sqs",
      eventSourceARN: "arn",
      awsRegion: REGION,
    },
  ],
});

const repository = () => orders({ client, table: tableName }, () => new Date());

/** An order in the table, its record image and the events its recording made. */
async function recorded(changes: Parameters<typeof acceptedOrder>[0] = {}) {
  const order = acceptedOrder(changes);
  await repository().record([{ order, correlationId: "c-1" }]);
  const stored = (await repository().get(order.tenantId, order.id))!;
  return { stored, event: changeToEvents(undefined, stored)[0]! };
}

describe("the API functions", () => {
  it("CreateOrder accepts an order", async () => {
    const body = JSON.stringify({
      customerEmail: "bundle@example.com",
      items: [{ productId: "PROD-001", quantity: 1 }],
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    });
    const answer = await run("CreateOrder", httpEvent("POST", "/v1.0/orders", { body }));
    expect(answer.statusCode).toBe(202);
    expect(JSON.parse(answer.body).data).toMatchObject({ status: "PENDING", total: 109.25 });
    expect((await aws.depths()).OrderCreationQueue?.depth).toBe(1);
  });

  it("GetOrder shows an order", async () => {
    const { stored } = await recorded();
    const claims = { sub: "u", "custom:tenantId": stored.tenantId };
    const answer = await run("GetOrder", httpEvent("GET", `/v1.0/orders/${stored.id}`, { claims }));
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body).data).toMatchObject({ id: stored.id, orderNumber: stored.orderNumber, total: 1725 });
  });

  it("ListOrders lists a tenant's orders", async () => {
    const { stored } = await recorded({ tenantId: "tenant-list" });
    const claims = { sub: "u", "custom:tenantId": "tenant-list" };
    const answer = await run("ListOrders", httpEvent("GET", "/v1.0/orders", { claims }));
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body).data).toMatchObject({ count: 1, items: [{ id: stored.id }] });
  });

  it("UpdateOrder cancels an order", async () => {
    const { stored } = await recorded();
    const claims = { sub: "u", "custom:tenantId": stored.tenantId };
    const answer = await run("UpdateOrder", httpEvent("PUT", `/v1.0/orders/${stored.id}`, { claims, body: '{"status":"CANCELLED"}' }));
    expect(answer.statusCode).toBe(200);
    expect((await repository().get(stored.tenantId, stored.id))?.status).toBe("CANCELLED");
  });
});

describe("the consumers", () => {
  it("OrderCreatorRecord records an accepted order", async () => {
    const order = acceptedOrder();
    const message = {
      eventId: "e",
      type: "order.accepted",
      version: EVENT_VERSION,
      occurredAt: order.dateCreated,
      correlationId: "c",
      order,
    };
    expect(await run("OrderCreatorRecord", queueEvent(message))).toEqual({ batchItemFailures: [] });
    expect(await repository().get(order.tenantId, order.id)).toMatchObject({
      orderNumber: expect.stringMatching(/^ORD-/),
      status: "PENDING",
    });
  });

  it("OrderPDFCreator renders and stores a document", async () => {
    const { stored, event } = await recorded();
    expect(documentOf(event)).toBe("order");
    expect(await run("OrderPDFCreator", queueEvent(event))).toEqual({ batchItemFailures: [] });
    const { documents } = (await repository().get(stored.tenantId, stored.id))!;
    const s3 = new S3Client({ endpoint: aws.endpoints.s3, region: REGION, credentials, forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: physicalBuckets.DocumentsBucket!, Key: documents.order!.key! }));
    expect(await pdfText(await Body!.transformToByteArray())).toContain(stored.orderNumber);
  });

  it.each([
    ["CustomerOrderConfirmationSender", (number: string) => `Order Confirmation - #${number}`],
    ["OrderInternalNotificationSender", (number: string) => `New Order Received: ${number}`],
  ] as const)("%s sends its mail", async (name, subject) => {
    const { stored, event } = await recorded();
    expect(await run(name, queueEvent(event))).toEqual({ batchItemFailures: [] });
    expect((await aws.mails()).map((mail) => mail.subject)).toContain(subject(stored.orderNumber));
  });
});

describe("the stream readers", () => {
  it("OrderChangeRouter tells the queues of a new order", async () => {
    const { stored, event } = await recorded();
    const before = await aws.depths();
    const image = marshall({ ...stored, PK: `TENANT#${stored.tenantId}`, SK: `ORDER#${stored.id}` }, { removeUndefinedValues: true });
    const record = { eventID: "1", eventName: "INSERT", dynamodb: { NewImage: image, SequenceNumber: "1" } };
    expect(await run("OrderChangeRouter", { Records: [record] })).toEqual({ batchItemFailures: [] });
    const after = await aws.depths();
    for (const queue of queuesOf(event)) expect(after[queue]!.depth).toBe(before[queue]!.depth + 1);
  });

  it("OrderExpirer lets an unpaid order expire", async () => {
    const { stored } = await recorded();
    const timer = marshall({ orderId: stored.id, tenantId: stored.tenantId, expiresAt: 1 });
    const record = { eventID: "1", eventName: "REMOVE", dynamodb: { OldImage: timer, SequenceNumber: "1" } };
    expect(await run("OrderExpirer", { Records: [record] })).toEqual({ batchItemFailures: [] });
    expect((await repository().get(stored.tenantId, stored.id))?.status).toBe("EXPIRED");
  });
});
