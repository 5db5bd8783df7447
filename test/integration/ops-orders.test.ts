import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { DeleteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { acceptedMessage } from "@bbws/core/order/accept.ts";
import type { AcceptedOrder } from "@bbws/core/order/order.ts";
import type { Stack } from "@bbws/local/stack.ts";
import { run } from "@bbws/ops/program.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ops, opsJson, quiet, untilWhole } from "../support/ops.ts";
import { guestOrder } from "../support/order.ts";
import { startStack } from "../support/permitted-stack.ts";
import { clientsOf, mailsOf, queuesOf, token } from "../support/stack.ts";

/** Looking orders up, and dead letters: the command line on the running stack. */

// Whole journeys through every function: on a busy machine each may take a while.
vi.setConfig({ testTimeout: 60_000 });

let stack: Stack;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;

beforeAll(async () => {
  stack = await startStack({ fresh: true, quiet: true });
  ({ dynamodb, sqs } = clientsOf(stack));
});
afterAll(() => stack.stop());

let count = 0;
const newEmail = () => `customer-${++count}@example.com`;

const body = (customerEmail: string) => ({
  customerEmail,
  firstName: "Thandi",
  items: [{ productId: "PROD-002", quantity: 1 }],
  billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
});

async function place(email = newEmail(), headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${stack.url}/v1.0/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body(email)),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { data: { orderId: string } }).data.orderId;
}

/** An order with everything it should have. */
async function complete(email?: string, headers?: Record<string, string>): Promise<string> {
  const orderId = await place(email, headers);
  await whole(orderId);
  return orderId;
}

const whole = (orderId: string) => untilWhole(stack, orderId);

const deadLetter = (queue: string, ...bodies: unknown[]) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: stack.queueUrls[queue],
      Entries: bodies.map((letter, i) => ({ Id: String(i), MessageBody: typeof letter === "string" ? letter : JSON.stringify(letter) })),
    }),
  );

const newGuest = (changes: Partial<AcceptedOrder> = {}) =>
  guestOrder({ customerEmail: newEmail(), dateCreated: new Date().toISOString(), ...changes });

const removeItem = (PK: string, SK: string) =>
  dynamodb.send(new DeleteItemCommand({ TableName: stack.table, Key: { PK: { S: PK }, SK: { S: SK } } }));

describe("order show", () => {
  it("tells an order's whole story by id and by number", async () => {
    const orderId = await complete(undefined, { "x-correlation-id": "checkout-42" });
    const { data } = await opsJson(stack, "order", "show", orderId);
    expect(data).toMatchObject({ order: { id: orderId, status: "PENDING" }, deadLetters: [], lacks: [] });
    expect(data.mails.map(({ kind, state }: { kind: string; state: string }) => [kind, state]).sort()).toEqual([
      ["internal_new", "SENT"],
      ["order_confirmation", "SENT"],
    ]);
    const { code, out } = await ops(stack, "order", "show", data.order.orderNumber);
    expect(code).toBe(0);
    for (const part of [orderId, "checkout-42", "R1,725.00", "Dead letters", `${data.order.tenantId}/orders/${orderId}.pdf`]) {
      expect(out).toContain(part);
    }
  });

  it("fails for an order nobody knows, and names the usage where an argument is missing", async () => {
    expect(await ops(stack, "order", "show", "order_unknown")).toMatchObject({ code: 1, out: "" });
    expect(await ops(stack, "order", "show")).toMatchObject({ code: 2, err: expect.stringContaining("missing required argument") });
  });
});

describe("order find", () => {
  it("finds a guest's orders by the address in any case, and a signed-in tenant's with --all", async () => {
    const email = newEmail();
    const guest = await complete(email);
    const signedIn = await complete(email, { authorization: `Bearer ${await token(stack, { tenantId: "tenant-find" })}` });
    const ids = async (...options: string[]) =>
      (await opsJson(stack, "order", "find", "--email", email.toUpperCase(), ...options)).data.orders.map(({ id }: { id: string }) => id);
    expect(await ids()).toEqual([guest]);
    expect(await ids("--all")).toEqual([signedIn, guest]);
    expect((await ops(stack, "order", "find", "--email", "nobody@example.com")).code).toBe(1);
  });
});

describe("order resend and replay", () => {
  it("sends one mail again, to another address when asked", async () => {
    const orderId = await complete();
    expect(
      (await ops(stack, "order", "resend", orderId, "--kind", "order_confirmation", "--to", "boss@example.com", "--dry-run")).code,
    ).toBe(0);
    expect((await ops(stack, "order", "resend", orderId, "--kind", "order_confirmation", "--to", "boss@example.com")).code).toBe(0);
    const mail = await eventually(async () => (await mailsOf(stack)).find(({ to }) => to.includes("boss@example.com")));
    expect(mail.subject).toContain("Order Confirmation");
    await quiet(stack);
    expect((await mailsOf(stack)).filter(({ to }) => to.includes("boss@example.com"))).toHaveLength(1);
  });

  it("refuses a mail that would not be true", async () => {
    const orderId = await complete();
    const refused = await ops(stack, "order", "resend", orderId, "--kind", "payment_received");
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("has never been PAID") });
    expect((await ops(stack, "order", "resend", orderId, "--kind", "birthday")).code).toBe(2);
  });

  it("does nothing twice when an order's events are emitted again", async () => {
    const email = newEmail();
    const orderId = await complete(email);
    const { data } = await opsJson(stack, "order", "replay", orderId);
    expect(data.emitted.map(({ queue }: { queue: string }) => queue)).toEqual([
      "InvoiceQueue",
      "InternalNotificationQueue",
      "CustomerNotificationQueue",
    ]);
    await quiet(stack);
    expect((await mailsOf(stack)).filter(({ to }) => to.includes(email))).toHaveLength(1);
  });
});

describe("dead letters", () => {
  it("are counted, explained, left where they are by a look, and redriven one order at a time", async () => {
    const orderId = await complete();
    await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls.InvoiceQueue, MessageBody: "not json" }));
    await sqs.send(
      new SendMessageCommand({ QueueUrl: stack.queueUrls.InvoiceQueue, MessageBody: JSON.stringify({ type: "order.recorded", orderId }) }),
    );
    await eventually(async () => (await queuesOf(stack)).InvoiceQueue?.dlqDepth === 2 || undefined);

    const list = await opsJson(stack, "dlq", "list");
    expect(list).toMatchObject({ code: 3, data: { total: 2 } });
    const peeked = await opsJson(stack, "dlq", "peek", "invoicequeue");
    expect(peeked.code).toBe(3);
    const causes = peeked.data.letters.map(({ cause }: { cause: string }) => cause).sort();
    expect(causes[0]).toContain("not JSON");
    // A message may hold what a customer typed.
    expect(JSON.stringify(peeked.data)).not.toContain('"body"');
    expect(JSON.stringify((await opsJson(stack, "dlq", "peek", "invoicequeue", "--body")).data)).toContain('"body":"not json"');
    expect(causes[1]).toMatch(/Missing or wrong: .*orderVersion/);
    const ofOrder = await ops(stack, "dlq", "peek", "InvoiceDLQ", "--order", orderId);
    expect(ofOrder.out).toContain("lacks nothing");
    expect(ofOrder.out).not.toContain("not JSON");
    expect(await opsJson(stack, "order", "show", orderId)).toMatchObject({ code: 3, data: { deadLetters: [{ queue: "InvoiceDLQ" }] } });
    // A look hides nothing from the next one.
    expect((await opsJson(stack, "dlq", "peek", "bbws-order-pdf-dlq-local")).data.letters).toHaveLength(2);

    const { orderNumber } = (await opsJson(stack, "order", "show", orderId)).data.order;
    const dry = await opsJson(stack, "dlq", "redrive", "InvoiceDLQ", "--order", orderNumber, "--dry-run");
    expect(dry).toMatchObject({ code: 3, data: { moved: 0, letters: [{ orderId }] } });
    expect((await ops(stack, "dlq", "redrive", "InvoiceDLQ", "--order", "ORD-2026-99999")).code).toBe(1);
    expect((await ops(stack, "dlq", "redrive", "InvoiceDLQ", "--order", "order_other")).out).toContain(
      "InvoiceDLQ has no letter of order_other",
    );
    expect(await opsJson(stack, "dlq", "redrive", "InvoiceDLQ", "--order", orderId)).toMatchObject({ code: 0, data: { moved: 1 } });
    await eventually(async () => (await queuesOf(stack)).InvoiceQueue?.dlqDepth === 2 || undefined);

    expect(await ops(stack, "dlq", "purge", "InvoiceDLQ")).toMatchObject({ code: 2, err: expect.stringContaining("asks first") });
    expect((await opsJson(stack, "dlq", "purge", "InvoiceDLQ", "--dry-run")).data.purged).toHaveLength(2);
    expect((await opsJson(stack, "dlq", "purge", "InvoiceDLQ", "--yes")).data.purged).toHaveLength(2);
    expect(await opsJson(stack, "dlq", "list")).toMatchObject({ code: 0, data: { total: 0 } });
    expect((await ops(stack, "dlq", "peek", "NoSuchQueue")).code).toBe(2);
  });

  it("are redriven once each, whatever the operator's clock says, though they die again meanwhile", async () => {
    const count = 30;
    for (let i = 0; i < count; i += 10) await deadLetter("InvoiceDLQ", ...Array.from({ length: 10 }, (_, n) => ({ poison: i + n })));
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    const redriven = await opsJson(stack, "dlq", "redrive", "InvoiceDLQ").finally(() => vi.useRealTimers());
    expect(redriven).toMatchObject({ code: 0, data: { moved: count } });
    await eventually(async () => (await queuesOf(stack)).InvoiceQueue?.dlqDepth === count || undefined);
    await ops(stack, "dlq", "purge", "InvoiceDLQ", "--yes");
  });

  it("hold an order that was accepted and never recorded, until a redrive completes it", async () => {
    const order = newGuest();
    await deadLetter("OrderCreationDLQ", acceptedMessage(order, "c-lost"));
    const before = await ops(stack, "order", "show", order.id);
    expect(before).toMatchObject({ code: 3, out: expect.stringContaining("not recorded") });
    expect(before.out).toContain("the customer has an answer and no order until this is redriven");
    expect((await ops(stack, "dlq", "redrive", "OrderCreationQueue")).code).toBe(0);
    expect((await whole(order.id)).order).toMatchObject({ id: order.id, correlationId: "c-lost" });
  });

  it("about a change of the table are answered with what the order's state implies", async () => {
    const orderId = await complete();
    const { order } = await whole(orderId);
    const keys = { PK: { S: `TENANT#${order.tenantId}` }, SK: { S: `ORDER#${orderId}` } };
    await removeItem(`ORDER#${orderId}`, "MAIL#internal_new#1");
    await deadLetter("OrderChangesDLQ", { eventID: "1", eventName: "INSERT", keys, sequenceNumber: "1" });
    const redriven = await opsJson(stack, "dlq", "redrive", "OrderChangesDLQ");
    expect(redriven).toMatchObject({ code: 0, data: { moved: 1, letters: [{ orderId }] } });
    await whole(orderId);

    await deadLetter("OrderChangesDLQ", { DDBStreamBatchInfo: { batchSize: 3 } });
    expect(await opsJson(stack, "dlq", "redrive", "OrderChangesDLQ")).toMatchObject({ code: 3, data: { moved: 0 } });
    expect((await ops(stack, "dlq", "peek", "OrderChangesDLQ")).out).toContain("let reconcile find");
    await ops(stack, "dlq", "purge", "OrderChangesDLQ", "--yes");
  });

  it("are not lost when a redrive is killed between sending a letter and deleting it", async () => {
    const orders = Array.from({ length: 20 }, () => newGuest());
    for (let i = 0; i < orders.length; i += 10)
      await deadLetter("OrderCreationDLQ", ...orders.slice(i, i + 10).map((order) => acceptedMessage(order, "c-lost")));
    // Ends itself where the fifth letter is sent and about to be deleted: nothing can be caught, as at a power cut.
    const killer = `import { subscribe } from "node:diagnostics_channel";
      let deleted = 0;
      subscribe("http.client.request.created", ({ request }) => {
        if (!String(request.getHeader("x-amz-target")).endsWith(".DeleteMessage")) return;
        deleted += 1;
        if (deleted === 5) process.kill(process.pid, "SIGKILL");
      });`;
    const child = spawn(
      process.execPath,
      [
        ...["--import", `data:text/javascript,${encodeURIComponent(killer)}`],
        ...["packages/ops/src/cli.ts", "dlq", "redrive", "OrderCreationDLQ", "--state", stack.folder],
      ],
      { stdio: "ignore" },
    );
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    await quiet(stack);

    const answer = await fetch(`${stack.url}/_local/dead-letters?queue=OrderCreationDLQ`);
    const dead = ((await answer.json()) as { body: string }[]).map(({ body: text }) => JSON.parse(text).order.id as string);
    expect(dead).toHaveLength(orders.length - 4);
    // Every order is recorded or still a letter; the fifth, which was sent and not deleted, is both.
    const recorded = orders.filter(({ id }) => !dead.includes(id));
    expect(recorded).toHaveLength(4);
    await Promise.all(recorded.map(({ id }) => whole(id)));
    const found = await Promise.all(dead.map(async (id) => (await ops(stack, "order", "replay", id, "--dry-run")).code === 0));
    expect(found.filter(Boolean)).toHaveLength(1);
    // What the killed one held becomes visible in two minutes; the stack's own page need not wait for that.
    await fetch(`${stack.url}/_local/redrive`, { method: "POST", body: JSON.stringify({ queue: "OrderCreationQueue" }) });
  });

  it("are gone through under a bar that knows how many there are, on a terminal and not beside JSON", async () => {
    const bar = async (...argv: string[]) => {
      const stderr = Object.assign(new PassThrough(), { isTTY: true });
      const chunks: Buffer[] = [];
      stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
      const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: { BBWS_STATE: stack.folder } };
      expect(await run(["dlq", ...argv], io)).toBe(0);
      return Buffer.concat(chunks).toString();
    };
    const put = () => deadLetter("InvoiceDLQ", { poison: 1 }, { poison: 2 }, { poison: 3 });
    await put();
    expect(await bar("redrive", "InvoiceQueue", "--max", "2")).toContain("redriving InvoiceDLQ: 2 letters");
    await eventually(async () => (await queuesOf(stack)).InvoiceQueue?.dlqDepth === 3 || undefined);
    expect(await bar("purge", "InvoiceQueue", "--yes")).toContain("purging InvoiceDLQ: 3 letters");
    await put();
    expect(await bar("purge", "InvoiceQueue", "--yes", "--json")).toBe("");
  });
});

it("says how to start a stack where none runs", async () => {
  const answer = await ops({ folder: "/nowhere" }, "dlq", "list");
  expect(answer).toMatchObject({ code: 1, err: expect.stringContaining("npm start") });
});
