import { sha256 } from "@bbws/core/id.ts";
import { decideErasure } from "@bbws/core/order/erasure.ts";
import { changeToEvents, type OrderEvent, recordedEvent } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { orderErasures } from "@bbws/core/order/order-erasures.ts";
import { type Orders, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { awsError, type Functions, type QueueHandler, startFunctions } from "../support/functions.ts";
import { acceptedOrder } from "../support/order.ts";
import { pdfText } from "../support/pdf.ts";

/** The function that renders and stores documents. */

const NAME = "OrderPDFCreator";
const QUEUE = "InvoiceQueue";
const who = { by: "admin-1", correlationId: "c-2" };

let functions: Functions;
let handler: QueueHandler;
let orders: Orders;

beforeAll(async () => {
  functions = await startFunctions([NAME]);
  ({ handler } = await import("@bbws/functions/consumers/order-pdf-creator.ts"));
  orders = ordersOf(functions.table, () => new Date());
});
afterAll(() => functions.stop());
beforeEach(async () => {
  functions.healthy();
  await functions.purge(QUEUE);
  await functions.purge("InvoiceDLQ");
});

async function recorded(): Promise<Order> {
  const order = acceptedOrder({ dateCreated: new Date().toISOString() });
  await orders.record([{ order, correlationId: "c-1" }]);
  return (await orders.get(order.tenantId, order.id))!;
}
async function paid(): Promise<[Order, OrderEvent]> {
  const order = await recorded();
  const payment = { paymentReference: `PF-${order.id}`, method: "payfast", amount: order.total, currency: "ZAR" };
  const { order: next } = await orders.confirmPayment(order.id, payment, who);
  return [next, changeToEvents(order, next)[0]!];
}
async function deliver(event: OrderEvent) {
  await functions.send(QUEUE, event);
  return eventually(async () => {
    const batch = await functions.poll(QUEUE, handler, NAME);
    return batch.received > 0 ? batch.failed : undefined;
  });
}
const current = async (order: Order) => (await orders.get(order.tenantId, order.id))!;
const puts = () => functions.takeCalls().filter(({ action }) => action === "PutObject").length;

describe("a document", () => {
  it("of a recorded order is stored under its key with its hash, and noted on the order", async () => {
    const order = await recorded();
    expect(await deliver(recordedEvent(order))).toEqual([]);
    const key = `${order.tenantId}/orders/${order.id}.pdf`;
    const { bytes, ...object } = await functions.object("DocumentsBucket", key);
    expect(object).toMatchObject({
      ContentType: "application/pdf",
      ContentDisposition: `inline; filename="${order.orderNumber}.pdf"`,
      Metadata: { sha256: sha256(bytes) },
    });
    const after = await current(order);
    expect(after.documents.order).toEqual({ key, sha256: sha256(bytes), issuedAt: order.statusHistory[0]!.at });
    expect(after).toEqual({ ...order, documents: after.documents });
    const text = await pdfText(bytes);
    for (const said of [order.orderNumber, "R1,725.00", "Nkosi Bakery"]) expect(text).toContain(said);
  });

  it("of a payment is a tax invoice under its number, issued when it was paid", async () => {
    const [order, event] = await paid();
    expect(await deliver(event)).toEqual([]);
    const number = order.documents.taxInvoice!.number!;
    const { bytes } = await functions.object("DocumentsBucket", `${order.tenantId}/invoices/${number}.pdf`);
    const text = await pdfText(bytes);
    expect(text).toMatch(/Tax Invoice/i);
    expect(text).toContain(number);
    expect((await current(order)).documents.taxInvoice).toMatchObject({ number, sha256: sha256(bytes), issuedAt: order.dateLastUpdated });
  });

  it("of a refund is a credit note that names its tax invoice", async () => {
    const [order] = await paid();
    const refunded = await orders.update(order, { to: "REFUNDED" }, who);
    expect(await deliver(changeToEvents(order, refunded)[0]!)).toEqual([]);
    const number = refunded.documents.creditNote!.number!;
    const { bytes } = await functions.object("DocumentsBucket", `${order.tenantId}/credit-notes/${number}.pdf`);
    const text = await pdfText(bytes);
    expect(text).toMatch(/Credit Note/i);
    expect(text).toContain(number);
    expect(text).toContain(order.documents.taxInvoice!.number);
  });

  it("asked for again is neither rendered nor stored again", async () => {
    const order = await recorded();
    await deliver(recordedEvent(order));
    const before = await current(order);
    functions.takeCalls();
    expect(await deliver(recordedEvent(order))).toEqual([]);
    expect(puts()).toBe(0);
    expect(await current(order)).toEqual(before);
  });

  it("that was stored but not noted is rendered to the same bytes and noted, though the order has moved on", async () => {
    const order = await recorded();
    functions.onCall(({ service, action }) => {
      if (service === "dynamodb" && action.startsWith("Update")) throw awsError("InternalServerError", 500);
    });
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    functions.healthy();
    expect((await current(order)).documents).toEqual({});
    const key = `${order.tenantId}/orders/${order.id}.pdf`;
    const { bytes } = await functions.object("DocumentsBucket", key);
    await orders.update(order, { to: "CANCELLED", reason: "Ordered twice" }, who);
    expect(await deliver(recordedEvent(order))).toEqual([]);
    expect((await current(order)).documents.order?.sha256).toBe(sha256(bytes));
    expect((await functions.object("DocumentsBucket", key)).bytes).toEqual(bytes);
  });

  it("is never written over: another one under the number of a tax invoice is an error for a person", async () => {
    const [order, event] = await paid();
    const key = `${order.tenantId}/invoices/${order.documents.taxInvoice!.number}.pdf`;
    await functions.putObject("DocumentsBucket", key, "another", { sha256: sha256("another") });
    // The emulator takes a conditional write as a plain one; AWS answers 412.
    functions.onCall(({ action }) => {
      if (action === "PutObject") throw awsError("PreconditionFailed", 412);
    });
    expect(await deliver(event)).toEqual([]);
    expect((await current(order)).documents.taxInvoice).not.toHaveProperty("key");
    expect(Buffer.from((await functions.object("DocumentsBucket", key)).bytes).toString()).toBe("another");
    const [letter] = await functions.messages("InvoiceDLQ");
    expect(letter!.attributes.errorReason).toBe("another taxInvoice is stored under this number");
  });

  it("that another sender has stored meanwhile is the same, and noted", async () => {
    const order = await recorded();
    await deliver(recordedEvent(order));
    const stored = (await current(order)).documents.order!;
    // The order forgets its document, the bucket does not.
    const item = (await functions.table.item(`TENANT#${order.tenantId}`, `ORDER#${order.id}`))!;
    await functions.table.put({ ...item, documents: {} });
    functions.onCall(({ action }) => {
      if (action === "PutObject") throw awsError("PreconditionFailed", 412);
    });
    expect(await deliver(recordedEvent(order))).toEqual([]);
    expect((await current(order)).documents.order).toEqual(stored);
  });

  it("of a customer who is erased while it is drawn is not noted", async () => {
    const order = await recorded();
    const { promise: erased, resolve } = Promise.withResolvers<void>();
    functions.onCall(({ action }) => {
      if (action !== "PutObject") return;
      // The call itself goes on: the erasure is over before the note.
      return orderErasures(functions.table).erase(order, { extent: "whole" }).then(resolve);
    });
    functions.takeCalls();
    expect(await deliver(recordedEvent(order))).toEqual([]);
    await erased;
    expect((await current(order)).documents).toEqual({});
    expect(await functions.messages("InvoiceDLQ")).toEqual([]);
  });

  it("that the law keeps of an erased customer stays as it was stored", async () => {
    const [order, event] = await paid();
    functions.onCall(({ service, action }) => {
      if (service === "dynamodb" && action.startsWith("Update")) throw awsError("InternalServerError", 500);
    });
    expect(await deliver(event)).toHaveLength(1);
    const key = `${order.tenantId}/invoices/${order.documents.taxInvoice!.number}.pdf`;
    const { bytes } = await functions.object("DocumentsBucket", key);
    await orderErasures(functions.table).erase(order, decideErasure(order, new Date()));
    // The emulator takes a conditional write as a plain one; AWS answers 412.
    functions.onCall(({ action }) => {
      if (action === "PutObject") throw awsError("PreconditionFailed", 412);
    });
    expect(await deliver(event)).toEqual([]);
    expect((await current(order)).documents.taxInvoice).toMatchObject({ key, sha256: sha256(bytes) });
  });

  it("of an order that is not there yet is waited for", async () => {
    const order = { ...(await recorded()), id: "order_ghost" };
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    expect(await functions.messages("InvoiceDLQ")).toEqual([]);
  });

  it("that cannot exist (a tax invoice of an unpaid order) goes to a person at once", async () => {
    const order = await recorded();
    const event = { ...recordedEvent(order), type: "order.status_changed", data: { from: "PENDING", to: "PAID" } } as OrderEvent;
    expect(await deliver(event)).toEqual([]);
    expect(await functions.messages("InvoiceDLQ")).toHaveLength(1);
  });

  it("is not due on an event that asks for none", async () => {
    const order = await recorded();
    functions.takeCalls();
    expect(
      await deliver({ ...recordedEvent(order), type: "order.status_changed", data: { from: "PENDING", to: "EXPIRED" } } as OrderEvent),
    ).toEqual([]);
    expect(puts()).toBe(0);
  });

  it("waits for a bucket that does not answer", async () => {
    const order = await recorded();
    functions.onCall(({ service }) => {
      if (service === "s3") throw awsError("ServiceUnavailable");
    });
    expect(await deliver(recordedEvent(order))).toHaveLength(1);
    expect((await current(order)).documents).toEqual({});
  });
});
