import { sha256 } from "@bbws/core/id.ts";
import { IDEMPOTENCY_SECONDS, idempotency } from "@bbws/core/order/idempotency.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { openTable, type TestTable } from "../support/table.ts";

/** Far enough ahead that the emulator's time-to-live sweep never takes an item away under a test. */
const START = new Date("2037-01-01T08:00:00.000Z");
let now = START;
let table: TestTable;
let keys: ReturnType<typeof idempotency>;

beforeAll(async () => {
  table = await openTable();
  keys = idempotency(table, () => now);
});

const request = (key: string, body: unknown = { a: 1 }, scope = "tenant:t1") => ({ scope, key, body });
const answer = (n: number) => ({
  orderId: `order_${n}`,
  response: { orderId: `order_${n}`, total: 1379.99, nested: { list: [1, null] } },
  message: `{"n":${n}}`,
});

describe("an idempotency key", () => {
  it("that is new is remembered under hashes, for 24 hours", async () => {
    now = START;
    expect(await keys.recall(request("new"))).toBeUndefined();
    expect(await keys.remember(request("new"), answer(1))).toEqual({ remembered: answer(1), first: true });
    expect(await keys.recall(request("new"))).toEqual(answer(1));
    expect(IDEMPOTENCY_SECONDS).toBe(24 * 3600);
    expect(await table.item(`IDEMPOTENCY#${sha256("tenant:t1")}#${sha256("new")}`, "RECORD")).toMatchObject({
      expiresAt: START.getTime() / 1000 + 24 * 3600,
      orderId: "order_1",
      message: '{"n":1}',
    });
  });

  it("with the same body, its members in another order, is the same request", async () => {
    await keys.remember(request("order", { a: 1, b: { c: 2, d: 3 } }), answer(2));
    expect(await keys.recall(request("order", { b: { d: 3, c: 2 }, a: 1 }))).toEqual(answer(2));
  });

  it("with another body is refused", async () => {
    await keys.remember(request("other"), answer(3));
    const refusal = { code: "IDEMPOTENCY_KEY_REUSED", status: 422 };
    await expect(keys.recall(request("other", { a: 2 }))).rejects.toMatchObject(refusal);
    await expect(keys.remember(request("other", { a: 2 }), answer(4))).rejects.toMatchObject(refusal);
    expect(await keys.recall(request("other"))).toEqual(answer(3));
  });

  it("belongs to its caller: the same key of another is another key", async () => {
    await keys.remember(request("mine", { a: 1 }, "tenant:t1"), answer(5));
    expect(await keys.recall(request("mine", { a: 1 }, "tenant:t2"))).toBeUndefined();
    expect(await keys.remember(request("mine", { a: 9 }, "guest:a@b.co"), answer(6))).toEqual({ remembered: answer(6), first: true });
  });

  it("taken meanwhile gives what the first one was answered", async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => idempotency(table, () => now).remember(request("race"), answer(100 + n))),
    );
    expect(results.filter(({ first }) => first)).toHaveLength(1);
    expect(new Set(results.map(({ remembered }) => remembered.orderId)).size).toBe(1);
  });

  it("is the same request's though its answer was lost on the way and the client asked again", async () => {
    await keys.remember(request("lost"), answer(9));
    expect(await keys.remember(request("lost"), answer(9))).toEqual({ remembered: answer(9), first: true });
  });

  it("is forgotten after 24 hours by the clock, though its item still lies there", async () => {
    now = START;
    await keys.remember(request("old"), answer(7));
    now = new Date(START.getTime() + IDEMPOTENCY_SECONDS * 1000 - 1000);
    expect(await keys.recall(request("old"))).toEqual(answer(7));
    now = new Date(START.getTime() + IDEMPOTENCY_SECONDS * 1000);
    expect(await keys.recall(request("old"))).toBeUndefined();
    expect(await keys.remember(request("old", { another: "body" }), answer(8))).toEqual({ remembered: answer(8), first: true });
    expect(await keys.recall(request("old", { another: "body" }))).toEqual(answer(8));
    now = START;
  });
});
