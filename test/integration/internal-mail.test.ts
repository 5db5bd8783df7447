import { changeToEvents, type OrderEvent, recordedEvent } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { type Orders, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { awsError, type Functions, type QueueHandler, startFunctions } from "../support/functions.ts";
import { acceptedOrder } from "../support/order.ts";

/** The mails to support and sales, on a stage that may write to its own domains only. */

const NAME = "OrderInternalNotificationSender";
const QUEUE = "InternalNotificationQueue";
const who = { by: "admin-1", correlationId: "c-2" };

let functions: Functions;
let handler: QueueHandler;
let orders: Orders;

beforeAll(async () => {
  functions = await startFunctions([NAME], {
    MAIL_ALLOW_LIST: "kimmyai.io,simulator.amazonses.com",
    INTERNAL_RECIPIENTS: "support@kimmyai.io, sales@KIMMYAI.io",
  });
  ({ handler } = await import("@bbws/functions/consumers/internal-notification-sender.ts"));
  orders = ordersOf(functions.table, () => new Date());
});
afterAll(() => functions.stop());
beforeEach(async () => {
  functions.healthy();
  await functions.purge(QUEUE);
});

async function recorded(changes: Partial<Order> = {}, refusal?: string): Promise<Order> {
  const order = acceptedOrder({ dateCreated: new Date().toISOString(), ...changes });
  await orders.record([{ order, correlationId: "c-1", ...(refusal && { refusal }) }]);
  return (await orders.get(order.tenantId, order.id))!;
}
async function deliver(event: OrderEvent) {
  await functions.send(QUEUE, event);
  return eventually(async () => {
    const batch = await functions.poll(QUEUE, handler, NAME);
    return batch.received > 0 ? batch.failed : undefined;
  });
}
const mailsAbout = async (order: Order) => (await functions.mails()).filter(({ subject }) => subject.includes(order.orderNumber));

describe("the mail to support and sales", () => {
  it("tells of a new order, from the orders' address", async () => {
    const order = await recorded();
    expect(await deliver(recordedEvent(order))).toEqual([]);
    const [mail, ...more] = await mailsAbout(order);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      subject: `New Order Received: ${order.orderNumber}`,
      from: "orders@kimmyai.io",
      destination: { to: ["support@kimmyai.io", "sales@KIMMYAI.io"] },
      attachments: [],
    });
    expect(mail!.body.text).toContain(order.customerEmail);
  });

  it("tells of a payment, a refund and a cancellation in their own words", async () => {
    const order = await recorded();
    const payment = { paymentReference: `PF-${order.id}`, method: "payfast", amount: order.total, currency: "ZAR" };
    const { order: paid } = await orders.confirmPayment(order.id, payment, who);
    const refunded = await orders.update(paid, { to: "REFUNDED" }, who);
    await deliver(changeToEvents(order, paid)[0]!);
    await deliver(changeToEvents(paid, refunded)[0]!);
    const other = await recorded();
    const cancelled = await orders.update(other, { to: "CANCELLED" }, who);
    await deliver(changeToEvents(other, cancelled)[0]!);
    const subjects = [...(await mailsAbout(order)), ...(await mailsAbout(other))].map(({ subject }) => subject);
    expect(subjects).toHaveLength(3);
    expect(subjects[0]).toMatch(/paid/i);
    expect(subjects[1]).toMatch(/refunded/i);
    expect(subjects[2]).toMatch(/cancelled/i);
  });

  it("tells of a suspended customer's attempt", async () => {
    const order = await recorded({}, "The account is suspended");
    await deliver(recordedEvent(order));
    expect((await mailsAbout(order)).map(({ subject }) => subject)).toEqual([expect.stringMatching(/cancelled/i)]);
  });

  it("shows markup in a customer's text as text", async () => {
    const order = await recorded({ company: `<img src=x onerror="alert(1)">`, notes: "{{supplier.vatNumber}} <script>alert(2)</script>" });
    await deliver(recordedEvent(order));
    const [mail] = await mailsAbout(order);
    expect(mail!.body.html).not.toMatch(/<img src=x|<script>/);
    expect(mail!.body.html).toContain("&lt;img src");
  });

  it("goes to nobody outside the stage's domains, also when an operator asks for it", async () => {
    const order = await recorded();
    const request = {
      ...recordedEvent(order),
      type: "order.mail_requested",
      data: { kind: "internal_new", status: "PENDING", requestId: "r-1", to: "boss@example.com" },
    } as OrderEvent;
    expect(await deliver(request)).toEqual([]);
    expect(await mailsAbout(order)).toEqual([]);
    expect(await functions.table.item(`ORDER#${order.id}`, "MAIL#internal_new#1#r-1")).toMatchObject({
      state: "REFUSED",
      refusal: "NOT_ON_ALLOW_LIST",
    });
  });

  it("is tried again while SES does not answer, and its failing release does not hide why", async () => {
    const order = await recorded();
    functions.onCall(({ service, action }) => {
      if (service === "ses") throw awsError("ServiceUnavailable");
      if (service === "dynamodb" && action.startsWith("Update")) throw awsError("ProvisionedThroughputExceededException", 400);
    });
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    expect(await mailsAbout(order)).toEqual([]);
  });

  it("has nothing to say on other events", async () => {
    const order = await recorded();
    const waiting = await orders.update(order, { to: "PAYMENT_PENDING" }, who);
    expect(await deliver(changeToEvents(order, waiting)[0]!)).toEqual([]);
    expect(await mailsAbout(order)).toEqual([]);
  });
});
