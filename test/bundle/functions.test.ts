import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { acceptedMessage } from "@bbws/core/order/accept.ts";
import { documentOf, queuesOf } from "@bbws/core/order/events.ts";
import { credentials, physicalBuckets, REGION } from "@bbws/local/local-stage.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FunctionName, functions } from "../../infra/settings.ts";
import { startAlone } from "../support/alone.ts";
import { expiryEvent, httpEvent, insertEvent, queueEvent } from "../support/lambda-events.ts";
import { acceptedOrder } from "../support/order.ts";
import { pdfText } from "../support/pdf.ts";

/** Each function as it is deployed, alone, asked once for its real work. */

const folder = mkdtempSync(join(tmpdir(), "bundle-test-"));
let alone: Awaited<ReturnType<typeof startAlone>>;

beforeAll(async () => {
  alone = await startAlone(folder);
  await Promise.all((Object.keys(functions) as FunctionName[]).map(alone.build));
});

afterAll(async () => {
  await alone.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (name: FunctionName, event: unknown) => (await alone.invoke(name, event)).answer;

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
    expect((await alone.aws.depths()).OrderCreationQueue?.depth).toBe(1);
  });

  it("GetOrder shows an order", async () => {
    const { stored } = await alone.recorded();
    const claims = { sub: "u", "custom:tenantId": stored.tenantId };
    const answer = await run("GetOrder", httpEvent("GET", `/v1.0/orders/${stored.id}`, { claims }));
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body).data).toMatchObject({ id: stored.id, orderNumber: stored.orderNumber, total: 1725 });
  });

  it("ListOrders lists a tenant's orders", async () => {
    const { stored } = await alone.recorded({ tenantId: "tenant-list" });
    const claims = { sub: "u", "custom:tenantId": "tenant-list" };
    const answer = await run("ListOrders", httpEvent("GET", "/v1.0/orders", { claims }));
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body).data).toMatchObject({ count: 1, items: [{ id: stored.id }] });
  });

  it("UpdateOrder cancels an order", async () => {
    const { stored } = await alone.recorded();
    const claims = { sub: "u", "custom:tenantId": stored.tenantId };
    const answer = await run("UpdateOrder", httpEvent("PUT", `/v1.0/orders/${stored.id}`, { claims, body: '{"status":"CANCELLED"}' }));
    expect(answer.statusCode).toBe(200);
    expect((await alone.repository.get(stored.tenantId, stored.id))?.status).toBe("CANCELLED");
  });
});

describe("the consumers", () => {
  it("OrderCreatorRecord records an accepted order", async () => {
    const order = acceptedOrder();
    expect(await run("OrderCreatorRecord", queueEvent(acceptedMessage(order, "c-1")))).toEqual({ batchItemFailures: [] });
    expect(await alone.repository.get(order.tenantId, order.id)).toMatchObject({
      orderNumber: expect.stringMatching(/^ORD-/),
      status: "PENDING",
    });
  });

  it("OrderPDFCreator renders and stores a document", async () => {
    const { stored, event } = await alone.recorded();
    expect(documentOf(event)).toBe("order");
    expect(await run("OrderPDFCreator", queueEvent(event))).toEqual({ batchItemFailures: [] });
    const { documents } = (await alone.repository.get(stored.tenantId, stored.id))!;
    const s3 = new S3Client({ endpoint: alone.aws.endpoints.s3, region: REGION, credentials, forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: physicalBuckets.DocumentsBucket!, Key: documents.order!.key! }));
    expect(await pdfText(await Body!.transformToByteArray())).toContain(stored.orderNumber);
  });

  it.each([
    ["CustomerOrderConfirmationSender", (number: string) => `Order Confirmation - #${number}`],
    ["OrderInternalNotificationSender", (number: string) => `New Order Received: ${number}`],
  ] as const)("%s sends its mail", async (name, subject) => {
    const { stored, event } = await alone.recorded();
    expect(await run(name, queueEvent(event))).toEqual({ batchItemFailures: [] });
    expect((await alone.aws.mails()).map((mail) => mail.subject)).toContain(subject(stored.orderNumber));
  });
});

describe("the stream readers", () => {
  it("OrderChangeRouter tells the queues of a new order", async () => {
    const { stored, event } = await alone.recorded();
    const before = await alone.aws.depths();
    expect(await run("OrderChangeRouter", insertEvent(stored))).toEqual({ batchItemFailures: [] });
    const after = await alone.aws.depths();
    for (const queue of queuesOf(event)) expect(after[queue]!.depth).toBe(before[queue]!.depth + 1);
  });

  it("OrderExpirer lets an unpaid order expire", async () => {
    const { stored } = await alone.recorded();
    expect(await run("OrderExpirer", expiryEvent(stored))).toEqual({ batchItemFailures: [] });
    expect((await alone.repository.get(stored.tenantId, stored.id))?.status).toBe("EXPIRED");
  });
});
