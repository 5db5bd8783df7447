import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { DeleteItemCommand, type DynamoDBClient, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { documentKey } from "@bbws/core/document/document.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { acceptedMessage } from "@bbws/core/order/accept.ts";
import { impliedEvents } from "@bbws/core/order/completeness.ts";
import { queuesOf as queuesOfEvent, recordedEvent } from "@bbws/core/order/events.ts";
import { orders as ordersOf } from "@bbws/core/order/orders.ts";
import { sleep } from "@bbws/core/retry.ts";
import type { Stack } from "@bbws/local/stack.ts";
import { openTarget } from "@bbws/ops/target/open.ts";
import { eraseTenant } from "@bbws/ops/tenant/erase.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ops, opsJson, quiet, untilWhole } from "../support/ops.ts";
import { acceptedOrder, guestOrder } from "../support/order.ts";
import { startStack } from "../support/permitted-stack.ts";
import { clientsOf, mailsOf, queuesOf, token } from "../support/stack.ts";

/** Tenants, erasure, finance, templates, smoke: the command line on the running stack. */

// Whole journeys through every function: on a busy machine each may take a while.
vi.setConfig({ testTimeout: 60_000 });

let stack: Stack;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
let s3: S3Client;

beforeAll(async () => {
  stack = await startStack({ fresh: true, quiet: true });
  ({ dynamodb, sqs, s3 } = clientsOf(stack));
});
afterAll(() => stack.stop());

async function call(method: string, path: string, body: unknown, bearer?: string, headers: Record<string, string> = {}) {
  const answer = await fetch(stack.url + path, {
    method,
    headers: { "content-type": "application/json", ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asserts.
  return { status: answer.status, body: (await answer.json()) as any };
}

/** Everything the customer typed begins with this word, so that one look finds what was left of it. */
const personal = (word: string) => ({
  customerEmail: `${word}@example.com`,
  firstName: `${word}-first`,
  lastName: `${word}-last`,
  company: `${word}-company`,
  primaryPhone: "+27821234599",
  notes: `${word}-notes`,
  purchaseOrderNumber: `${word}-po`,
  items: [{ productId: "PROD-002", quantity: 1 }],
  billingAddress: {
    fullName: `${word}-name`,
    street: `${word}-street`,
    addressLine2: `${word}-flat`,
    city: "Cape Town",
    postalCode: "8001",
    vatNumber: "4123456789",
  },
});
/** Anything of it, in an item of the table, a message or the name of an object. */
const anyOf = (word: string) => new RegExp(`${word}|\\+27821234599|4123456789`);

async function place(word: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await call("POST", "/v1.0/orders", personal(word), undefined, headers);
  expect(status).toBe(202);
  return body.data.orderId;
}

/** Waits until an order lacks nothing, and nobody works on it any more. */
async function whole(orderId: string) {
  const { order } = await untilWhole(stack, orderId);
  await quiet(stack);
  return order;
}

async function pay(orderId: string): Promise<void> {
  const payment = { paymentReference: `PF-${orderId}`, paymentMethod: "payfast", paymentAmount: 1725, paymentCurrency: "ZAR" };
  const bearer = await token(stack, { roles: "System", sub: "payments" });
  expect((await call("POST", `/v1.0/orders/${orderId}/paymentconfirmation`, payment, bearer)).status).toBe(200);
}

async function items(): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: stack.table, ConsistentRead: true }));
  return Items.map((item) => unmarshall(item));
}

async function keysUnder(prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: stack.buckets.DocumentsBucket, Prefix: prefix }));
  return Contents.map(({ Key }) => Key!).sort();
}

describe("erase", () => {
  it("leaves no personal datum but what its report lists as kept by law", async () => {
    const unpaid = await place("zanele", { "idempotency-key": "zanele-1" });
    const paid = await place("zanele");
    await Promise.all([whole(unpaid), whole(paid)]);
    await pay(paid);
    const { tenantId, documents } = await whole(paid);
    const send = (queue: string, message: object) =>
      sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls[queue], MessageBody: JSON.stringify(message) }));
    for (const customerEmail of ["Zanele@example.com", "joanzanele@example.com"]) {
      await send("OrderCreationDLQ", { type: "order.accepted", order: guestOrder({ customerEmail }) });
    }
    const message = (await items()).find(({ PK, orderId }) => String(PK).startsWith("IDEMPOTENCY#") && orderId === unpaid)?.message;
    // What was on its way, or lay dead, when the customer was erased.
    const recorded = await whole(unpaid);
    const late = impliedEvents(recorded, []).filter((event) => queuesOfEvent(event).includes("InvoiceQueue"));
    expect(late).not.toEqual([]);
    const asked = { kind: "order_confirmation", status: "PENDING", requestId: "r", to: "zanele@work.example" };
    await send("CustomerNotificationDLQ", { ...recordedEvent(recorded), type: "order.mail_requested", data: asked });
    // Its timer is gone, as if it were older: the erasure itself keeps its id from being taken again.
    await dynamodb.send(new DeleteItemCommand({ TableName: stack.table, Key: { PK: { S: `ORDER#${unpaid}` }, SK: { S: "EXPIRY" } } }));
    const before = JSON.stringify(await items());
    expect((await ops(stack, "erase", "--tenant", tenantId)).code).toBe(2);
    const dry = await opsJson(stack, "erase", "--tenant", tenantId, "--dry-run");
    expect(dry.data).toMatchObject({ ordersErased: 1, cancelled: [unpaid], objectsDeleted: 2, deadLetters: 2, kept: [{ orderId: paid }] });
    expect(JSON.stringify(await items())).toBe(before);

    const { code, data } = await opsJson(stack, "erase", "--tenant", tenantId, "--yes");
    expect(code).toBe(0);
    const invoice = documents.taxInvoice;
    expect(data).toMatchObject({
      ordersErased: 1,
      cancelled: [unpaid],
      requests: 1,
      emails: 1,
      deadLetters: 2,
      objectsDeleted: 2,
      unrecorded: 0,
    });
    expect(data.kept).toEqual([expect.objectContaining({ orderId: paid, invoiceNumber: invoice.number, documents: [invoice.key] })]);
    await quiet(stack);

    const left = await items();
    const withData = left.filter((item) => anyOf("zanele").test(JSON.stringify(item)));
    expect(withData.map(({ id }) => id)).toEqual([paid]);
    const kept = withData[0] as Awaited<ReturnType<typeof whole>>;
    expect(kept).toMatchObject({ customerEmail: "[erased]", primaryPhone: "[erased]", notes: "[erased]", company: "zanele-company" });
    // What stays of the kept order is what the report says of it.
    expect(
      Object.keys(kept)
        .filter((name) => anyOf("zanele").test(JSON.stringify(kept[name as keyof typeof kept])))
        .sort(),
    ).toEqual(["billingAddress", "company", "firstName", "lastName", "purchaseOrderNumber"]);
    expect(left.some(({ PK }) => /^(EMAIL|GUEST|IDEMPOTENCY)#/.test(String(PK)))).toBe(false);
    expect(await keysUnder("")).toEqual([invoice.key]);
    // Another customer's address may end like hers: that letter is not touched.
    expect((await queuesOf(stack)).OrderCreationQueue?.dlqDepth).toBe(1);
    expect((await ops(stack, "dlq", "purge", "OrderCreationQueue", "--yes")).code).toBe(0);
    for (const event of late) await send("InvoiceQueue", event);
    // The message of an order that is erased, once more: its e-mail leads to nobody now, and it is still the same order.
    await send("OrderCreationQueue", JSON.parse(String(message)));
    await quiet(stack);
    expect(await keysUnder("")).toEqual([invoice.key]);
    expect((await items()).filter((item) => anyOf("zanele").test(JSON.stringify({ ...item, id: undefined })) && item.id !== paid)).toEqual(
      [],
    );

    const shown = await opsJson(stack, "tenant", "show", tenantId);
    expect(shown.data).toMatchObject({
      tenant: { email: "[erased]", active: false },
      erasures: [{ ordersErased: 1, kept: [{ orderId: paid }] }],
    });
    expect((await opsJson(stack, "reconcile", "--grace", "0s", "--dry-run")).data.missing).toEqual([]);
    // Whoever orders under the address from now on is somebody new.
    expect((await whole(await place("zanele"))).tenantId).not.toBe(tenantId);
  });

  it("may be repeated, writes to nobody afterwards, and takes the tax record when its seven years are over", async () => {
    const orderId = await place("sipho");
    await whole(orderId);
    await pay(orderId);
    const { tenantId } = await whole(orderId);
    await ops(stack, "erase", "--tenant", tenantId, "--yes");
    const admin = await token(stack, { roles: "Admin", sub: "admin-1" });
    const sent = (await mailsOf(stack)).length;
    expect((await call("PUT", `/v1.0/orders/${orderId}`, { status: "PROCESSING" }, admin)).status).toBe(200);
    const ledger = await eventually(async () => {
      const { data } = await opsJson(stack, "order", "show", orderId);
      return data.mails.find(({ kind, state }: { kind: string; state: string }) => kind === "order_status_update" && state !== "CLAIMED");
    });
    expect(ledger).toMatchObject({ state: "REFUSED", refusal: "CUSTOMER_ERASED" });
    expect(await mailsOf(stack)).toHaveLength(sent);
    expect(await ops(stack, "order", "resend", orderId, "--kind", "payment_received")).toMatchObject({ code: 1 });
    expect(await ops(stack, "order", "replay", orderId)).toMatchObject({ code: 1 });

    await dynamodb.send(
      new UpdateItemCommand({
        TableName: stack.table,
        Key: { PK: { S: `TENANT#${tenantId}` }, SK: { S: `ORDER#${orderId}` } },
        UpdateExpression: "SET documents.taxInvoice.issuedAt = :old",
        ExpressionAttributeValues: { ":old": { S: "2019-01-31T08:00:00.000Z" } },
      }),
    );
    const again = await opsJson(stack, "erase", "--tenant", tenantId, "--yes");
    expect(again.data).toMatchObject({ ordersErased: 1, kept: [], objectsDeleted: 1 });
    expect((await items()).filter((item) => item.tenantId === tenantId && anyOf("sipho").test(JSON.stringify(item)))).toEqual([]);
    expect(JSON.stringify(await items())).not.toContain("sipho");
    expect(await keysUnder(`${tenantId}/`)).toEqual([]);
    expect((await opsJson(stack, "tenant", "show", tenantId)).data.erasures).toHaveLength(2);
  });

  it("finds what appears while it runs, and leaves what is accepted after it began", async () => {
    const orderId = await place("nandi");
    const { tenantId } = await whole(orderId);
    const orders = ordersOf({ client: dynamodb, table: stack.table }, () => new Date());
    const record = (customerEmail: string, dateCreated: Date) =>
      orders.record([
        { order: acceptedOrder({ tenantId, customerEmail, dateCreated: dateCreated.toISOString() }), correlationId: "c-late" },
      ]);
    const target = await openTarget({ stage: "local", state: stack.folder });
    let appeared = false;
    // Once the first pass is over and it looks whether anything is under way, three functions finish what they began before it.
    target.sqs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "GetQueueAttributesCommand" && !appeared) {
            appeared = true;
            const Key = `${tenantId}/orders/${orderId}.pdf`;
            await s3.send(new PutObjectCommand({ Bucket: stack.buckets.DocumentsBucket, Key, Body: "nandi" }));
            await record("nandi@late.example", new Date(Date.now() - 5_000));
            await record("nandi-again@example.com", new Date(Date.now() + 60_000));
            const letter = `{"order": {"tenantId": "${tenantId}", "customerEmail": "nandi@`;
            await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls.OrderCreationDLQ, MessageBody: letter }));
          }
          return next(args);
        },
      { step: "initialize" },
    );
    const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
    const { data } = await eraseTenant(target, tenantId, {}, io).finally(() => target.close());
    expect(data).toMatchObject({ ordersErased: 2, deadLetters: 1 });
    await quiet(stack);
    const left = (await items()).filter((item) => item.tenantId === tenantId && anyOf("nandi").test(JSON.stringify(item)));
    expect(left.map(({ customerEmail }) => customerEmail)).toEqual(["nandi-again@example.com"]);
    const key = `${tenantId}/orders/${left[0]!.id}.pdf`;
    expect(await eventually(async () => (await keysUnder(`${tenantId}/`)).find((found) => found === key))).toBe(key);
    expect(await keysUnder(`${tenantId}/`)).toEqual([key]);
    expect((await queuesOf(stack)).OrderCreationQueue?.dlqDepth).toBe(0);
  });

  it("waits for a document that is under way", async () => {
    const fail = (failures: number) =>
      fetch(`${stack.url}/_local/faults`, { method: "POST", body: JSON.stringify({ target: "s3", failures }) });
    await fail(1_000);
    const orderId = await place("mandla");
    const tenantId = await eventually(async () => (await items()).find(({ id }) => id === orderId)?.tenantId as string | undefined);
    // Its first attempt failed, and the next is some seconds away.
    const lines = async () => (await readFile(join(stack.folder, "logs", "functions.log"), "utf8")).split("\n");
    await eventually(
      async () => (await lines()).some((line) => ["OrderPDFCreator", orderId, '"retry"'].every((part) => line.includes(part))) || undefined,
    );
    await fail(0);
    expect((await queuesOf(stack)).InvoiceQueue?.inFlight).toBe(1);
    const { code } = await opsJson(stack, "erase", "--tenant", tenantId, "--yes");
    expect(code).toBe(0);
    expect((await queuesOf(stack)).InvoiceQueue?.inFlight).toBe(0);
    expect(await keysUnder(`${tenantId}/`)).toEqual([]);
  });

  /** Erases in this process, with little patience, and lets `meanwhile` happen before each of its calls to a service. */
  async function eraseWhile(
    tenantId: string,
    meanwhile?: (commandName: string | undefined) => Promise<unknown> | undefined,
    waitSeconds = 1,
  ) {
    const target = await openTarget({ stage: "local", state: stack.folder });
    // Their stacks differ in types only.
    const clients = [target.sqs, target.table.client, target.documents.s3] as unknown as SQSClient[];
    for (const { middlewareStack } of clients) {
      middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            await meanwhile?.(commandName);
            return next(args);
          },
        { step: "initialize" },
      );
    }
    const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
    return eraseTenant(target, tenantId, { waitSeconds }, io).finally(() => target.close());
  }

  it("keeps the e-mail while a message waits to be recorded, so that its order is found when it is run again", async () => {
    const { tenantId } = await whole(await place("thabo"));
    const order = guestOrder({ customerEmail: "thabo@example.com", notes: "thabo-notes", dateCreated: new Date().toISOString() });
    const MessageBody = JSON.stringify(acceptedMessage(order, "c-waits"));
    await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls.OrderCreationQueue, MessageBody, DelaySeconds: 8 }));
    const first = await eraseWhile(tenantId);
    expect(first).toMatchObject({ exitCode: 3, data: { unrecorded: 1, emails: 0 } });
    expect(first.text).toMatch(/NOT ALL IS ERASED.*OrderCreationQueue holds 1 message/);
    const late = await whole(order.id);
    expect(late).toMatchObject({ tenantId, notes: "thabo-notes" });
    expect(await eraseWhile(tenantId)).toMatchObject({ exitCode: 0, data: { unrecorded: 0, emails: 1, ordersErased: 2 } });
    await quiet(stack);
    expect(JSON.stringify(await items())).not.toContain("thabo");
  });

  it("keeps the e-mail while somebody else holds a dead letter, which it cannot see", async () => {
    const { tenantId } = await whole(await place("lindiwe"));
    const QueueUrl = stack.queueUrls.OrderCreationDLQ;
    const order = guestOrder({ customerEmail: "lindiwe@example.com", dateCreated: new Date().toISOString() });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(acceptedMessage(order, "c-held")) }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 120, WaitTimeSeconds: 5 }));
    expect(Messages).toHaveLength(1);
    const first = await eraseWhile(tenantId);
    expect(first).toMatchObject({ exitCode: 3, data: { heldLetters: 1, deadLetters: 0, emails: 0 } });
    expect(first.text).toMatch(/Somebody else looks at 1 dead letter/);
    const ReceiptHandle = Messages[0]!.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const second = await eraseWhile(tenantId);
    expect(second).toMatchObject({ exitCode: 0, data: { heldLetters: 0, deadLetters: 1, emails: 1 } });
  });

  const recordOf = (tenantId: string, word: string) => {
    const order = acceptedOrder({ tenantId, notes: `${word}-late`, dateCreated: new Date(Date.now() - 5_000).toISOString() });
    return ordersOf({ client: dynamodb, table: stack.table }, () => new Date()).record([{ order, correlationId: "c-late" }]);
  };

  it("finds an order that is recorded while it reads the table for remembered requests", async () => {
    const { tenantId } = await whole(await place("bongani"));
    let scans = 0;
    const lateOnce = (name?: string) => (name === "ScanCommand" && ++scans === 1 ? recordOf(tenantId, "bongani") : undefined);
    expect(await eraseWhile(tenantId, lateOnce, 20)).toMatchObject({ exitCode: 0, data: { ordersErased: 2, untouched: 0 } });
    await quiet(stack);
    expect(JSON.stringify(await items())).not.toContain("bongani");
    expect(await keysUnder(`${tenantId}/`)).toEqual([]);
  });

  it("does not count an order that it has not touched, and is run again", async () => {
    const { tenantId } = await whole(await place("refilwe"));
    let lists = 0;
    // The third pass is the last: it found nothing, and it reads no order after this.
    const lateAtLast = (name?: string) => (name?.startsWith("ListObject") && ++lists === 3 ? recordOf(tenantId, "refilwe") : undefined);
    const first = await eraseWhile(tenantId, lateAtLast, 20);
    expect(first).toMatchObject({ exitCode: 3, data: { ordersErased: 1, untouched: 1 } });
    expect(first.text).toMatch(/1 order appeared or changed at the very end: run this again/);
    await quiet(stack);
    expect(await eraseWhile(tenantId)).toMatchObject({ exitCode: 0, data: { ordersErased: 2, untouched: 0 } });
    expect(JSON.stringify(await items())).not.toContain("refilwe");
  });

  it("keeps a credit note that is issued while it looks for documents", async () => {
    const orderId = await place("kagiso");
    await whole(orderId);
    await pay(orderId);
    const order = await whole(orderId);
    const { tenantId } = order;
    const creditNote = { number: "CRN-2026-09999", issuedAt: new Date().toISOString() };
    const key = documentKey({ ...order, documents: { ...order.documents, creditNote } }, "creditNote");
    const issue = async () => {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: stack.table,
          Key: { PK: { S: `TENANT#${tenantId}` }, SK: { S: `ORDER#${orderId}` } },
          UpdateExpression: "SET documents.creditNote = :issued",
          ExpressionAttributeValues: {
            ":issued": { M: { number: { S: creditNote.number }, issuedAt: { S: creditNote.issuedAt }, key: { S: key } } },
          },
        }),
      );
      await s3.send(new PutObjectCommand({ Bucket: stack.buckets.DocumentsBucket, Key: key, Body: "credit note" }));
    };
    let lists = 0;
    await eraseWhile(tenantId, (name) => (name?.startsWith("ListObject") && ++lists === 1 ? issue() : undefined));
    expect(lists).toBeGreaterThan(1);
    expect(await keysUnder(`${tenantId}/`)).toEqual([key, order.documents.taxInvoice.key].sort());
  });

  it("leaves a request, and the letter of an order, that came in after it began", async () => {
    const { tenantId } = await whole(await place("naledi", { "idempotency-key": "naledi-before" }));
    let later: string | undefined;
    const orderAgain = async () => {
      // Requests are told apart by the second.
      await sleep(1_100);
      later = await place("naledi", { "idempotency-key": "naledi-after" });
      const order = guestOrder({ customerEmail: "naledi@example.com", dateCreated: new Date().toISOString() });
      const MessageBody = JSON.stringify(acceptedMessage(order, "c-after"));
      await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls.OrderCreationDLQ, MessageBody }));
    };
    let looked = false;
    const once = (name?: string) => {
      if (name !== "GetQueueAttributesCommand" || looked) return undefined;
      looked = true;
      return orderAgain();
    };
    const { data } = await eraseWhile(tenantId, once, 20);
    expect(data).toMatchObject({ requests: 1, deadLetters: 0, ordersErased: 1 });
    expect(await place("naledi", { "idempotency-key": "naledi-after" })).toBe(later);
    expect((await queuesOf(stack)).OrderCreationQueue?.dlqDepth).toBe(1);
    expect((await ops(stack, "dlq", "purge", "OrderCreationQueue", "--yes")).code).toBe(0);
  });

  it("knows no tenant of whom nothing is there", async () => {
    expect((await ops(stack, "erase", "--tenant", "tenant-nobody", "--yes")).code).toBe(1);
    expect((await ops(stack, "erase", "--tenant", "../other", "--yes")).code).toBe(2);
  });
});

describe("tenant suspend and reactivate", () => {
  it("takes the right to order and gives it back in the status from before", async () => {
    const bearer = await token(stack, { tenantId: "tenant-standing" });
    const order = () => call("POST", "/v1.0/orders", personal("lerato"), bearer);
    expect((await order()).status).toBe(202);
    expect((await opsJson(stack, "tenant", "suspend", "tenant-standing", "--dry-run")).data.changed).toBe(false);
    expect((await order()).status).toBe(202);
    expect((await opsJson(stack, "tenant", "suspend", "tenant-standing")).data).toMatchObject({ after: "SUSPENDED", changed: true });
    expect((await order()).body.error).toBe("ACCOUNT_SUSPENDED");
    expect((await ops(stack, "tenant", "suspend", "tenant-standing")).out).toContain("is suspended already");
    expect((await opsJson(stack, "tenant", "reactivate", "tenant-standing")).data).toMatchObject({ after: "REGISTERED", changed: true });
    expect((await order()).status).toBe(202);
  });

  it("makes a suspended guest's orders end at once, and none after the reactivation", async () => {
    const { tenantId } = await whole(await place("andile"));
    await ops(stack, "tenant", "suspend", tenantId);
    expect((await whole(await place("andile"))).status).toBe("CANCELLED");
    expect((await opsJson(stack, "tenant", "reactivate", tenantId)).data).toMatchObject({ after: "UNVALIDATED" });
    expect((await whole(await place("andile"))).status).toBe("PENDING");
  });
});

describe("export invoices", () => {
  it("lists every tax invoice and credit note of the month, with totals that tie out", async () => {
    const month = new Intl.DateTimeFormat("en-CA", { timeZone: "Africa/Johannesburg", year: "numeric", month: "2-digit" }).format(
      new Date(),
    );
    const [kept, refunded] = await Promise.all([place("export-a"), place("export-b")]);
    await Promise.all([whole(kept), whole(refunded)]);
    await pay(kept);
    await pay(refunded);
    await whole(refunded);
    const admin = await token(stack, { roles: "Admin", sub: "admin-1" });
    expect((await call("PUT", `/v1.0/orders/${refunded}`, { status: "REFUNDED" }, admin)).status).toBe(200);
    const { documents } = await whole(refunded);

    const file = join(stack.folder, "invoices.csv");
    const { code, data } = await opsJson(stack, "export", "invoices", "--month", month, "--out", file);
    // An erased tenant's old invoice was backdated above and is no longer this month's.
    expect(code).toBe(0);
    const amounts = (line: { exclusive: number; vat: number; inclusive: number }) => [line.exclusive, line.vat, line.inclusive];
    const ofRefunded = data.lines.filter(({ orderId }: { orderId: string }) => orderId === refunded);
    expect(ofRefunded.map(amounts)).toEqual([
      [150_000, 22_500, 172_500],
      [-150_000, -22_500, -172_500],
    ]);
    expect(ofRefunded[1]).toMatchObject({ documentType: "Credit Note", credits: documents.taxInvoice.number });
    const { invoices, creditNotes, net } = data.totals;
    expect(net.inclusive).toBe(invoices.inclusive + creditNotes.inclusive);

    const csv = await readFile(file, "utf8");
    expect(csv.startsWith("\ufeffDocument,Number,Issue date")).toBe(true);
    expect(csv.trimEnd().split("\r\n").at(-1)).toMatch(new RegExp(`^Net,${data.lines.length},.*,${(net.inclusive / 100).toFixed(2)}$`));
    const printed = await ops(stack, "export", "invoices", "--month", month);
    expect(csv).toContain(printed.out.trimEnd());
    expect(printed.err).toContain("Everything ties out.");
    expect((await ops(stack, "export", "invoices", "--month", "2026-13")).code).toBe(2);
  });
});

describe("templates", () => {
  const manifest = async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stack.buckets.TemplatesBucket, Key: "manifest.json" }));
    return JSON.parse(await Body!.transformToString()) as { version: string };
  };

  it("are published, listed and rolled back, and a broken set is refused", async () => {
    expect((await ops(stack, "templates", "list")).out).toContain("Nothing is published");
    expect((await opsJson(stack, "templates", "publish", "--dry-run")).data.changed).toBe(false);
    const second = Math.floor(Date.now() / 1000) + 1;
    expect((await opsJson(stack, "templates", "publish")).data).toMatchObject({ version: bundledTemplates.version, previous: null });
    expect(await manifest()).toMatchObject({ version: bundledTemplates.version });

    const confirmation = bundledTemplates.templates["customer/order_confirmation"];
    const changed = (subject: string) => ({
      version: "0123456789abcdef",
      templates: { ...bundledTemplates.templates, "customer/order_confirmation": { ...confirmation, subject } },
    });
    const file = join(stack.folder, "set.json");
    const write = (content: unknown) => writeFile(file, JSON.stringify(content));
    await write(changed("Thank you {{nickname}}"));
    const refused = await ops(stack, "templates", "publish", "--set", file);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("{{nickname}}") });

    await write(changed("Thank you - #{{orderNumber}}"));
    // S3 tells the time of a set by the second.
    await eventually(() => Math.floor(Date.now() / 1000) > second || undefined);
    expect((await ops(stack, "templates", "publish", "--set", file)).code).toBe(0);
    expect(await manifest()).toMatchObject({ version: "0123456789abcdef" });
    const list = await opsJson(stack, "templates", "list");
    expect(list.data).toMatchObject({
      current: "0123456789abcdef",
      sets: [{ version: "0123456789abcdef" }, { version: bundledTemplates.version }],
    });

    expect((await opsJson(stack, "templates", "rollback")).data).toMatchObject({ version: bundledTemplates.version });
    expect(await manifest()).toMatchObject({ version: bundledTemplates.version });
    expect((await ops(stack, "templates", "rollback")).code).toBe(1);
    expect((await opsJson(stack, "templates", "rollback", "0123")).data).toMatchObject({ version: "0123456789abcdef" });
    // Back means what was current before, not what was published before: a set that was rolled back from is left out.
    expect((await opsJson(stack, "templates", "rollback")).data).toMatchObject({ version: bundledTemplates.version });
    await write({ ...changed("Thanks - #{{orderNumber}}"), version: "fedcba9876543210" });
    expect((await ops(stack, "templates", "publish", "--set", file)).code).toBe(0);
    expect((await opsJson(stack, "templates", "rollback")).data).toMatchObject({ version: bundledTemplates.version });
  });

  it("are not what the deployed functions cannot fill, whatever this checkout could", async () => {
    const { previous: _, ...rest } = (await opsJson(stack, "templates", "publish", "--after-deploy")).data;
    expect(rest).toMatchObject({ version: bundledTemplates.version });
    const fields = { Bucket: stack.buckets.TemplatesBucket, Key: "fields.json" };
    const noted = JSON.parse(await (await s3.send(new GetObjectCommand(fields))).Body!.transformToString());
    const { payBy: _gone, ...older } = noted["customer/order_confirmation"];
    await s3.send(new PutObjectCommand({ ...fields, Body: JSON.stringify({ ...noted, "customer/order_confirmation": older }) }));
    const refused = await ops(stack, "templates", "publish");
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("{{payBy}} is not in the mail's data") });
    expect((await ops(stack, "templates", "rollback", bundledTemplates.version)).code).toBe(1);
    // A deployment brings functions that can.
    expect((await ops(stack, "templates", "publish", "--after-deploy")).code).toBe(0);
    expect((await ops(stack, "templates", "publish")).code).toBe(0);
  });

  it("made current by hand outlive a deployment that brings the same ones, and not one that brings others", async () => {
    const { version } = bundledTemplates;
    const other = async (name: string, templates = bundledTemplates.templates) => {
      const file = join(stack.folder, `${name}.json`);
      await writeFile(file, JSON.stringify({ version: name, templates }));
      return file;
    };
    expect((await opsJson(stack, "templates", "publish", "--after-deploy")).data).toMatchObject({ version });
    await ops(stack, "templates", "publish", "--set", await other("aaaaaaaaaaaa"));
    expect((await opsJson(stack, "templates", "publish", "--after-deploy")).data).toMatchObject({
      version: "aaaaaaaaaaaa",
      changed: false,
    });
    expect(await manifest()).toMatchObject({ version: "aaaaaaaaaaaa", deployed: version });

    const next = await opsJson(stack, "templates", "publish", "--after-deploy", "--set", await other("bbbbbbbbbbbb"));
    expect(next.data).toMatchObject({ version: "bbbbbbbbbbbb", previous: "aaaaaaaaaaaa", changed: true });
    expect(await manifest()).toMatchObject({ version: "bbbbbbbbbbbb", deployed: "bbbbbbbbbbbb" });
    expect((await opsJson(stack, "templates", "rollback")).data).toMatchObject({ version: "aaaaaaaaaaaa" });

    // What the new functions cannot fill does not stay.
    const unfillable = { ...bundledTemplates.templates["customer/order_confirmation"], subject: "{{nickname}}" };
    await s3.send(
      new PutObjectCommand({
        Bucket: stack.buckets.TemplatesBucket,
        Key: "aaaaaaaaaaaa/templates.json",
        Body: JSON.stringify({
          version: "aaaaaaaaaaaa",
          templates: { ...bundledTemplates.templates, "customer/order_confirmation": unfillable },
        }),
      }),
    );
    await ops(stack, "templates", "publish", "--after-deploy", "--set", await other("bbbbbbbbbbbb"));
    expect(await manifest()).toMatchObject({ version: "bbbbbbbbbbbb" });
  });

  it("that were damaged in the store are not made current", async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket: stack.buckets.TemplatesBucket,
        Key: "abcdefabcdefabcd/templates.json",
        Body: JSON.stringify({ version: "abcdefabcdefabcd", templates: {} }),
      }),
    );
    expect((await ops(stack, "templates", "rollback", "abcdef")).code).toBe(1);
  });
});

describe("smoke", () => {
  it("proves the running stack with one order, and leaves it cancelled", async () => {
    const { code, data } = await opsJson(stack, "smoke", stack.url);
    expect(code).toBe(0);
    expect(data.steps.map(({ name }: { name: string }) => name)).toEqual([
      "health",
      "create",
      "create again, same key",
      "recorded",
      "document",
      "list",
      "cancel",
    ]);
    expect(data.unseen).toEqual([`its mails (npm run ops -- order show ${data.orderId})`, "payment and expiry"]);
    expect((await whole(data.orderId)).status).toBe("CANCELLED");
  });

  it("orders as a guest where nobody gives it a token, and says what it did not see", async () => {
    // The same stack under a name that the command line does not take for this machine's.
    const { code, out } = await ops(stack, "smoke", stack.url.replace("127.0.0.1", "0.0.0.0"));
    expect(code).toBe(0);
    expect(out).not.toMatch(/^cancel/m);
    expect(out).toMatch(/Not seen: its document, the list and the cancellation, which want a customer's token; its mails/);
  });

  it("asks the service for the commit it runs, and makes no order where it is another", async () => {
    const { version } = (await (await fetch(`${stack.url}/health`)).json()) as { version: string };
    expect((await opsJson(stack, "smoke", stack.url, "--commit", version)).data.version).toBe(version);
    const other = await opsJson(stack, "smoke", stack.url, "--commit", "0a1b2c3");
    expect(other).toMatchObject({ code: 1, data: { ok: false, steps: [], failure: `it runs ${version}, not 0a1b2c3` } });
  });

  it("says where it stopped", async () => {
    await ops(stack, "tenant", "suspend", "smoke-test");
    const failed = await ops(stack, "smoke", stack.url);
    await ops(stack, "tenant", "reactivate", "smoke-test");
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(/FAILED after health: ACCOUNT_SUSPENDED/);
    expect((await ops(stack, "smoke", "ftp://example.com")).code).toBe(2);
  });
});
