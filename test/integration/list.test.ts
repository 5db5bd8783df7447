import { businessDay } from "@bbws/core/clock.ts";
import { newOrderId } from "@bbws/core/id.ts";
import type { OrderStatus } from "@bbws/core/order/order.ts";
import { type ListPosition, type ListQuery, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { NOW, orderIn } from "../support/order.ts";
import { openTable, type TestTable } from "../support/table.ts";

let table: TestTable;
let orders: ReturnType<typeof ordersOf>;

beforeAll(async () => {
  table = await openTable();
  orders = ordersOf(table, () => NOW);
});

const minute = (n: number) => new Date(NOW.getTime() + n * 60_000).toISOString();

/** Puts an order as it would lie there, at a time and in a status of the test's choosing. */
async function put(tenantId: string, dateCreated: string, status: OrderStatus = "PENDING", active = true): Promise<string> {
  const id = newOrderId();
  const order = orderIn(status, { id, tenantId, dateCreated, active });
  await table.put({
    PK: `TENANT#${tenantId}`,
    SK: `ORDER#${id}`,
    GSI1_PK: `TENANT#${tenantId}`,
    GSI1_SK: `${dateCreated}#${id}`,
    GSI2_PK: `ORDER#${id}`,
    GSI2_SK: "METADATA",
    entityType: "Order",
    entityVersion: "1",
    ...order,
  });
  return id;
}

async function walk(query: Omit<ListQuery, "after">, betweenPages: () => Promise<unknown> = async () => undefined): Promise<string[][]> {
  const pages: string[][] = [];
  let after: ListPosition | undefined;
  do {
    const page = await orders.list({ ...query, after });
    pages.push(page.orders.map(({ id }) => id));
    after = page.next;
    if (after) await betweenPages();
  } while (after);
  return pages;
}

describe("a tenant's list", () => {
  it("is newest first, in full pages, and says when it ends", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push(await put("walk", minute(n)));
    const pages = await walk({ tenantId: "walk", pageSize: 5 });
    expect(pages).toEqual([ids.slice(5).reverse(), ids.slice(0, 5).reverse()]);
    expect(await walk({ tenantId: "walk", pageSize: 4 })).toHaveLength(3);
    expect(await walk({ tenantId: "walk", pageSize: 100 })).toEqual([[...ids].reverse()]);
  });

  it("keeps orders of the same millisecond apart and in a fixed order", async () => {
    const ids = await Promise.all(Array.from({ length: 9 }, () => put("same", minute(0))));
    expect((await walk({ tenantId: "same", pageSize: 2 })).flat()).toEqual([...ids].sort().reverse());
  });

  it("holds no other tenant's orders, also where one name begins with the other", async () => {
    const mine = await put("acme", minute(0));
    await put("acme2", minute(1));
    await put("ACME", minute(2));
    expect(await walk({ tenantId: "acme", pageSize: 10 })).toEqual([[mine]]);
    expect(await walk({ tenantId: "nobody", pageSize: 10 })).toEqual([[]]);
  });

  it("shows removed orders only to those who ask for them", async () => {
    const kept = await put("removed", minute(0));
    const removed = await put("removed", minute(1), "CANCELLED", false);
    expect((await walk({ tenantId: "removed", pageSize: 10 })).flat()).toEqual([kept]);
    expect((await walk({ tenantId: "removed", pageSize: 10, includeInactive: true })).flat()).toEqual([removed, kept]);
  });

  it("takes both ends of a range of time in", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push(await put("range", minute(n)));
    const between = (from: string | undefined, to: string | undefined) => walk({ tenantId: "range", pageSize: 10, from, to });
    expect(await between(minute(1), minute(3))).toEqual([[ids[3], ids[2], ids[1]]]);
    expect(await between(minute(4), undefined)).toEqual([[ids[4]]]);
    expect(await between(undefined, minute(0))).toEqual([[ids[0]]]);
    expect(await between(minute(2), minute(2))).toEqual([[ids[2]]]);
  });

  it("of a South African day has its first and its last millisecond", async () => {
    const { start, end } = businessDay("2026-03-01");
    const first = await put("day", start);
    const last = await put("day", end);
    await put("day", "2026-03-01T22:00:00.000Z");
    expect(await walk({ tenantId: "day", pageSize: 10, from: start, to: end })).toEqual([[last, first]]);
  });
});

describe("walking the pages", () => {
  const statuses: OrderStatus[] = ["PENDING", "PAID", "CANCELLED"];

  it("under a filter fills each page and meets each order exactly once, while others arrive", async () => {
    const wanted: string[] = [];
    for (let n = 0; n < 60; n++) {
      const status = statuses[n % 3]!;
      const id = await put("filtered", minute(n), status);
      if (status === "PAID") wanted.unshift(id);
    }
    let arrivals = 0;
    const arrive = async () => {
      arrivals += 1;
      await put("filtered", minute(1000 + arrivals), "PAID");
    };
    const pages = await walk({ tenantId: "filtered", pageSize: 7, statuses: ["PAID"] }, arrive);
    expect(pages.flat()).toEqual(wanted);
    expect(pages.map((page) => page.length)).toEqual([7, 7, 6]);
    expect(arrivals).toBe(2);
  });

  it("under a filter of two statuses gives both and no third", async () => {
    for (let n = 0; n < 9; n++) await put("two", minute(n), statuses[n % 3]!);
    const found = await orders.list({ tenantId: "two", pageSize: 50, statuses: ["PAID", "CANCELLED"] });
    expect(new Set(found.orders.map(({ status }) => status))).toEqual(new Set(["PAID", "CANCELLED"]));
    expect(found.orders).toHaveLength(6);
  });

  it("under a filter that hides nearly everything goes on reading, within a bound", async () => {
    const rare = await put("rare", minute(-1), "PAID");
    for (let n = 0; n < 450; n += 25) await Promise.all(Array.from({ length: 25 }, (_, i) => put("rare", minute(n + i))));
    const page = await orders.list({ tenantId: "rare", pageSize: 1, statuses: ["PAID"] });
    expect(page.orders.map(({ id }) => id)).toEqual([rare]);
    expect(page.next).toBeUndefined();
    // Nothing matches: one short page, and it is the last.
    expect(await walk({ tenantId: "rare", pageSize: 3, statuses: ["REFUNDED"] })).toEqual([[]]);
  });
});
