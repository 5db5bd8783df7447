import { decideErasure, ERASED } from "@bbws/core/order/erasure.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { orderErasures } from "@bbws/core/order/order-erasures.ts";
import { orders as ordersOf } from "@bbws/core/order/orders.ts";
import type { Payment } from "@bbws/core/order/payment.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { acceptedOrder, NOW } from "../support/order.ts";
import { patiently } from "../support/patiently.ts";
import { openTable, type TestTable } from "../support/table.ts";

let table: TestTable;
let orders: ReturnType<typeof ordersOf>;
let year = 2040;
let now = NOW;
const who = { by: "system", correlationId: "c-pay" };

beforeAll(async () => {
  table = await openTable();
  orders = ordersOf(table, () => now);
});

/** Numbers start anew: what one test takes another does not see. */
function inANewYear(): string {
  year += 1;
  now = new Date(`${year}-06-01T08:00:00.000Z`);
  return String(year);
}

async function recorded(count = 1): Promise<Order[]> {
  const batch = Array.from({ length: count }, () => ({ order: acceptedOrder({ dateCreated: now.toISOString() }), correlationId: "c-1" }));
  const outcomes = await orders.record(batch);
  expect(outcomes.filter((outcome) => "error" in outcome)).toEqual([]);
  return Promise.all(batch.map(async ({ order }) => (await orders.get(order.tenantId, order.id))!));
}

let references = 0;
const payment = (changes: Partial<Payment> = {}): Payment => {
  references += 1;
  return { paymentReference: `PF-${references}`, method: "payfast", amount: 172_500, currency: "ZAR", ...changes };
};

const codeOf = (work: Promise<unknown>) => work.then(() => "accepted").catch((error: { code?: string }) => error.code ?? "failed");
/** One payment service's attempt, by a function instance of its own. */
const paying = (order: Order, its = payment()) => codeOf(patiently(() => ordersOf(table, () => now).confirmPayment(order.id, its, who)));
const counter = async (kind: string, of: string) => (await table.item(`COUNTER#${kind}`, of))?.value;

describe("a payment confirmation", () => {
  it("writes the order, the reference and the tax-invoice number together", async () => {
    const of = inANewYear();
    const [order] = await recorded();
    const paid = payment({ paidAt: "2040-01-01T00:00:00.000Z", payfastPaymentId: "9" });
    const result = await orders.confirmPayment(order!.id, paid, who);

    expect(result.repeated).toBe(false);
    const stored = await orders.get(order!.tenantId, order!.id);
    expect(stored).toEqual(result.order);
    expect(stored).toMatchObject({
      status: "PAID",
      version: 2,
      lastUpdatedBy: "system",
      correlationId: "c-pay",
      paymentDetails: {
        paymentReference: paid.paymentReference,
        method: "payfast",
        amount: 172_500,
        currency: "ZAR",
        paidAt: "2040-01-01T00:00:00.000Z",
      },
      documents: { taxInvoice: { number: `INV-${of}-00001`, issuedAt: now.toISOString() } },
      statusHistory: [{ status: "PENDING" }, { status: "PAID", at: now.toISOString(), by: "system" }],
    });
    expect(await table.item(`PAYMENT#${paid.paymentReference}`, "UNIQUE")).toMatchObject({ orderId: order!.id, amount: 172_500 });
    expect(await table.item(`NUMBER#INV-${of}-00001`, "UNIQUE")).toMatchObject({ orderId: order!.id, tenantId: order!.tenantId });
    expect((await orders.findByNumber(`INV-${of}-00001`))?.id).toBe(order!.id);
  });

  it("keeps everything else of the order as it was", async () => {
    inANewYear();
    const [order] = await recorded();
    await orders.confirmPayment(order!.id, payment(), who);
    const changed = [
      "status",
      "statusHistory",
      "version",
      "dateLastUpdated",
      "lastUpdatedBy",
      "correlationId",
      "paymentDetails",
      "documents",
    ];
    const kept = Object.fromEntries(Object.entries(order!).filter(([name]) => !changed.includes(name)));
    expect(await orders.get(order!.tenantId, order!.id)).toMatchObject(kept);
  });

  it("sent five times at once makes one PAID and one tax invoice", async () => {
    const of = inANewYear();
    const [order] = await recorded();
    const paid = payment();
    const results = await Promise.all(
      Array.from({ length: 5 }, () => patiently(() => ordersOf(table, () => now).confirmPayment(order!.id, paid, who))),
    );
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(results.map((result) => JSON.stringify(result.order.documents)))).toEqual(
      new Set([JSON.stringify({ taxInvoice: { number: `INV-${of}-00001`, issuedAt: now.toISOString() } })]),
    );
    expect(await counter("invoice", of)).toBe(1);
    expect(await orders.get(order!.tenantId, order!.id)).toMatchObject({ version: 2, statusHistory: [{}, { status: "PAID" }] });
  });

  it("of different references at once pays the order once and burns no number", async () => {
    const of = inANewYear();
    const [order] = await recorded();
    const answers = await Promise.all(Array.from({ length: 4 }, () => paying(order!)));
    expect([...answers].sort()).toEqual(["ORDER_ALREADY_PAID", "ORDER_ALREADY_PAID", "ORDER_ALREADY_PAID", "accepted"]);
    expect(await counter("invoice", of)).toBe(1);
  });

  it("of many orders at once numbers their invoices without a gap", async () => {
    const of = inANewYear();
    const paid = await recorded(20);
    await Promise.all(
      paid.map((order) => {
        const its = payment();
        return patiently(() => orders.confirmPayment(order.id, its, who));
      }),
    );
    const numbers = await Promise.all(
      paid.map(async (order) => (await orders.get(order.tenantId, order.id))?.documents.taxInvoice?.number),
    );
    expect([...numbers].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `INV-${of}-${String(i + 1).padStart(5, "0")}`));
    expect(await counter("invoice", of)).toBe(20);
  });

  it("with the reference of another order is refused, also when both come at once", async () => {
    const of = inANewYear();
    const [first, second] = await recorded(2);
    const same = payment();
    const answers = await Promise.all([first!, second!].map((order) => paying(order, same)));
    expect([...answers].sort()).toEqual(["PAYMENT_REFERENCE_USED", "accepted"]);
    expect(await counter("invoice", of)).toBe(1);
  });

  it("that meets a cancellation ends in one of the two, never in both", async () => {
    inANewYear();
    const met = await recorded(10);
    for (const order of met) {
      const [paid, cancelled] = await Promise.all([paying(order), codeOf(orders.update(order, { to: "CANCELLED" }, who))]);
      const stored = await orders.get(order.tenantId, order.id);
      expect([paid, cancelled, stored?.status]).toEqual(
        paid === "accepted" ? ["accepted", "VERSION_CONFLICT", "PAID"] : ["INVALID_STATUS_TRANSITION", "accepted", "CANCELLED"],
      );
      expect(Boolean(stored?.documents.taxInvoice)).toBe(stored?.status === "PAID");
    }
  });

  it("again after a refund answers what is stored and writes nothing", async () => {
    inANewYear();
    const [order] = await recorded();
    const paid = payment();
    const { order: stored } = await orders.confirmPayment(order!.id, paid, who);
    const refunded = await orders.update(stored, { to: "REFUNDED" }, who);
    const before = await table.items();
    const again = await orders.confirmPayment(order!.id, paid, who);
    expect(again).toEqual({ order: refunded, repeated: true });
    expect(await table.items()).toEqual(expect.arrayContaining(before));
  });

  it("for an order that is not there is 404: the caller sends it again", async () => {
    expect(await codeOf(orders.confirmPayment("order_none", payment(), who))).toBe("ORDER_NOT_FOUND");
  });

  it("that is refused leaves no trace", async () => {
    const of = inANewYear();
    const [order] = await recorded();
    const wrong = payment({ amount: 1 });
    expect(await codeOf(orders.confirmPayment(order!.id, wrong, who))).toBe("PAYMENT_AMOUNT_MISMATCH");
    expect(await table.item(`PAYMENT#${wrong.paymentReference}`, "UNIQUE")).toBeUndefined();
    expect(await counter("invoice", of)).toBeUndefined();
  });

  it("gives up after five seconds of a contended counter with a plea to try again", async () => {
    const of = inANewYear();
    const [order] = await recorded();
    // The number the counter gives next is taken: no attempt can ever succeed.
    await table.put({ PK: `NUMBER#INV-${of}-00001`, SK: "UNIQUE" });
    const startedAt = performance.now();
    expect(await codeOf(orders.confirmPayment(order!.id, payment(), who))).toBe("TRY_AGAIN");
    expect(performance.now() - startedAt).toBeGreaterThan(4900);
    expect(await orders.get(order!.tenantId, order!.id)).toMatchObject({ status: "PENDING", version: 1 });
  });
});

describe("a refund", () => {
  async function paidOrder(order?: Order): Promise<Order> {
    const unpaid = order ?? (await recorded())[0]!;
    const its = payment();
    return (await patiently(() => orders.confirmPayment(unpaid.id, its, who))).order;
  }

  it("takes a credit-note number in the same transaction", async () => {
    const of = inANewYear();
    const paid = await paidOrder();
    const refunded = await orders.update(paid, { to: "REFUNDED" }, { by: "admin-1", correlationId: "c-r" });
    expect(await orders.get(paid.tenantId, paid.id)).toEqual(refunded);
    expect(refunded).toMatchObject({
      status: "REFUNDED",
      version: 3,
      documents: { taxInvoice: paid.documents.taxInvoice, creditNote: { number: `CRN-${of}-00001`, issuedAt: now.toISOString() } },
    });
    expect(await table.item(`NUMBER#CRN-${of}-00001`, "UNIQUE")).toMatchObject({ orderId: paid.id });
  });

  it("asked for five times at once takes one number", async () => {
    const of = inANewYear();
    const paid = await paidOrder();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => codeOf(patiently(() => ordersOf(table, () => now).update(paid, { to: "REFUNDED" }, who)))),
    );
    expect(answers.filter((answer) => answer === "accepted")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "VERSION_CONFLICT")).toHaveLength(4);
    expect(await counter("creditNote", of)).toBe(1);
  });

  it("of many orders at once numbers their credit notes without a gap", async () => {
    const of = inANewYear();
    const paid = await Promise.all((await recorded(8)).map(paidOrder));
    const refunded = await Promise.all(
      paid.map((order) => patiently(() => ordersOf(table, () => now).update(order, { to: "REFUNDED" }, who))),
    );
    expect(refunded.map((order) => order.documents.creditNote?.number).sort()).toEqual(
      Array.from({ length: 8 }, (_, i) => `CRN-${of}-0000${i + 1}`),
    );
  });
});

describe("an update", () => {
  it("decided on a version that is not the current one is refused with the current one", async () => {
    inANewYear();
    const [order] = await recorded();
    await orders.update(order!, { to: "PAYMENT_PENDING" }, who);
    await expect(orders.update(order!, { to: "CANCELLED", reason: "late" }, who)).rejects.toMatchObject({
      code: "VERSION_CONFLICT",
      status: 409,
      details: { currentVersion: 2 },
    });
    expect(await orders.get(order!.tenantId, order!.id)).toMatchObject({ status: "PAYMENT_PENDING", version: 2 });
  });

  it("of an order that is not there makes none", async () => {
    inANewYear();
    const [order] = await recorded();
    expect(await codeOf(orders.update({ ...order!, id: "order_ghost" }, { to: "CANCELLED" }, who))).toBe("VERSION_CONFLICT");
    expect(await orders.get(order!.tenantId, "order_ghost")).toBeUndefined();
  });

  it("writes the transition, its reason and who made it, and keeps both indexes' keys", async () => {
    inANewYear();
    const [order] = await recorded();
    const before = await table.item(`TENANT#${order!.tenantId}`, `ORDER#${order!.id}`);
    await orders.update(order!, { to: "CANCELLED", active: false, reason: "Ordered twice" }, { by: "user-9", correlationId: "c-9" });
    const after = await table.item(`TENANT#${order!.tenantId}`, `ORDER#${order!.id}`);
    expect(after).toEqual({
      ...before,
      status: "CANCELLED",
      active: false,
      version: 2,
      cancellationReason: "Ordered twice",
      lastUpdatedBy: "user-9",
      correlationId: "c-9",
      dateLastUpdated: now.toISOString(),
      statusHistory: [
        { status: "PENDING", at: now.toISOString(), by: "system" },
        { status: "CANCELLED", at: now.toISOString(), by: "user-9", reason: "Ordered twice" },
      ],
    });
  });
});

describe("noting a document", () => {
  const issued = { key: "tenant-a/orders/x.pdf", sha256: "a".repeat(64), issuedAt: "2026-11-24T08:00:00.000Z" };

  it("touches its own entry and nothing else of the item", async () => {
    inANewYear();
    const [order] = await recorded();
    const before = await table.item(`TENANT#${order!.tenantId}`, `ORDER#${order!.id}`);
    expect(await orders.setDocument(order!, "order", issued)).toBe(true);
    expect(await table.item(`TENANT#${order!.tenantId}`, `ORDER#${order!.id}`)).toEqual({ ...before, documents: { order: issued } });
  });

  it("keeps a tax invoice's number and time of issue", async () => {
    const of = inANewYear();
    const [order] = await recorded();
    const { order: paid } = await orders.confirmPayment(order!.id, payment(), who);
    await orders.setDocument(paid, "taxInvoice", issued);
    expect((await orders.get(paid.tenantId, paid.id))?.documents.taxInvoice).toEqual({
      number: `INV-${of}-00001`,
      issuedAt: now.toISOString(),
      key: issued.key,
      sha256: issued.sha256,
    });
  });

  it("a second time changes nothing, whatever it says", async () => {
    inANewYear();
    const [order] = await recorded();
    await orders.setDocument(order!, "order", issued);
    expect(await orders.setDocument(order!, "order", { ...issued, sha256: "b".repeat(64) })).toBe(false);
    expect((await orders.get(order!.tenantId, order!.id))?.documents.order).toEqual(issued);
  });

  it("does not disturb a transition that happens meanwhile", async () => {
    inANewYear();
    const [order] = await recorded();
    const results = await Promise.all([
      orders.setDocument(order!, "order", issued),
      orders.confirmPayment(order!.id, payment(), who).then(({ order: paid }) => paid.status),
    ]);
    expect(results).toEqual([true, "PAID"]);
    expect(await orders.get(order!.tenantId, order!.id)).toMatchObject({
      status: "PAID",
      version: 2,
      documents: { order: issued, taxInvoice: {} },
    });
  });

  it("of an order that is not there writes nothing", async () => {
    inANewYear();
    const [order] = await recorded();
    await expect(orders.setDocument({ ...order!, id: "order_ghost" }, "order", issued)).resolves.toBe(false);
    expect(await orders.get(order!.tenantId, "order_ghost")).toBeUndefined();
  });
});

describe("an erasure that comes between reading an order and writing it", () => {
  const erase = (order: Order) => orderErasures(table).erase(order, decideErasure(order, now));
  const current = async ({ tenantId, id }: Order) => (await orders.get(tenantId, id))!;
  const issued = { key: "tenant-a/orders/x.pdf", sha256: "a".repeat(64), issuedAt: "2026-11-24T08:00:00.000Z" };
  const cancelled = async () => orders.update((await recorded())[0]!, { to: "CANCELLED", reason: "I am Thandi" }, who);
  const paid = async () => {
    const [order] = await recorded();
    return (await patiently(() => orders.confirmPayment(order!.id, payment(), who))).order;
  };

  it("is not undone by a change of an order that was read before it", async () => {
    inANewYear();
    const order = await cancelled();
    await erase(order);
    await expect(orders.update(order, { active: false }, who)).rejects.toMatchObject({ code: "VERSION_CONFLICT" });
    expect(JSON.stringify((await current(order)).statusHistory)).not.toContain("Thandi");
    // Read again, the order may be changed.
    expect(await orders.update(await current(order), { active: false }, who)).toMatchObject({ active: false, customerEmail: ERASED });
  });

  it("is not undone by a refund", async () => {
    inANewYear();
    const order = await paid();
    await erase(order);
    await expect(orders.update(order, { to: "REFUNDED" }, who)).rejects.toMatchObject({ code: "VERSION_CONFLICT" });
    expect((await orders.update(await current(order), { to: "REFUNDED" }, who)).documents.creditNote?.number).toMatch(/^CRN-/);
  });

  it("lets no document of the customer be noted any more, but those that the law keeps", async () => {
    inANewYear();
    const order = await paid();
    await erase(order);
    expect(await orders.setDocument(order, "order", issued)).toBe(false);
    expect(await orders.setDocument(order, "taxInvoice", issued)).toBe(true);
    const old = await paid();
    await orderErasures(table).erase(old, { extent: "whole" });
    expect(await orders.setDocument(old, "taxInvoice", issued)).toBe(false);
    expect((await current(old)).documents.taxInvoice).not.toHaveProperty("key");
  });
});

describe("a write whose answer was lost", () => {
  const hung = Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
  const broken = Object.assign(new Error("internal"), {
    name: "InternalServerError",
    $fault: "server",
    $metadata: { httpStatusCode: 500 },
  });
  const losing = async <T>(
    command: string,
    how: Parameters<TestTable["loseAnswers"]>[1],
    work: () => Promise<T>,
    meanwhile?: () => Promise<unknown>,
  ) => {
    const healed = table.loseAnswers(command, how, meanwhile);
    return work().finally(healed);
  };
  const once = { step: "initialize", phase: "after" } as const;
  const stored = ({ tenantId, id }: Order) => orders.get(tenantId, id);

  it.each([hung, broken])("is this call's payment, not a repeat of another's: $name", async (error) => {
    const of = inANewYear();
    const [order] = await recorded();
    const paid = payment();
    const result = await losing("TransactWriteItemsCommand", { ...once, error }, () => orders.confirmPayment(order!.id, paid, who));
    expect(result.repeated).toBe(false);
    expect(result.order).toEqual(await stored(order!));
    expect(await counter("invoice", of)).toBe(1);
    expect((await orders.confirmPayment(order!.id, paid, who)).repeated).toBe(true);
  });

  it.each([hung, broken])("is this call's refund, with the number it took: $name", async (error) => {
    const of = inANewYear();
    const [order] = await recorded();
    const { order: paid } = await orders.confirmPayment(order!.id, payment(), who);
    const refunded = await losing("TransactWriteItemsCommand", { ...once, error }, () => orders.update(paid, { to: "REFUNDED" }, who));
    expect(refunded).toEqual(await stored(order!));
    expect(refunded.documents.creditNote?.number).toBe(`CRN-${of}-00001`);
    expect(await counter("creditNote", of)).toBe(1);
  });

  it("is this call's change, whether the client or nobody tried again", async () => {
    inANewYear();
    const [first, second] = await recorded(2);
    const retried = { step: "finalizeRequest", phase: "after", error: hung } as const;
    const change = { to: "CANCELLED", reason: "Ordered twice" } as const;
    expect(await losing("UpdateItemCommand", retried, () => orders.update(first!, change, who))).toEqual(await stored(first!));
    expect(
      await losing("UpdateItemCommand", { ...once, error: broken }, () => orders.update(second!, { to: "PAYMENT_PENDING" }, who)),
    ).toEqual(await stored(second!));
    const cancelled = (await stored(first!))!;
    const hidden = await losing("UpdateItemCommand", retried, () => orders.update(cancelled, { active: false }, who));
    expect(hidden).toMatchObject({ active: false, version: 3 });
  });

  it("fails in time where nobody can look whether it was made", async () => {
    inANewYear();
    const [order] = await recorded();
    // A test's own client: what hangs here hangs for ever.
    const hanging = await openTable();
    hanging.client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === "UpdateItemCommand") throw Object.assign(new Error("internal"), { name: "InternalServerError" });
          return commandName === "GetItemCommand" ? new Promise<never>(() => undefined) : next(args);
        },
      { step: "initialize" },
    );
    const began = performance.now();
    await expect(ordersOf(hanging, () => now).update(order!, { to: "PAYMENT_PENDING" }, who)).rejects.toThrow("internal");
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it("is not claimed where another's change came first, nor where nothing was written", async () => {
    inANewYear();
    const [first, second] = await recorded(2);
    const before = { step: "finalizeRequest", phase: "before", error: hung } as const;
    const change = { to: "CANCELLED", reason: "Mine" } as const;
    const others = () =>
      ordersOf(table, () => now).update(first!, { to: "CANCELLED", reason: "Another's" }, { by: "user-2", correlationId: "c" });
    await expect(losing("UpdateItemCommand", before, () => orders.update(first!, change, who), others)).rejects.toMatchObject({
      code: "VERSION_CONFLICT",
      details: { currentVersion: 2 },
    });
    await expect(
      losing("UpdateItemCommand", { step: "initialize", phase: "before", error: broken }, () => orders.update(second!, change, who)),
    ).rejects.toThrow();
    expect((await stored(second!))?.status).toBe("PENDING");
  });
});
