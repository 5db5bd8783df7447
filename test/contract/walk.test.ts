import { randomUUID } from "node:crypto";
import { newOrderId } from "@bbws/core/id.ts";
import { describe, expect, test } from "vitest";
import { call, newTenant, openTable, service, tokenFor } from "../support/contract/service.ts";
import { acceptedOrder } from "../support/order.ts";

/** Walking a long list while it grows. */

const WANTED = 1_000;
const OTHERS = 100;
const ARRIVING = 100;

describe.runIf(service.local)("walking 1 000 orders in pages of 7 under a filter while 100 more arrive", () => {
  test("returns each of them exactly once, newest first", async () => {
    const tenantId = newTenant();
    const { orders, client } = openTable();
    const start = Date.now() - 3_600_000;
    // Refused ones become CANCELLED and wake neither PDF nor confirmation: a list needs items, not their mails.
    const recordable = (age: number, refusal?: string) => ({
      order: acceptedOrder({ id: newOrderId(), tenantId, dateCreated: new Date(start + age).toISOString() }),
      correlationId: randomUUID(),
      refusal,
    });
    const wanted = Array.from({ length: WANTED }, (_, i) => recordable(i * 10, "suspended"));
    const others = Array.from({ length: OTHERS }, (_, i) => recordable(i * 100 + 5));
    await orders.record([...wanted, ...others].sort((a, b) => (a.order.dateCreated < b.order.dateCreated ? -1 : 1)));

    const token = await tokenFor({ tenantId });
    const seen: { id: string; dateCreated: string; status: string }[] = [];
    let arrived = 0;
    let page = "";
    let pages = 0;
    for (;;) {
      const { body, status } = await call({ path: `/v1.0/orders?pageSize=7&status=CANCELLED${page}`, token });
      expect(status).toBe(200);
      seen.push(...body.data.items);
      pages++;
      if (body.data.moreAvailable) expect(body.data.count).toBe(7);
      // Newer than all, and in the middle of what was walked and what was not.
      if (arrived < ARRIVING) {
        const age = arrived % 2 ? 3_600_000 : arrived * 100 + 3;
        await orders.record([recordable(age, "suspended"), recordable(age + 1)]);
        arrived += 2;
      }
      if (!body.data.startAt) break;
      page = `&startAt=${encodeURIComponent(body.data.startAt)}`;
    }
    client.destroy();

    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size, "no order twice").toBe(ids.length);
    const found = new Set(ids);
    expect(wanted.filter(({ order }) => !found.has(order.id))).toEqual([]);
    expect(seen.every(({ status }) => status === "CANCELLED")).toBe(true);
    expect(seen.map(({ dateCreated }) => dateCreated)).toEqual(
      seen
        .map(({ dateCreated }) => dateCreated)
        .sort()
        .reverse(),
    );
    expect(pages).toBeLessThanOrEqual(Math.ceil((WANTED + ARRIVING) / 7) + 1);
  });
});
