import { sha256 } from "@bbws/core/id.ts";
import { acceptedMessage } from "@bbws/core/order/accept.ts";
import type { OrderAccepted } from "@bbws/core/order/events.ts";
import type { AcceptedOrder } from "@bbws/core/order/order.ts";
import { type Orders, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { tenantErasures } from "@bbws/core/tenant/tenant-erasures.ts";
import { type Tenants, tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { awsError, contextOf, type Functions, type QueueHandler, startFunctions } from "../support/functions.ts";
import { queueEvent } from "../support/lambda-events.ts";
import { acceptedOrder, guestOrder } from "../support/order.ts";

/** The function that records accepted orders: real messages, a real table. */

const NAME = "OrderCreatorRecord";
const QUEUE = "OrderCreationQueue";

let functions: Functions;
let handler: QueueHandler;
let orders: Orders;
let tenants: Tenants;

beforeAll(async () => {
  functions = await startFunctions([NAME]);
  ({ handler } = await import("@bbws/functions/consumers/order-creator-record.ts"));
  orders = ordersOf(functions.table, () => new Date());
  tenants = tenantsOf(functions.table, () => new Date());
});
afterAll(() => functions.stop());
beforeEach(async () => {
  functions.healthy();
  await functions.purge(QUEUE);
  await functions.purge("OrderCreationDLQ");
});

const now = () => new Date().toISOString();
const tenantOrder = (changes: Partial<AcceptedOrder> = {}) => acceptedOrder({ dateCreated: now(), ...changes });
const guests = (email: string) => guestOrder({ customerEmail: email, dateCreated: now() });

const accepted = (order: AcceptedOrder) => acceptedMessage(order, `c-${order.id}`);

async function deliver(...messages: OrderAccepted[]) {
  for (const message of messages) await functions.send(QUEUE, message);
  const failed: string[] = [];
  let received = 0;
  await eventually(async () => {
    const batch = await functions.poll(QUEUE, handler, NAME);
    received += batch.received;
    failed.push(...batch.failed);
    return received >= messages.length || undefined;
  });
  return failed;
}

/** Hands one batch over as it is, duplicates and all. */
const handBatch = (...messages: OrderAccepted[]) => handler(queueEvent(...messages), contextOf(NAME));

const stored = async (order: AcceptedOrder) => (await functions.table.items()).filter(({ SK }) => SK === `ORDER#${order.id}`);
const orderCount = async () => (await functions.table.items()).filter(({ SK }) => SK.startsWith("ORDER#")).length;
const counter = async () =>
  (await functions.table.item("COUNTER#order", String(new Date(Date.now() + 7_200_000).getUTCFullYear())))?.value ?? 0;

describe("an accepted order", () => {
  it("is recorded for its tenant, under the correlation id of its request", async () => {
    const order = tenantOrder();
    expect(await deliver(accepted(order))).toEqual([]);
    expect(await orders.get("tenant-a", order.id)).toMatchObject({
      ...order,
      status: "PENDING",
      version: 1,
      correlationId: `c-${order.id}`,
    });
    expect(await functions.depth(QUEUE)).toEqual({ visible: 0, hidden: 0 });
  });

  it("of a guest is recorded for the tenant of the e-mail, the same for each of its orders", async () => {
    const [first, second] = [guests("guest@example.co.za"), guests("guest@example.co.za")];
    expect(await handBatch(accepted(first), accepted(second))).toEqual({ batchItemFailures: [] });
    const third = guests("guest@example.co.za");
    await deliver(accepted(third));
    const found = (await Promise.all([first, second, third].map(stored))).flat();
    expect(found).toHaveLength(3);
    expect(new Set(found.map(({ tenantId }) => tenantId)).size).toBe(1);
    expect(found[0]).toMatchObject({
      tenantId: (await tenants.ofEmail("guest@example.co.za"))?.tenantId,
      source: "guest",
      createdBy: "guest",
    });
  });

  it("that arrives again, in the same batch or later, is recorded once and takes one number", async () => {
    const order = guests("again@example.co.za");
    const before = await counter();
    expect(await handBatch(accepted(order), accepted(order), accepted(order))).toEqual({ batchItemFailures: [] });
    expect(await deliver(accepted(order))).toEqual([]);
    expect(await stored(order)).toHaveLength(1);
    expect(await counter()).toBe(Number(before) + 1);
  });

  it("of an erased guest that arrives again makes nobody known and nothing recorded, beside one that is new", async () => {
    const [erased, erasedToo] = [guests("gone@example.co.za"), guests("gone@example.co.za")];
    await handBatch(accepted(erased), accepted(erasedToo));
    const { tenantId } = (await tenants.ofEmail("gone@example.co.za"))!;
    await tenantErasures(functions.table).forgetEmail(tenantId, "gone@example.co.za");
    const before = { orders: await orderCount(), counter: await counter() };
    expect(await handBatch(accepted(erased), accepted(erasedToo))).toEqual({ batchItemFailures: [] });
    expect({ orders: await orderCount(), counter: await counter() }).toEqual(before);
    expect(await tenants.ofEmail("gone@example.co.za")).toBeUndefined();

    const later = guests("gone@example.co.za");
    expect(await handBatch(accepted(erased), accepted(later))).toEqual({ batchItemFailures: [] });
    expect(await stored(erased)).toMatchObject([{ tenantId }]);
    const [recorded] = await stored(later);
    expect(recorded?.tenantId).toBe((await tenants.ofEmail("gone@example.co.za"))?.tenantId);
    expect(recorded?.tenantId).not.toBe(tenantId);
  });

  it("of a suspended guest is recorded CANCELLED, and of a suspended tenant's portal as usual", async () => {
    const { tenantId } = await tenants.resolveGuest("suspended@example.co.za");
    await tenants.setStatus(tenantId, "SUSPENDED");
    const order = guests("suspended@example.co.za");
    expect(await deliver(accepted(order))).toEqual([]);
    expect(await orders.get(tenantId, order.id)).toMatchObject({ status: "CANCELLED", cancellationReason: "The account is suspended" });
  });
});

describe("a batch", () => {
  it("of ten is numbered without a gap, in one transaction", async () => {
    const before = Number(await counter());
    const batch = Array.from({ length: 10 }, () => tenantOrder());
    functions.takeCalls();
    expect(await handBatch(...batch.map(accepted))).toEqual({ batchItemFailures: [] });
    const actions = functions.takeCalls().map(({ action }) => action);
    expect(actions.filter((action) => action.startsWith("TransactWrite"))).toHaveLength(1);
    expect(actions.length).toBeLessThanOrEqual(3);
    const numbers = await Promise.all(batch.map(async ({ id }) => (await orders.get("tenant-a", id))?.orderNumber.split("-")[2]));
    expect(numbers.map(Number)).toEqual(Array.from({ length: 10 }, (_, i) => before + i + 1));
  });

  it("in which one message is nonsense and one guest cannot be resolved records the others", async () => {
    const [good, bad] = [tenantOrder(), guests("unlucky@example.co.za")];
    functions.onCall(({ action, input }) => {
      if (action.startsWith("Get") && JSON.stringify(input).includes(sha256("unlucky@example.co.za")))
        throw awsError("ProvisionedThroughputExceededException", 400);
    });
    const response = await handler(queueEvent(accepted(good), accepted(bad), { type: "order.accepted" }), contextOf(NAME));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "m-1" }] });
    expect(await stored(good)).toHaveLength(1);
    expect(await stored(bad)).toEqual([]);
    expect(await functions.messages("OrderCreationDLQ")).toHaveLength(1);
  });

  it("whose table does not answer comes back whole, and nothing is half written", async () => {
    const before = { orders: await orderCount(), counter: await counter() };
    functions.onCall(({ action }) => {
      if (action.startsWith("TransactWrite")) throw awsError("InternalServerError", 500);
    });
    const batch = [tenantOrder(), tenantOrder()];
    expect(await handBatch(...batch.map(accepted))).toEqual({ batchItemFailures: [{ itemIdentifier: "m-0" }, { itemIdentifier: "m-1" }] });
    expect({ orders: await orderCount(), counter: await counter() }).toEqual(before);
    functions.healthy();
    expect(await handBatch(...batch.map(accepted))).toEqual({ batchItemFailures: [] });
    expect(await orderCount()).toBe(before.orders + 2);
    expect(await counter()).toBe(Number(before.counter) + 2);
  });

  it("with an order larger than an item may be dead-letters that one at once and records the others", async () => {
    const before = Number(await counter());
    const [good, impossible] = [tenantOrder(), tenantOrder({ notes: "x".repeat(450_000) })];
    const send = { ...accepted(impossible) };
    expect(await handBatch(accepted(good), send)).toEqual({ batchItemFailures: [] });
    expect(await stored(good)).toHaveLength(1);
    expect(await stored(impossible)).toEqual([]);
    expect(await counter()).toBe(before + 1);
    const letters = await functions.messages("OrderCreationDLQ");
    expect(letters).toHaveLength(1);
    expect(letters[0]!.attributes.errorReason).toMatch(/refused/);
  });
});
