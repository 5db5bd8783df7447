import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { sha256 } from "@bbws/core/id.ts";
import { acceptedMessage } from "@bbws/core/order/accept.ts";
import { recordedEvent, statusChangedEvent } from "@bbws/core/order/events.ts";
import type { AcceptedOrder } from "@bbws/core/order/order.ts";
import type { Stack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { client, type Journey } from "../support/chaos/journey.ts";
import { ops, opsJson, quiet, untilWhole } from "../support/ops.ts";
import { guestOrder } from "../support/order.ts";
import { startStack } from "../support/permitted-stack.ts";
import { clientsOf, mailsOf } from "../support/stack.ts";

/** An order can be stuck at every step between the accepted request and the last mail: reconcile finds each and heals it. */

let stack: Stack;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
let s3: S3Client;

beforeAll(async () => {
  stack = await startStack({ fresh: true, quiet: true });
  ({ dynamodb, sqs, s3 } = clientsOf(stack));
});
afterAll(async () => {
  for (const each of [dynamodb, sqs, s3]) each?.destroy();
  await stack?.stop();
});

type Documents = Record<string, { key: string }>;
type Shown = { id: string; tenantId: string; status: string; documents: Documents; statusHistory: { at: string }[] };

/** What `order show` says of an order that lacks nothing. */
const whole = (orderId: string): Promise<Shown> => untilWhole(stack, orderId).then(({ order }) => order);

const itemKey = (PK: string, SK: string) => ({ TableName: stack.table, Key: { PK: { S: PK }, SK: { S: SK } } });

async function mailKeys(orderId: string, kind: string): Promise<string[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: stack.table,
      KeyConditionExpression: "PK = :pk AND begins_with(SK, :sk)",
      ExpressionAttributeValues: { ":pk": { S: `ORDER#${orderId}` }, ":sk": { S: `MAIL#${kind}#` } },
      ConsistentRead: true,
    }),
  );
  return Items.map(({ SK }) => SK!.S!).sort();
}

/** The function that sends the `nth` mail of a kind never got so far. */
const withoutMail =
  (kind: string, nth = 0) =>
  async ({ id }: Shown) =>
    void (await dynamodb.send(new DeleteItemCommand(itemKey(`ORDER#${id}`, (await mailKeys(id, kind))[nth]!))));

/** The mail function died between its claim and SES, and its message was lost. */
const begunMail = (kind: string) => async (order: Shown) => {
  const [SK] = await mailKeys(order.id, kind);
  const claimed = { ":state": { S: "CLAIMED" }, ":past": { N: "1" } };
  await dynamodb.send(
    new UpdateItemCommand({
      ...itemKey(`ORDER#${order.id}`, SK!),
      UpdateExpression: "SET #state = :state, leaseUntil = :past REMOVE sesMessageId",
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: claimed,
    }),
  );
};

/** The document function never got so far; `stored`: it had put the PDF and not noted it. */
const withoutDocument =
  (type: "order" | "taxInvoice" | "creditNote", { stored = false } = {}) =>
  async ({ id, tenantId, documents }: Shown) => {
    const path = type === "order" ? "documents.#type" : "documents.#type.#key, documents.#type.sha256";
    await dynamodb.send(
      new UpdateItemCommand({
        ...itemKey(`TENANT#${tenantId}`, `ORDER#${id}`),
        UpdateExpression: `REMOVE ${path}`,
        ExpressionAttributeNames: { "#type": type, ...(type !== "order" && { "#key": "key" }) },
      }),
    );
    if (!stored) await s3.send(new DeleteObjectCommand({ Bucket: stack.buckets.DocumentsBucket, Key: documents[type]!.key }));
  };

const withoutTimer = async ({ id }: Shown) => void (await dynamodb.send(new DeleteItemCommand(itemKey(`ORDER#${id}`, "EXPIRY"))));

/** Accepted eight days ago, unpaid, and its timer got lost. */
const overdue = async (order: Shown) => {
  await withoutTimer(order);
  await dynamodb.send(
    new UpdateItemCommand({
      ...itemKey(`TENANT#${order.tenantId}`, `ORDER#${order.id}`),
      UpdateExpression: "SET dateCreated = :old, dateLastUpdated = :old",
      ExpressionAttributeValues: { ":old": { S: new Date(Date.now() - 8 * 86_400_000).toISOString() } },
    }),
  );
};

/** The router never told of the record. */
const untold = async (order: Shown) => {
  await withoutDocument("order")(order);
  await withoutMail("order_confirmation")(order);
  await withoutMail("internal_new")(order);
};

/** The router never told of the payment. */
const untoldOfPayment = async (order: Shown) => {
  await withoutDocument("taxInvoice")(order);
  await withoutMail("internal_paid")(order);
};

const steps: { journey: Journey; stuck: (order: Shown) => Promise<void>; lacks: string[] }[] = [
  { journey: "plain", stuck: untold, lacks: ["mail internal_new", "mail order_confirmation", "order document"] },
  { journey: "plain", stuck: withoutDocument("order"), lacks: ["order document"] },
  { journey: "plain", stuck: withoutDocument("order", { stored: true }), lacks: ["order document"] },
  { journey: "plain", stuck: withoutMail("order_confirmation"), lacks: ["mail order_confirmation"] },
  { journey: "plain", stuck: begunMail("order_confirmation"), lacks: ["mail order_confirmation, begun"] },
  { journey: "plain", stuck: withoutMail("internal_new"), lacks: ["mail internal_new"] },
  { journey: "plain", stuck: begunMail("internal_new"), lacks: ["mail internal_new, begun"] },
  { journey: "plain", stuck: withoutTimer, lacks: ["expiry timer"] },
  { journey: "plain", stuck: overdue, lacks: ["expiry: unpaid past its time"] },
  { journey: "expire", stuck: withoutMail("order_status_update"), lacks: ["mail order_status_update (EXPIRED)"] },
  { journey: "cancel", stuck: withoutMail("order_cancelled"), lacks: ["mail order_cancelled"] },
  { journey: "cancel", stuck: withoutMail("internal_cancelled"), lacks: ["mail internal_cancelled"] },
  { journey: "complete", stuck: withoutDocument("taxInvoice"), lacks: ["taxInvoice document"] },
  { journey: "complete", stuck: withoutDocument("taxInvoice", { stored: true }), lacks: ["taxInvoice document"] },
  { journey: "complete", stuck: untoldOfPayment, lacks: ["mail internal_paid", "taxInvoice document"] },
  { journey: "complete", stuck: withoutMail("payment_received"), lacks: ["mail payment_received"] },
  { journey: "complete", stuck: withoutMail("internal_paid"), lacks: ["mail internal_paid"] },
  { journey: "complete", stuck: withoutMail("order_status_update", 0), lacks: ["mail order_status_update (PROCESSING)"] },
  { journey: "complete", stuck: withoutMail("order_status_update", 1), lacks: ["mail order_status_update (COMPLETED)"] },
  { journey: "refund", stuck: withoutDocument("creditNote"), lacks: ["creditNote document"] },
  { journey: "refund", stuck: withoutDocument("creditNote", { stored: true }), lacks: ["creditNote document"] },
  { journey: "refund", stuck: withoutMail("order_status_update"), lacks: ["mail order_status_update (REFUNDED)"] },
  { journey: "refund", stuck: withoutMail("internal_refunded"), lacks: ["mail internal_refunded"] },
  { journey: "suspended", stuck: withoutMail("internal_cancelled"), lacks: ["mail internal_cancelled"] },
];

/** Accepted under a key, and its message vanished with its queue; `marks`: what was noted of its first request and its repeats. */
async function acceptedAndLost(email = "lost@example.com", marks: { unsent?: boolean; sentAgain?: boolean } = {}): Promise<AcceptedOrder> {
  const order = guestOrder({ customerEmail: email, dateCreated: new Date().toISOString() });
  await dynamodb.send(
    new PutItemCommand({
      TableName: stack.table,
      Item: {
        PK: { S: `IDEMPOTENCY#${sha256(`guest:${email}`)}#${sha256("key")}` },
        SK: { S: "RECORD" },
        entityType: { S: "Idempotency" },
        orderId: { S: order.id },
        message: { S: JSON.stringify(acceptedMessage(order, "c-lost")) },
        expiresAt: { N: String(Math.floor(Date.now() / 1000) + 86_400) },
        ...Object.fromEntries(Object.entries(marks).map(([name, BOOL]) => [name, { BOOL }])),
      },
    }),
  );
  return order;
}

const found = async (...options: string[]) => {
  const { code, data } = await opsJson(stack, "reconcile", "--grace", "0s", ...options);
  const missing = (data.missing as { orderId: string; lacks: string }[]).map(({ orderId, lacks }) => `${orderId} ${lacks}`);
  return { code, missing: missing.sort() };
};

it("finds an order stuck at any step, tells what it lacks, and heals it", async () => {
  const { run } = await client(stack);
  const orders = await Promise.all(
    steps.map(async ({ journey }, i) =>
      whole((await run(journey, `step-${i}`, i % 2 || journey === "suspended" ? undefined : "tenant-steps")).orderId),
    ),
  );
  await quiet(stack);
  const mailsBefore = (await mailsOf(stack)).length;
  for (const [i, { stuck }] of steps.entries()) await stuck(orders[i]!);
  const { id: lost } = await acceptedAndLost();

  const expected = [...steps.flatMap(({ lacks }, i) => lacks.map((lack) => `${orders[i]!.id} ${lack}`)), `${lost} record`].sort();
  expect(await found("--dry-run")).toEqual({ code: 3, missing: expected });
  expect(await found()).toEqual({ code: 0, missing: expected });

  for (const [i, { stuck }] of steps.entries()) {
    const healed = await whole(orders[i]!.id);
    expect(healed.status).toBe(stuck === overdue ? "EXPIRED" : orders[i]!.status);
    // A document that is made again is the same document.
    if (stuck !== overdue) expect(healed.documents).toEqual(orders[i]!.documents);
  }
  await whole(lost);
  await quiet(stack);
  expect(await found("--dry-run")).toEqual({ code: 0, missing: [] });
  // The mails that were missing, the lost order's two, and the news of the expiry.
  const missingMails = expected.filter((line) => line.includes(" mail ")).length;
  expect((await mailsOf(stack)).length - mailsBefore).toBe(missingMails + 2 + 1);
}, 180_000);

it("leaves an order among the dead letters to a redrive, which completes it", async () => {
  const order = guestOrder({ customerEmail: "dead@example.com", dateCreated: new Date().toISOString() });
  await sqs.send(
    new SendMessageCommand({ QueueUrl: stack.queueUrls.OrderCreationDLQ, MessageBody: JSON.stringify(acceptedMessage(order, "c-lost")) }),
  );
  expect((await ops(stack, "dlq", "peek", "OrderCreationQueue")).out).toContain("the customer has an answer and no order");
  expect(await opsJson(stack, "dlq", "redrive", "OrderCreationQueue")).toMatchObject({ code: 0, data: { moved: 1 } });
  expect((await whole(order.id)).status).toBe("PENDING");
  expect(await opsJson(stack, "dlq", "list")).toMatchObject({ code: 0, data: { total: 0 } });
}, 60_000);

const letter = (queue: string, body: unknown, attributes: Record<string, string>) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: stack.queueUrls[queue],
      MessageBody: JSON.stringify(body),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
      ),
    }),
  );
const purge = (queue: string) => ops(stack, "dlq", "purge", queue, "--yes");

it("makes no order of a create that was refused, and one of it once a repeat was accepted", async () => {
  const refused = await acceptedAndLost("refused@example.com", { unsent: true });
  const accepted = await acceptedAndLost("accepted@example.com", { unsent: true, sentAgain: true });
  expect(await found()).toEqual({ code: 0, missing: [`${accepted.id} record`] });
  await whole(accepted.id);
  const { code, out } = await ops(stack, "reconcile", "--grace", "0s");
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("1 create that the service refused") });
  await quiet(stack);
  expect((await ops(stack, "order", "show", refused.id)).code).toBe(1);
}, 60_000);

it("leaves alone what may still be under way", async () => {
  const { run } = await client(stack);
  const { orderId } = await run("plain", "under-way", undefined);
  const order = await whole(orderId);
  await withoutMail("internal_new")(order);
  expect(await ops(stack, "reconcile", "--dry-run")).toMatchObject({ code: 0, out: expect.stringContaining("nothing is missing") });
  expect((await found()).missing).toEqual([`${orderId} mail internal_new`]);
  await whole(orderId);
  expect((await ops(stack, "reconcile", "--since", "yesterday")).code).toBe(2);
}, 60_000);

it("leaves what was given up for good to its dead letter, and tells why", async () => {
  const lost = await acceptedAndLost("poison@example.com");
  await letter("OrderCreationDLQ", acceptedMessage(lost, "c-lost"), { errorReason: "transaction refused: ValidationError" });
  const { run } = await client(stack);
  const { orderId } = await run("complete", "poison-invoice", undefined);
  const order = await whole(orderId);
  await quiet(stack);
  await withoutDocument("taxInvoice", { stored: true })(order);
  const paid = statusChangedEvent(order as never, { from: "PENDING", to: "PAID", at: order.statusHistory[1]!.at }, 2);
  await letter("InvoiceDLQ", paid, { errorReason: "another taxInvoice is stored under this number" });

  for (let time = 0; time < 2; time++) {
    const { code, data } = await opsJson(stack, "reconcile", "--grace", "0s");
    expect(code).toBe(3);
    const rows = (data.missing as { lacks: string; outcome: string; healed: boolean }[]).map(
      ({ lacks, outcome }) => `${lacks}: ${outcome}`,
    );
    expect(rows.sort()).toEqual([
      "record: stays: OrderCreationDLQ holds its letter (transaction refused: ValidationError)",
      "taxInvoice document: stays: InvoiceDLQ holds its letter (another taxInvoice is stored under this number)",
    ]);
    await quiet(stack);
    expect((await opsJson(stack, "dlq", "list")).data.total).toBe(2);
  }
  for (const queue of ["OrderCreationDLQ", "InvoiceDLQ"]) await purge(queue);
  // Without its letter the same gap is healed.
  expect((await found()).code).toBe(0);
  await Promise.all([lost.id, orderId].map(whole));
}, 60_000);

it.each<[string, (order: Shown) => Promise<unknown>]>([
  ["order replay", ({ id }) => opsJson(stack, "order", "replay", id)],
  [
    "dlq redrive OrderChangesDLQ",
    async ({ id, tenantId }) => {
      const keys = { PK: { S: `TENANT#${tenantId}` }, SK: { S: `ORDER#${id}` } };
      await letter("OrderChangesDLQ", { eventID: "1", eventName: "INSERT", keys, sequenceNumber: "1" }, {});
      return opsJson(stack, "dlq", "redrive", "OrderChangesDLQ");
    },
  ],
])(
  "of a mail whose dead letter says that SES has it, %s only makes the note",
  async (name, again) => {
    const { run } = await client(stack);
    const order = await whole((await run("plain", name.replaceAll(" ", "-"), undefined)).orderId);
    await quiet(stack);
    await begunMail("order_confirmation")(order);
    await letter("CustomerNotificationDLQ", recordedEvent(order as never), { errorReason: "no note", sesMessageId: "ses-43" });
    const before = (await mailsOf(stack)).length;
    expect(await again(order)).toMatchObject({ code: 0 });
    const sent = expect.objectContaining({ kind: "order_confirmation", state: "SENT", sesMessageId: "ses-43" });
    expect((await opsJson(stack, "order", "show", order.id)).data).toMatchObject({ lacks: [], mails: expect.arrayContaining([sent]) });
    await quiet(stack);
    expect((await mailsOf(stack)).length).toBe(before);
    await purge("CustomerNotificationDLQ");
  },
  60_000,
);

it.each([
  ["gave it up at once", { errorReason: "SES took the mail as ses-42, and the table took no note of it" }],
  ["had it back and could not note it once more", {}],
])(
  "notes a mail whose consumer %s though SES has it, and sends it no second time",
  async (_, reason) => {
    const { run } = await client(stack);
    const { orderId } = await run("plain", `unnoted-${Object.keys(reason).length}`, undefined);
    const order = await whole(orderId);
    await quiet(stack);
    await begunMail("order_confirmation")(order);
    await letter("CustomerNotificationDLQ", recordedEvent(order as never), { ...reason, sesMessageId: "ses-42" });
    const before = (await mailsOf(stack)).length;
    expect(await found("--dry-run")).toEqual({ code: 3, missing: [`${orderId} mail order_confirmation, begun`] });
    expect(await found()).toEqual({ code: 0, missing: [`${orderId} mail order_confirmation, begun`] });
    await quiet(stack);
    expect((await mailsOf(stack)).length).toBe(before);
    const { data } = await opsJson(stack, "order", "show", orderId);
    expect(data).toMatchObject({ lacks: [], deadLetters: [{ queue: "CustomerNotificationDLQ" }] });
    expect(data.mails).toContainEqual(expect.objectContaining({ kind: "order_confirmation", state: "SENT", sesMessageId: "ses-42" }));
    await purge("CustomerNotificationDLQ");
  },
  60_000,
);

it("sends nothing while another command holds letters that may say that SES has the mail", async () => {
  const { run } = await client(stack);
  const { orderId } = await run("plain", "held", undefined);
  const order = await whole(orderId);
  await quiet(stack);
  await begunMail("order_confirmation")(order);
  await letter("CustomerNotificationDLQ", recordedEvent(order as never), { errorReason: "no note", sesMessageId: "ses-44" });
  const QueueUrl = stack.queueUrls.CustomerNotificationDLQ;
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 120 }));
  const before = (await mailsOf(stack)).length;
  const held = "another command holds 1 letter of CustomerNotificationDLQ, run this again in two minutes";
  const { code, data } = await opsJson(stack, "reconcile", "--grace", "0s");
  expect({ code, outcomes: (data.missing as { outcome: string }[]).map(({ outcome }) => outcome) }).toEqual({
    code: 3,
    outcomes: [`stays: ${held}`],
  });
  expect(await ops(stack, "order", "replay", orderId)).toMatchObject({ code: 1, err: expect.stringContaining(held) });
  expect(await ops(stack, "dlq", "peek", "CustomerNotificationDLQ")).toMatchObject({ code: 3, out: expect.stringContaining(held) });
  expect((await ops(stack, "order", "show", orderId)).out).toContain(held);
  const [{ ReceiptHandle } = {}] = Messages;
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  expect((await opsJson(stack, "dlq", "redrive", "CustomerNotificationDLQ")).data.letters).toEqual([
    expect.objectContaining({ moved: true, note: "noted: SES took the mail as ses-44" }),
  ]);
  const noted = expect.objectContaining({ kind: "order_confirmation", state: "SENT", sesMessageId: "ses-44" });
  expect((await opsJson(stack, "order", "show", orderId)).data).toMatchObject({
    lacks: [],
    deadLetters: [],
    mails: expect.arrayContaining([noted]),
  });
  expect((await mailsOf(stack)).length).toBe(before);
}, 60_000);
