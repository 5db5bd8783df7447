import { newOrderId } from "@bbws/core/id.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { describe, expect, test } from "vitest";
import { call, newTenant, openTable, service, tokenFor } from "../support/contract/service.ts";
import { order } from "../support/order.ts";

/** Walking a long list while it grows. */

/** `WALK_ORDERS=1000` is the long run: every order put here is also routed and mailed to staff by the same two cores. */
const WANTED = Number(process.env.WALK_ORDERS ?? 200);
const OTHERS = WANTED / 10;
const ARRIVING = WANTED / 10;
/** Far beyond what it takes: two cores may have other work. */
const LIMIT_MS = 240_000;

describe.runIf(service.local)("walking a long list in pages of 7 under a filter while more orders arrive", () => {
  test(
    "returns each of them exactly once, newest first",
    async () => {
      const tenantId = newTenant();
      const { put, client } = openTable();
      const start = Date.now() - 3_600_000;
      // CANCELLED ones wake neither PDF nor confirmation: a list needs items, not their mails.
      const orderOf = (age: number, status: Order["status"]) => {
        const dateCreated = new Date(start + age).toISOString();
        return order({ id: newOrderId(), tenantId, status, dateCreated, dateLastUpdated: dateCreated });
      };
      const wanted = Array.from({ length: WANTED }, (_, i) => orderOf(i * 10, "CANCELLED"));
      const others = Array.from({ length: OTHERS }, (_, i) => orderOf(i * 100 + 5, "EXPIRED"));
      await put([...wanted, ...others]);

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
          await put([orderOf(age, "CANCELLED"), orderOf(age + 1, "EXPIRED")]);
          arrived += 2;
        }
        if (!body.data.startAt) break;
        page = `&startAt=${encodeURIComponent(body.data.startAt)}`;
      }
      client.destroy();

      const ids = seen.map(({ id }) => id);
      expect(new Set(ids).size, "no order twice").toBe(ids.length);
      const found = new Set(ids);
      expect(wanted.filter(({ id }) => !found.has(id))).toEqual([]);
      expect(seen.every(({ status }) => status === "CANCELLED")).toBe(true);
      expect(seen.map(({ dateCreated }) => dateCreated)).toEqual(
        seen
          .map(({ dateCreated }) => dateCreated)
          .sort()
          .reverse(),
      );
      expect(pages).toBeLessThanOrEqual(Math.ceil((WANTED + ARRIVING) / 7) + 1);
    },
    LIMIT_MS,
  );
});
