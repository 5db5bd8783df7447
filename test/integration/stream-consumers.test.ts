import { newOrderId } from "@bbws/core/id.ts";
import { changeToEvents, queuesOf } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { type Orders, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { passesFilters } from "@bbws/local/pollers/event-filter.ts";
import type { DynamoDBRecord } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { streamReaders } from "../../infra/settings.ts";
import { awsError, type Functions, type StreamHandler, startFunctions } from "../support/functions.ts";
import { acceptedOrder } from "../support/order.ts";

/** The two readers of the table's stream, fed with what the emulator's own stream gives. */

const QUEUES = ["InvoiceQueue", "InternalNotificationQueue", "CustomerNotificationQueue"] as const;

let functions: Functions;
let router: StreamHandler;
let expirer: StreamHandler;
let orders: Orders;
const who = { by: "admin-1", correlationId: "c-2" };

beforeAll(async () => {
  functions = await startFunctions(["OrderChangeRouter", "OrderExpirer"]);
  ({ handler: router } = await import("@bbws/functions/consumers/order-change-router.ts"));
  ({ handler: expirer } = await import("@bbws/functions/consumers/order-expirer.ts"));
  orders = ordersOf(functions.table, () => new Date());
});
afterAll(() => functions.stop());
beforeEach(async () => {
  functions.healthy();
  for (const queue of [...QUEUES, "OrderChangesDLQ"]) await functions.purge(queue);
});

async function recorded(changes: Partial<Order> = {}): Promise<Order> {
  const order = acceptedOrder({ id: newOrderId(), dateCreated: new Date().toISOString(), ...changes });
  await orders.record([{ order, correlationId: "c-1" }]);
  return (await orders.get(order.tenantId, order.id))!;
}

/** The changes of one order that pass a reader's filter, in their order. */
async function changesOf(orderId: string, reader: keyof typeof streamReaders): Promise<DynamoDBRecord[]> {
  const about = (record: DynamoDBRecord) => JSON.stringify(record.dynamodb?.Keys).includes(orderId);
  return (await functions.table.changes()).filter((record) => about(record) && passesFilters(record, streamReaders[reader].filters));
}
const route = (records: DynamoDBRecord[]) => functions.read(records, router, "OrderChangeRouter");

async function letters() {
  const found = await Promise.all(QUEUES.map(async (queue) => (await functions.bodies(queue)).map((event) => [queue, event] as const)));
  return found.flat();
}

describe("the router", () => {
  it("wakes for orders only: not for counters, numbers, timers and mails", async () => {
    const order = await recorded();
    const all = (await functions.table.changes()).filter((record) => passesFilters(record, streamReaders.OrderChangeRouter.filters));
    expect(all.every((record) => record.dynamodb?.Keys?.PK?.S?.startsWith("TENANT#"))).toBe(true);
    expect(await changesOf(order.id, "OrderChangeRouter")).toHaveLength(1);
  });

  it("tells every change of an order's life to whom the table of events names, under the ids of the domain", async () => {
    const order = await recorded();
    const payment = { paymentReference: `PF-${order.id}`, method: "payfast", amount: order.total, currency: "ZAR" };
    const { order: paid } = await orders.confirmPayment(order.id, payment, who);
    await orders.setDocument(paid, "taxInvoice", { key: "k.pdf", sha256: "0".repeat(64), issuedAt: paid.dateLastUpdated });
    const documented = (await orders.get(paid.tenantId, paid.id))!;
    const refunded = await orders.update(documented, { to: "REFUNDED" }, who);

    const changes = await changesOf(order.id, "OrderChangeRouter");
    expect(await route(changes)).toEqual({ batchItemFailures: [] });

    const life: [Order | undefined, Order][] = [
      [undefined, order],
      [order, paid],
      [paid, documented],
      [documented, refunded],
    ];
    const expected = life
      .flatMap(([before, after]) => changeToEvents(before, after))
      .flatMap((event) => queuesOf(event).map((queue) => [queue, event]));
    expect(expected.length).toBe(3 + 2 + 1 + 2);
    const byId = (list: readonly (readonly unknown[])[]) => [...list].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    expect(byId(await letters())).toEqual(byId(JSON.parse(JSON.stringify(expected))));
  });

  it("told the same change twice sends the same event with the same id", async () => {
    const order = await recorded();
    const changes = await changesOf(order.id, "OrderChangeRouter");
    await route(changes);
    const first = await letters();
    await route(changes);
    const both = await letters();
    expect(both).toHaveLength(first.length * 2);
    expect(new Set(both.map(([queue, event]) => `${queue} ${JSON.stringify(event)}`)).size).toBe(first.length);
  });

  it("sends more events than SQS takes in one call", async () => {
    const many: Order[] = [];
    for (let n = 0; n < 12; n++) many.push(await recorded());
    const changes = (await Promise.all(many.map(({ id }) => changesOf(id, "OrderChangeRouter")))).flat();
    expect(await route(changes)).toEqual({ batchItemFailures: [] });
    expect(await letters()).toHaveLength(36);
  });

  it("reports the earliest change that could not be sent: it and what follows come again", async () => {
    const [first, second] = [await recorded(), await recorded()];
    const changes = [...(await changesOf(first.id, "OrderChangeRouter")), ...(await changesOf(second.id, "OrderChangeRouter"))];
    functions.onCall(({ action }) => {
      if (action === "SendMessageBatch") throw awsError("ServiceUnavailable");
    });
    expect(await route(changes)).toEqual({ batchItemFailures: [{ itemIdentifier: changes[0]!.dynamodb!.SequenceNumber }] });
    expect(await letters()).toEqual([]);
  });

  it("puts a change that is no order aside, with its keys and the reason, and goes on with the next", async () => {
    const id = newOrderId();
    await functions.table.put({ PK: "TENANT#tenant-a", SK: `ORDER#${id}`, id, tenantId: "tenant-a", status: "NONSENSE" });
    const good = await recorded();
    const changes = [...(await changesOf(id, "OrderChangeRouter")), ...(await changesOf(good.id, "OrderChangeRouter"))];
    expect(changes).toHaveLength(2);
    expect(await route(changes)).toEqual({ batchItemFailures: [] });
    const [letter, ...more] = await functions.messages("OrderChangesDLQ");
    expect(more).toEqual([]);
    expect(JSON.parse(letter!.body)).toMatchObject({
      keys: { PK: { S: "TENANT#tenant-a" }, SK: { S: `ORDER#${id}` } },
      eventName: "INSERT",
    });
    expect(letter!.attributes).toMatchObject({
      errorReason: expect.stringContaining("NewImage is not an order"),
      function: "bbws-order-local-OrderChangeRouter",
    });
    expect((await letters()).every(([, event]) => event.orderId === good.id)).toBe(true);
  });

  it("keeps such a change while it cannot be put aside", async () => {
    const id = newOrderId();
    await functions.table.put({ PK: "TENANT#tenant-a", SK: `ORDER#${id}`, id, tenantId: "tenant-a", status: "NONSENSE" });
    const changes = await changesOf(id, "OrderChangeRouter");
    functions.onCall(({ action }) => {
      if (action === "SendMessage") throw awsError("ServiceUnavailable");
    });
    expect(await route(changes)).toEqual({ batchItemFailures: [{ itemIdentifier: changes[0]!.dynamodb!.SequenceNumber }] });
  });

  it("has nothing to tell of a document that was noted before or of a removed item", async () => {
    const order = await recorded();
    const [insert] = await changesOf(order.id, "OrderChangeRouter");
    const image = insert!.dynamodb!.NewImage!;
    const same = { ...insert!, eventName: "MODIFY" as const, dynamodb: { ...insert!.dynamodb, OldImage: image, NewImage: image } };
    const removed = { ...insert!, eventName: "REMOVE" as const, dynamodb: { ...insert!.dynamodb, OldImage: image, NewImage: undefined } };
    expect(await route([same, removed])).toEqual({ batchItemFailures: [] });
    expect(await letters()).toEqual([]);
  });
});

describe("the expirer", () => {
  const expire = (records: DynamoDBRecord[]) => functions.read(records, expirer, "OrderExpirer");

  /** A removal as AWS's stream tells it, of this order's own timer. */
  function removalOf(order: Order, expiresAt: number): DynamoDBRecord {
    const keys = { PK: { S: `ORDER#${order.id}` }, SK: { S: "EXPIRY" } };
    return {
      eventID: `removal-${order.id}`,
      eventName: "REMOVE",
      dynamodb: {
        Keys: keys,
        OldImage: { ...keys, orderId: { S: order.id }, tenantId: { S: order.tenantId }, expiresAt: { N: String(expiresAt) } },
        SequenceNumber: order.id,
      },
    } as DynamoDBRecord;
  }
  const past = () => Math.floor(Date.now() / 1000) - 1;
  const statusOf = async (order: Order) => (await orders.get(order.tenantId, order.id))?.status;

  it("wakes for a timer's removal and for nothing else", async () => {
    const order = await recorded();
    expect(await changesOf(order.id, "OrderExpirer")).toEqual([]);
    expect(passesFilters(removalOf(order, past()), streamReaders.OrderExpirer.filters)).toBe(true);
  });

  it("lets an order that still waits for money expire, in the system's name", async () => {
    const [pending, waiting] = [await recorded(), await recorded()];
    await orders.update(waiting, { to: "PAYMENT_PENDING" }, who);
    expect(await expire([removalOf(pending, past()), removalOf(waiting, past())])).toEqual({ batchItemFailures: [] });
    expect(await orders.get(pending.tenantId, pending.id)).toMatchObject({ status: "EXPIRED", version: 2, lastUpdatedBy: "system" });
    expect(await statusOf(waiting)).toBe("EXPIRED");
  });

  it("told twice does it once", async () => {
    const order = await recorded();
    await expire([removalOf(order, past()), removalOf(order, past())]);
    expect(await orders.get(order.tenantId, order.id)).toMatchObject({ status: "EXPIRED", version: 2 });
  });

  it("leaves an order alone that was paid or cancelled meanwhile", async () => {
    const order = await recorded();
    await orders.update(order, { to: "CANCELLED" }, who);
    expect(await expire([removalOf(order, past())])).toEqual({ batchItemFailures: [] });
    expect(await statusOf(order)).toBe("CANCELLED");
  });

  it("does not believe a removal before the time is over", async () => {
    const order = await recorded();
    expect(await expire([removalOf(order, past() + 3600)])).toEqual({ batchItemFailures: [] });
    expect(await statusOf(order)).toBe("PENDING");
  });

  it("comes back to an order that is not there, and to one that changes under its hands", async () => {
    const ghost = { ...(await recorded()), id: "order_ghost" };
    const order = await recorded();
    const records = [removalOf(order, past()), removalOf(ghost, past())];
    expect(await expire(records)).toEqual({ batchItemFailures: [{ itemIdentifier: "order_ghost" }] });
    expect(await statusOf(order)).toBe("EXPIRED");

    const contested = await recorded();
    let interfered = false;
    functions.onCall(({ action }) => {
      if (!/^Update/.test(action) || interfered) return;
      interfered = true;
      throw awsError("ConditionalCheckFailedException", 400);
    });
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(await expire([removalOf(contested, past())])).toEqual({ batchItemFailures: [{ itemIdentifier: contested.id }] });
    const line = JSON.parse(String(warned.mock.calls.at(-1)?.[0]));
    warned.mockRestore();
    expect(line).toMatchObject({ outcome: "retry", orderId: contested.id, correlationId: "c-1" });
    expect(await expire([removalOf(contested, past())])).toEqual({ batchItemFailures: [] });
    expect(await statusOf(contested)).toBe("EXPIRED");
  });

  it("puts a removal that is no timer's aside", async () => {
    const keys = { PK: { S: "ORDER#x" }, SK: { S: "EXPIRY" } };
    const record = { eventID: "e", eventName: "REMOVE", dynamodb: { Keys: keys, OldImage: keys, SequenceNumber: "9" } } as DynamoDBRecord;
    expect(await expire([record])).toEqual({ batchItemFailures: [] });
    expect((await functions.messages("OrderChangesDLQ")).map(({ attributes }) => attributes.errorReason)).toEqual([
      "the removed item is not a timer",
    ]);
  });
});
