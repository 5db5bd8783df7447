import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functions } from "../../infra/settings.ts";
import { startAlone } from "../support/alone.ts";
import { httpEvent, queueEvent } from "../support/lambda-events.ts";

/** A service of AWS that takes a call and never answers: a function gives up and says so while its caller still waits. */

const folder = mkdtempSync(join(tmpdir(), "hanging-"));
const sockets = new Set<Socket>();
let alone: Awaited<ReturnType<typeof startAlone>>;
let silent: Server;
let nobody: string;

beforeAll(async () => {
  silent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  nobody = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  alone = await startAlone(folder);
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all([alone.stop(), new Promise((closed) => silent.close(closed))]);
  rmSync(folder, { recursive: true, force: true });
});

const claims = { sub: "u", "custom:tenantId": "tenant-a" };
const guestOrder = JSON.stringify({
  customerEmail: "hanging@example.com",
  items: [{ productId: "PROD-001", quantity: 1 }],
  billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
});

describe("a call that is never answered", () => {
  it.concurrent("of the table is an error of the API within the function's time", async () => {
    const { answer, ms } = await alone.invoke("ListOrders", httpEvent("GET", "/v1.0/orders", { claims }), { DYNAMODB_ENDPOINT: nobody });
    expect(answer.statusCode).toBe(500);
    expect(ms).toBeLessThan(functions.ListOrders.timeoutSeconds * 1000);
  });

  it.concurrent("of the queue is a 503 that may be repeated", async () => {
    const event = httpEvent("POST", "/v1.0/orders", { body: guestOrder });
    const { answer, ms } = await alone.invoke("CreateOrder", event, { SQS_ENDPOINT: nobody, GUEST_ORDERS_PER_HOUR: "0" });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers["retry-after"]).toBeDefined();
    expect(ms).toBeLessThan(functions.CreateOrder.timeoutSeconds * 1000);
  });

  it.concurrent.each([
    ["the bucket", "OrderPDFCreator", "S3_ENDPOINT"],
    ["SES", "CustomerOrderConfirmationSender", "SES_ENDPOINT"],
  ] as const)("of %s leaves the message for later", async (_, name, endpoint) => {
    const { event } = await alone.recorded();
    const { answer, ms } = await alone.invoke(name, queueEvent(event), { [endpoint]: nobody });
    expect(answer.batchItemFailures).toHaveLength(1);
    expect(ms).toBeLessThan(functions[name].timeoutSeconds * 1000);
  });
});
