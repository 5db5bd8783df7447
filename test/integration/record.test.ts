import { orderErasures } from "@bbws/core/order/order-erasures.ts";
import { orders as ordersOf, type Recordable, type RecordOutcome } from "@bbws/core/order/orders.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { acceptedOrder, NOW } from "../support/order.ts";
import { patiently } from "../support/patiently.ts";
import { openTable, type TestTable } from "../support/table.ts";

let table: TestTable;
let orders: ReturnType<typeof ordersOf>;
/** Every test numbers in a year of its own: the counters of one table never meet. */
let year = 2030;
let now = NOW;

beforeAll(async () => {
  table = await openTable();
  orders = ordersOf(table, () => now);
});

function inANewYear(): string {
  year += 1;
  now = new Date(`${year}-06-01T08:00:00.000Z`);
  return String(year);
}

const recordable = (changes: Parameters<typeof acceptedOrder>[0] = {}): Recordable => ({
  order: acceptedOrder({ dateCreated: now.toISOString(), ...changes }),
  correlationId: "c-1",
});
const many = (count: number) => Array.from({ length: count }, () => recordable());
const numbered = (count: number, of: string) => Array.from({ length: count }, (_, i) => `ORD-${of}-${String(i + 1).padStart(5, "0")}`);

async function numbersOf(year: string): Promise<string[]> {
  const found = (await table.items()).filter(
    ({ SK, orderNumber }) => SK.startsWith("ORDER#") && String(orderNumber).startsWith(`ORD-${year}`),
  );
  return found.map(({ orderNumber }) => String(orderNumber)).sort();
}

/** A batch whose counter stays contended comes back by the queue: so it does here. */
async function untilRecorded(record: () => Promise<RecordOutcome[]>): Promise<RecordOutcome[]> {
  return patiently(async () => {
    const outcomes = await record();
    for (const outcome of outcomes) if ("error" in outcome) throw outcome.error;
    return outcomes;
  });
}

describe("recording", () => {
  it("an order writes it, its number, its timer and the counter", async () => {
    const of = inANewYear();
    const { order } = recordable();
    expect(await orders.record([{ order, correlationId: "c-1" }])).toEqual([{ orderId: order.id, recorded: true }]);

    expect(await table.item(`TENANT#${order.tenantId}`, `ORDER#${order.id}`)).toEqual({
      PK: `TENANT#${order.tenantId}`,
      SK: `ORDER#${order.id}`,
      GSI1_PK: `TENANT#${order.tenantId}`,
      GSI1_SK: `${order.dateCreated}#${order.id}`,
      GSI2_PK: `ORDER#${order.id}`,
      GSI2_SK: "METADATA",
      entityType: "Order",
      entityVersion: "1",
      ...order,
      orderNumber: `ORD-${of}-00001`,
      status: "PENDING",
      statusHistory: [{ status: "PENDING", at: now.toISOString(), by: "system" }],
      documents: {},
      lastUpdatedBy: "system",
      dateLastUpdated: now.toISOString(),
      active: true,
      version: 1,
      correlationId: "c-1",
    });
    expect(await table.item(`NUMBER#ORD-${of}-00001`, "UNIQUE")).toMatchObject({ tenantId: order.tenantId, orderId: order.id });
    expect(await table.item("COUNTER#order", of)).toMatchObject({ value: 1 });
    expect(await table.item(`ORDER#${order.id}`, "EXPIRY")).toMatchObject({
      tenantId: order.tenantId,
      // Seven days after acceptance.
      expiresAt: Date.parse(order.dateCreated) / 1000 + 7 * 24 * 3600,
    });
  });

  it("a whole batch numbers it in its order", async () => {
    const of = inANewYear();
    const batch = many(10);
    expect(await orders.record(batch)).toEqual(batch.map(({ order }) => ({ orderId: order.id, recorded: true })));
    const stored = await Promise.all(batch.map(({ order }) => orders.get(order.tenantId, order.id)));
    expect(stored.map((order) => order?.orderNumber)).toEqual(numbered(10, of));
  });

  it("more than fits one transaction takes several, without a gap", async () => {
    const of = inANewYear();
    const batch = many(23);
    expect((await orders.record(batch)).every((outcome) => "recorded" in outcome && outcome.recorded)).toBe(true);
    expect(await numbersOf(of)).toEqual(numbered(23, of));
  });

  it("nothing does nothing", async () => {
    expect(await orders.record([])).toEqual([]);
  });

  it("an order again keeps its number, takes no new one and changes nothing", async () => {
    const of = inANewYear();
    const [first, second] = many(2) as [Recordable, Recordable];
    await orders.record([first]);
    const before = await table.items();
    expect(await orders.record([first])).toEqual([{ orderId: first.order.id, recorded: false }]);
    expect(await table.items()).toEqual(expect.arrayContaining(before));
    expect(await orders.record([first, second])).toEqual([
      { orderId: first.order.id, recorded: false },
      { orderId: second.order.id, recorded: true },
    ]);
    expect(await numbersOf(of)).toEqual(numbered(2, of));
    expect(await table.item("COUNTER#order", of)).toMatchObject({ value: 2 });
  });

  it("an order again for another tenant, whose e-mail it is now, records nothing and takes no number", async () => {
    const of = inANewYear();
    const [first, other] = many(2) as [Recordable, Recordable];
    await orders.record([first]);
    const moved = { ...first, order: { ...first.order, tenantId: "tenant-somebody-new" } };
    expect(await orders.record([moved, other])).toEqual([
      { orderId: first.order.id, recorded: false },
      { orderId: other.order.id, recorded: true },
    ]);
    expect(await orders.get("tenant-somebody-new", first.order.id)).toBeUndefined();
    expect(await numbersOf(of)).toEqual(numbered(2, of));
  });

  it("an order again finds the place that its erasure kept, though its timer ran out long ago", async () => {
    const of = inANewYear();
    const first = recordable();
    await orders.record([first]);
    const erased = await orders.get(first.order.tenantId, first.order.id);
    await table.remove(`ORDER#${first.order.id}`, "EXPIRY");
    await orderErasures(table).keepPlace(erased!, now);
    const moved = { ...first, order: { ...first.order, tenantId: "tenant-somebody-new" } };
    expect(await orders.record([moved])).toEqual([{ orderId: first.order.id, recorded: false }]);
    expect(await numbersOf(of)).toEqual(numbered(1, of));
  });

  it("an order whose timer alone is there, as after a failover, records it", async () => {
    const of = inANewYear();
    const [lost, moved] = many(2) as [Recordable, Recordable];
    await orders.record([lost, moved]);
    for (const { order } of [lost, moved]) await table.remove(`TENANT#${order.tenantId}`, `ORDER#${order.id}`);
    expect(await orders.isRecorded(lost.order.id)).toBe(false);
    const elsewhere = { ...moved, order: { ...moved.order, tenantId: "tenant-somebody-new" } };
    expect(await orders.record([lost, elsewhere])).toEqual([lost, moved].map(({ order }) => ({ orderId: order.id, recorded: true })));
    expect(await orders.isRecorded(moved.order.id)).toBe(true);
    expect(await numbersOf(of)).toEqual([`ORD-${of}-00003`, `ORD-${of}-00004`]);
  });

  it.each(["TimeoutError", "InternalServerError"])("a batch whose answer is lost (%s) counts as recorded by this call", async (name) => {
    const of = inANewYear();
    const batch = many(3);
    const error = Object.assign(new Error("lost"), { name, $metadata: { httpStatusCode: 500 } });
    const healed = table.loseAnswers("TransactWriteItemsCommand", { step: "initialize", phase: "after", error });
    expect(await orders.record(batch).finally(healed)).toEqual(batch.map(({ order }) => ({ orderId: order.id, recorded: true })));
    expect(await orders.record(batch)).toEqual(batch.map(({ order }) => ({ orderId: order.id, recorded: false })));
    expect(await numbersOf(of)).toEqual(numbered(3, of));
  });

  it("a batch that was not written is an error, though its answer is lost", async () => {
    const of = inANewYear();
    const error = Object.assign(new Error("lost"), { name: "InternalServerError", $metadata: { httpStatusCode: 500 } });
    const healed = table.loseAnswers("TransactWriteItemsCommand", { step: "initialize", phase: "before", error });
    expect(await orders.record(many(2)).finally(healed)).toEqual([
      expect.objectContaining({ error: expect.anything() }),
      expect.anything(),
    ]);
    expect(await numbersOf(of)).toEqual([]);
  });

  it("an order of a suspended account writes it CANCELLED, without a timer", async () => {
    inANewYear();
    const { order } = recordable();
    await orders.record([{ order, correlationId: "c-1", refusal: "The account is suspended" }]);
    expect(await orders.get(order.tenantId, order.id)).toMatchObject({
      status: "CANCELLED",
      cancellationReason: "The account is suspended",
    });
    expect(await orders.timer(order.id)).toBeUndefined();
  });

  it("keeps ids that differ only by case apart", async () => {
    inANewYear();
    const upper = recordable({ id: "order_CASE", tenantId: "Tenant" });
    const lower = recordable({ id: "order_case", tenantId: "tenant" });
    await orders.record([upper, lower]);
    expect((await orders.get("Tenant", "order_CASE"))?.id).toBe("order_CASE");
    expect((await orders.get("tenant", "order_case"))?.id).toBe("order_case");
    expect(await orders.get("tenant", "order_CASE")).toBeUndefined();
  });

  it("takes the year's first number in the South African new year", async () => {
    inANewYear();
    const before = recordable();
    await orders.record([before]);
    now = new Date(`${year}-12-31T22:00:00.000Z`);
    const after = recordable();
    await orders.record([after]);
    year += 1;
    expect((await orders.get(after.order.tenantId, after.order.id))?.orderNumber).toBe(`ORD-${year}-00001`);
  });
});

describe("five recorders at the same time", () => {
  it("leave no gap and no repeat, and each order has one number", async () => {
    const of = inANewYear();
    const batches = Array.from({ length: 20 }, () => many(10));
    const lanes = Array.from({ length: 5 }, (_, lane) => batches.filter((_, i) => i % 5 === lane));
    await Promise.all(
      lanes.map(async (lane) => {
        const mine = ordersOf(table, () => now);
        for (const batch of lane) await untilRecorded(() => mine.record(batch));
      }),
    );
    expect(await numbersOf(of)).toEqual(numbered(200, of));
    expect(await table.item("COUNTER#order", of)).toMatchObject({ value: 200 });
  });

  it("handed the very same batch record it once between them", async () => {
    const of = inANewYear();
    const batch = many(10);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => untilRecorded(() => ordersOf(table, () => now).record(batch))));
    expect(outcomes.flat().filter((outcome) => "recorded" in outcome && outcome.recorded)).toHaveLength(10);
    expect(await numbersOf(of)).toEqual(numbered(10, of));
  });
});

describe("an order that the table can never take", () => {
  /** Larger than the 400 KB an item may have. */
  const impossible = () => recordable({ notes: "x".repeat(450_000) });

  it("does not hold up the others of its batch, and takes no number", async () => {
    const of = inANewYear();
    const batch = [recordable(), impossible(), recordable()];
    const outcomes = await orders.record(batch);
    expect(outcomes.map((outcome) => ("error" in outcome ? "refused" : outcome.recorded))).toEqual([true, "refused", true]);
    expect(await numbersOf(of)).toEqual(numbered(2, of));
    expect(await table.item("COUNTER#order", of)).toMatchObject({ value: 2 });
  });

  it("alone is refused at once", async () => {
    inANewYear();
    const [outcome] = await orders.record([impossible()]);
    expect(outcome).toMatchObject({ error: { name: "RefusedTransaction" } });
  });
});

describe("finding an order", () => {
  it("works by id alone and by its number", async () => {
    const of = inANewYear();
    const { order } = recordable();
    await orders.record([{ order, correlationId: "c-1" }]);
    expect((await orders.find(order.id))?.orderNumber).toBe(`ORD-${of}-00001`);
    expect((await orders.findByNumber(`ORD-${of}-00001`))?.id).toBe(order.id);
  });

  it("gives nothing where there is nothing", async () => {
    expect(await orders.find("order_none")).toBeUndefined();
    expect(await orders.findByNumber("ORD-1999-00001")).toBeUndefined();
    expect(await orders.get("tenant-a", "order_none")).toBeUndefined();
  });
});
