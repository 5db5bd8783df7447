import { sha256 } from "@bbws/core/id.ts";
import type { MailKind } from "@bbws/core/mail/kinds.ts";
import { mailLedger } from "@bbws/core/mail/ledger.ts";
import { templateSetKey } from "@bbws/core/mail/template-store.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { changeToEvents, type OrderEvent, recordedEvent } from "@bbws/core/order/events.ts";
import type { Order, OrderStatus } from "@bbws/core/order/order.ts";
import { type Orders, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { verifyLink } from "@bbws/core/signed-link.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { awsError, type Functions, type QueueHandler, signingKey, startFunctions } from "../support/functions.ts";
import { acceptedOrder } from "../support/order.ts";

/** The customer's mails: real messages in, real mails out. */

const NAME = "CustomerOrderConfirmationSender";
const QUEUE = "CustomerNotificationQueue";
/** A short lease, so that what is tried as long as it holds ends soon, in seconds. */
const LEASE_SECONDS = 5;
const PDF = new TextEncoder().encode("%PDF-1.7 of a test\n");

let functions: Functions;
let handler: QueueHandler;
let orders: Orders;
let customers = 0;

beforeAll(async () => {
  functions = await startFunctions([NAME], { TEMPLATE_CACHE_SECONDS: "0", MAIL_LEASE_SECONDS: String(LEASE_SECONDS) });
  ({ handler } = await import("@bbws/functions/consumers/customer-confirmation-sender.ts"));
  orders = ordersOf(functions.table, () => new Date());
});
afterAll(() => functions.stop());
beforeEach(async () => {
  functions.healthy();
  await functions.purge(QUEUE);
});

/** A recorded order of a customer of its own, so that its mails can be told apart. */
async function recorded(): Promise<Order> {
  customers += 1;
  const order = acceptedOrder({ customerEmail: `customer-${customers}@example.co.za`, dateCreated: new Date().toISOString() });
  await orders.record([{ order, correlationId: "c-1" }]);
  return (await orders.get(order.tenantId, order.id))!;
}
async function moved(order: Order, to: OrderStatus): Promise<[Order, OrderEvent]> {
  const next = await orders.update(
    order,
    { to, reason: to === "CANCELLED" ? "Ordered twice" : undefined },
    { by: "admin-1", correlationId: "c-2" },
  );
  return [next, changeToEvents(order, next)[0]!];
}
async function paid(order: Order): Promise<Order> {
  const payment = { paymentReference: `PF-${order.id}`, method: "payfast", amount: order.total, currency: "ZAR" };
  return (await orders.confirmPayment(order.id, payment, { by: "system", correlationId: "c-3" })).order;
}
async function withDocument(order: Order, type: "taxInvoice" | "creditNote"): Promise<[Order, OrderEvent]> {
  const key = `${order.tenantId}/${order.documents[type]!.number}.pdf`;
  await functions.putObject("DocumentsBucket", key, PDF);
  await orders.setDocument(order, type, { key, sha256: sha256(PDF), issuedAt: order.dateLastUpdated });
  const next = (await orders.get(order.tenantId, order.id))!;
  return [next, changeToEvents(order, next)[0]!];
}

const mailsTo = async (order: Order) => (await functions.mails()).filter(({ destination }) => destination.to.includes(order.customerEmail));
const ledgerOf = (order: Order, kind: MailKind, version: number | string) =>
  functions.table.item(`ORDER#${order.id}`, `MAIL#${kind}#${version}`);

/** Sends an event and lets the function see it until it was handed over once. */
async function deliver(...events: OrderEvent[]) {
  for (const event of events) await functions.send(QUEUE, event);
  const failed: string[] = [];
  let received = 0;
  await eventually(async () => {
    const batch = await functions.poll(QUEUE, handler, NAME);
    received += batch.received;
    failed.push(...batch.failed);
    return received >= events.length || undefined;
  });
  return failed;
}

describe("the customer's mail", () => {
  it("confirms a recorded order, with a link to its document that this service accepts", async () => {
    const order = await recorded();
    expect(await deliver(recordedEvent(order))).toEqual([]);
    const [mail, ...more] = await mailsTo(order);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      subject: `Order Confirmation - #${order.orderNumber}`,
      from: "test@kimmyai.io",
      replyTo: ["support@kimmyai.io"],
      destination: { to: [order.customerEmail], cc: [], bcc: [] },
      attachments: [],
    });
    for (const body of [mail!.body.html!, mail!.body.text!]) {
      expect(body).toContain(order.orderNumber);
      expect(body).toContain("R1,725.00");
      expect(body).not.toMatch(/\{\{|undefined|NaN/);
    }
    const link = new URL(/https:\/\/orders-api\.test\/v1\.0\/links\/orders\/[^\s"<>)\]]+/.exec(mail!.body.text!)![0]);
    expect(link.pathname).toBe(`/v1.0/links/orders/${order.id}/invoice`);
    expect(() => verifyLink({ current: signingKey }, "invoice", order.id, Object.fromEntries(link.searchParams), new Date())).not.toThrow();
    expect(await ledgerOf(order, "order_confirmation", 1)).toMatchObject({ state: "SENT", sesMessageId: expect.stringMatching(/.+/) });
  });

  it("goes out once, however often its event arrives", async () => {
    const order = await recorded();
    const event = recordedEvent(order);
    await deliver(event, event, event);
    await deliver(event);
    expect(await mailsTo(order)).toHaveLength(1);
    // Whoever met a claim instead of a sent mail waits for its end; whoever met a sent mail is done.
    expect((await functions.depth(QUEUE)).visible).toBe(0);
  });

  it("tells of a cancellation with its reason", async () => {
    const order = await recorded();
    const [, event] = await moved(order, "CANCELLED");
    await deliver(event);
    const [mail] = await mailsTo(order);
    expect(mail!.subject).toBe(`Order #${order.orderNumber} Cancelled`);
    expect(mail!.body.text).toContain("Ordered twice");
  });

  it("tells of a payment once its tax invoice is there, with the very PDF attached", async () => {
    const order = await paid(await recorded());
    const [, event] = await withDocument(order, "taxInvoice");
    await deliver(event);
    const [mail] = await mailsTo(order);
    const number = order.documents.taxInvoice!.number;
    expect(mail!.subject).toBe(`Payment Received - Tax Invoice ${number}`);
    expect(mail!.attachments).toMatchObject([{ filename: `${number}.pdf`, contentType: "application/pdf" }]);
    expect(Buffer.from(mail!.attachments[0]!.content, "base64").equals(PDF)).toBe(true);
  });

  it("speaks of the status its event tells of, though the order has moved on since", async () => {
    const order = await paid(await recorded());
    const [processing, first] = await moved(order, "PROCESSING");
    const [, second] = await moved(processing, "COMPLETED");
    await deliver(second, first);
    expect((await mailsTo(order)).map(({ subject }) => subject).sort()).toEqual(
      ["COMPLETED", "PROCESSING"].map((status) =>
        expect.stringMatching(new RegExp(`Order #${order.orderNumber} - Status Update: ${status}`, "i")),
      ),
    );
  });

  it("tells of a refund with the credit note attached", async () => {
    const order = await paid(await recorded());
    const [refunded] = await moved(order, "REFUNDED");
    const [, event] = await withDocument(refunded, "creditNote");
    await deliver(event);
    const [mail] = await mailsTo(order);
    expect(mail!.attachments.map(({ filename }) => filename)).toEqual([`${refunded.documents.creditNote!.number}.pdf`]);
  });

  it("is not sent on an event that has none", async () => {
    const order = await paid(await recorded());
    await deliver({ ...recordedEvent(order), type: "order.document_ready", data: { documentType: "order" } } as OrderEvent);
    expect(await mailsTo(order)).toEqual([]);
  });

  it("that an operator asks for goes out again, once per request, to whom the operator says", async () => {
    const order = await recorded();
    await deliver(recordedEvent(order));
    const again = (requestId: string, to?: string) =>
      ({
        ...recordedEvent(order),
        eventId: `${order.id}:1:${requestId}`,
        type: "order.mail_requested",
        data: { kind: "order_confirmation", status: "PENDING", requestId, ...(to && { to }) },
      }) as OrderEvent;
    await deliver(again("r-1"), again("r-1"), again("r-2", `books-${customers}@example.co.za`));
    expect(await mailsTo(order)).toHaveLength(2);
    expect((await functions.mails()).filter(({ destination }) => destination.to.includes(`books-${customers}@example.co.za`))).toHaveLength(
      1,
    );
  });
});

describe("when something is wrong,", () => {
  it("an order that is not there yet is tried again, never taken as done", async () => {
    const order = { ...(await recorded()), id: "order_ghost" };
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    expect(await functions.bodies("CustomerNotificationDLQ")).not.toContainEqual(expect.objectContaining({ orderId: "order_ghost" }));
  });

  it("a failed send releases the mail, and the next attempt sends it", async () => {
    const order = await recorded();
    functions.onCall(({ service }) => {
      if (service === "ses") throw awsError("TooManyRequestsException", 429);
    });
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    expect(await mailsTo(order)).toEqual([]);
    expect(await ledgerOf(order, "order_confirmation", 1)).toMatchObject({ state: "CLAIMED", leaseUntil: 0 });
    functions.healthy();
    await deliver();
    await eventually(async () => (await functions.poll(QUEUE, handler, NAME)).received > 0 || undefined);
    expect(await mailsTo(order)).toHaveLength(1);
  });

  it("a missing document is waited for, and the mail is not sent without it", async () => {
    const order = await paid(await recorded());
    const event = { ...recordedEvent(order), type: "order.document_ready", data: { documentType: "taxInvoice" } } as OrderEvent;
    expect(await deliver(event)).toHaveLength(1);
    expect(await mailsTo(order)).toEqual([]);
  });

  it("a missing configuration set is the stage's fault: the mail waits, and goes out once the set is there", async () => {
    const order = await recorded();
    functions.onCall(({ service }) => {
      if (service === "ses") throw awsError("NotFoundException", 404);
    });
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    functions.healthy();
    expect(await deliver(recordedEvent(order))).toEqual([]);
    expect(await mailsTo(order)).toHaveLength(1);
  });

  it.each(["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"])(
    "a mail that SES refuses for good (%s) is noted and never sent to anybody",
    async (refusal) => {
      const order = await recorded();
      functions.onCall(({ service }) => {
        if (service === "ses") throw awsError(refusal, 400);
      });
      const before = (await functions.mails()).length;
      expect(await deliver(recordedEvent(order))).toEqual([]);
      functions.healthy();
      await deliver(recordedEvent(order));
      expect(await ledgerOf(order, "order_confirmation", 1)).toMatchObject({ state: "REFUSED", refusal });
      expect(await functions.mails()).toHaveLength(before);
    },
  );

  it("a mail that is out is not sent again because noting it fails", async () => {
    const order = await recorded();
    let failures = 2;
    functions.onCall(({ action, input }) => {
      if (action !== "Update" && action !== "UpdateItem") return;
      if (!JSON.stringify(input).includes("SENT") || failures === 0) return;
      failures -= 1;
      throw awsError("ProvisionedThroughputExceededException", 400);
    });
    expect(await deliver(recordedEvent(order))).toEqual([]);
    expect(failures).toBe(0);
    expect(await ledgerOf(order, "order_confirmation", 1)).toMatchObject({ state: "SENT" });
    expect(await mailsTo(order)).toHaveLength(1);
  });

  it("a mail that is out and cannot be noted while its claim holds is a letter that knows its id, and a redrive notes it", async () => {
    const order = await recorded();
    const event = recordedEvent(order);
    functions.onCall(({ input }) => {
      if (JSON.stringify(input).includes("SENT")) throw awsError("ProvisionedThroughputExceededException", 400);
    });
    const started = Date.now();
    expect(await deliver(event)).toEqual([]);
    expect(Date.now() - started).toBeLessThan(LEASE_SECONDS * 1000);
    functions.healthy();
    expect(await ledgerOf(order, "order_confirmation", 1)).toMatchObject({ state: "CLAIMED" });
    const letter = (await functions.messages("CustomerNotificationDLQ")).find(({ body }) => body.includes(order.id));
    const { errorReason, sesMessageId } = letter!.attributes;
    expect(errorReason).toBe(`SES took the mail as ${sesMessageId}, and the table took no note of it`);

    await functions.send(QUEUE, event, { sesMessageId: sesMessageId! });
    await eventually(async () => (await functions.poll(QUEUE, handler, NAME)).received > 0 || undefined);
    expect(await ledgerOf(order, "order_confirmation", 1)).toMatchObject({ state: "SENT", sesMessageId });
    expect(await mailsTo(order)).toHaveLength(1);
  });

  it("another sender's live claim is waited out", async () => {
    const order = await recorded();
    const ledger = mailLedger(functions.table, () => new Date());
    await ledger.claim({ orderId: order.id, kind: "order_confirmation", orderVersion: "1" }, 20_000);
    functions.takeCalls();
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    const [pause] = functions.takeCalls().filter(({ action }) => action === "ChangeMessageVisibility");
    const seconds = (pause!.input as { VisibilityTimeout: number }).VisibilityTimeout;
    expect(seconds).toBeGreaterThan(15);
    expect(seconds).toBeLessThanOrEqual(20);
    expect(await mailsTo(order)).toEqual([]);
  });
});

describe("the template of a mail", () => {
  const published = (version: string) => ({
    version,
    templates: {
      ...bundledTemplates.templates,
      "customer/order_confirmation": { subject: "Published {{orderNumber}}", html: "<p>{{orderNumber}}</p>", text: "{{orderNumber}}" },
    },
  });

  it("is the published one, and the last known one while the bucket cannot be read", async () => {
    await functions.putObject("TemplatesBucket", templateSetKey("v1"), JSON.stringify(published("v1")));
    await functions.putObject("TemplatesBucket", "manifest.json", JSON.stringify({ version: "v1", publishedAt: new Date().toISOString() }));
    const first = await recorded();
    await deliver(recordedEvent(first));
    expect((await mailsTo(first))[0]?.subject).toBe(`Published ${first.orderNumber}`);

    functions.onCall(({ service }) => {
      if (service === "s3") throw awsError("ServiceUnavailable");
    });
    const second = await recorded();
    expect(await deliver(recordedEvent(second))).toEqual([]);
    expect((await mailsTo(second))[0]?.subject).toBe(`Published ${second.orderNumber}`);
  });
});
