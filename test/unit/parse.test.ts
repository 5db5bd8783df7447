import { errorStatus, OrderError, PermanentError, ValidationError } from "@bbws/core/errors.ts";
import { canonicalJson, newItemId, newOrderId, newTenantId, sha256 } from "@bbws/core/id.ts";
import { CreateOrderRequest, PaymentConfirmationRequest, UpdateOrderRequest } from "@bbws/core/order/requests.ts";
import { parse } from "@bbws/core/parse.ts";
import { backoffMs, sleep } from "@bbws/core/retry.ts";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";

const refusalOf = (schema: v.GenericSchema, input: unknown) => {
  try {
    parse(schema, input);
    return undefined;
  } catch (error) {
    if (error instanceof ValidationError) return error;
    throw error;
  }
};

describe("a refused body", () => {
  it("names every field that is wrong, once, as its sender writes it", () => {
    const schema = v.object({
      items: v.array(v.object({ quantity: v.number("quantity must be a number"), name: v.string() })),
      city: v.string(),
    });
    expect(refusalOf(schema, { items: [{ quantity: 1, name: "a" }, { quantity: "2" }] })?.details).toEqual([
      { field: "items[1].quantity", message: "quantity must be a number" },
      { field: "items[1].name", message: "name is required" },
      { field: "city", message: "city is required" },
    ]);
  });

  it("that is not an object at all has no field to name", () => {
    expect(refusalOf(v.object({}, "The body must be a JSON object"), 7)).toMatchObject({
      code: "VALIDATION_ERROR",
      status: 400,
      message: "The body must be a JSON object",
      details: [{ field: "", message: "The body must be a JSON object" }],
    });
    expect(refusalOf(v.string(), 7)?.details).toEqual([{ field: "", message: "value is not valid" }]);
  });

  it("is never quoted, whatever is sent to whichever route", () => {
    const marker = "zq7Marker";
    const value = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.constant(marker), fc.constant(`${marker}@x`), fc.integer(), fc.boolean(), fc.constant(null)),
      node: fc.oneof(
        { depthSize: "small" },
        tie("leaf"),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("street", "city", "x"), tie("node"), { maxKeys: 3 }),
      ),
    })).node;
    const fields = [
      "customerEmail",
      "items",
      "billingAddress",
      "currency",
      "paymentMethod",
      "totalAmount",
      "primaryPhone",
      "campaignCode",
      "status",
      "version",
      "active",
      "paymentReference",
      "paymentAmount",
      "paymentCurrency",
      "paidAt",
    ];
    const body = fc.oneof(value, fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 8 }));
    fc.assert(
      fc.property(
        body,
        fc.constantFrom<v.GenericSchema[]>(CreateOrderRequest, UpdateOrderRequest, PaymentConfirmationRequest),
        (input, schema) => {
          const refusal = refusalOf(schema, input);
          if (!refusal) return;
          expect(`${refusal.message}${JSON.stringify(refusal.details)}`).not.toContain(marker);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("an error", () => {
  it("has its code's own HTTP status unless a case differs", () => {
    expect(new OrderError("ORDER_NOT_FOUND", "gone").status).toBe(404);
    expect(new OrderError("INVALID_STATUS_TRANSITION", "no", { status: 422 }).status).toBe(422);
    for (const [code, status] of Object.entries(errorStatus))
      expect(new OrderError(code as keyof typeof errorStatus, "").status).toBe(status);
  });

  it("keeps its cause, its facts and when to try again", () => {
    const cause = new Error("below");
    expect(new OrderError("TRY_AGAIN", "busy", { cause, retryAfterSeconds: 3, details: { a: 1 } })).toMatchObject({
      name: "OrderError",
      cause,
      retryAfterSeconds: 3,
      details: { a: 1 },
    });
    expect(new OrderError("TRY_AGAIN", "busy")).not.toHaveProperty("cause");
    expect(new PermanentError("never").name).toBe("PermanentError");
    expect(new ValidationError([]).name).toBe("ValidationError");
  });
});

describe("ids", () => {
  it("say what they are of", () => {
    expect(newOrderId()).toMatch(/^order_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}$/);
    expect(newItemId()).toMatch(/^item_[0-9a-f-]{36}$/);
    expect(newTenantId()).toMatch(/^tenant_[0-9a-f-]{36}$/);
  });

  it("of orders sort by creation, even within a millisecond", () => {
    const ids = Array.from({ length: 1000 }, newOrderId);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1000);
  });
});

describe("a hash of a body", () => {
  it("is the published SHA-256", () => {
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256(new TextEncoder().encode("abc"))).toBe(sha256("abc"));
  });

  it("does not depend on the order of its members, at any depth", () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null, u: undefined })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, inner]) => [name, shuffled(inner)]),
      );
    };
    fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(value) === canonicalJson(shuffled(value))));
  });

  it("differs when a value or the order of a list does", () => {
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: "1" }));
  });
});

describe("the wait before another attempt", () => {
  it("grows to its cap and is spread over the whole range", () => {
    const longest = (attempt: number) => backoffMs(attempt, { baseMs: 5, capMs: 250, random: () => 1 });
    expect([0, 1, 2, 5, 6, 20].map(longest)).toEqual([5, 10, 20, 160, 250, 250]);
    expect(backoffMs(3, { baseMs: 5, capMs: 250, random: () => 0 })).toBe(0);
    fc.assert(fc.property(fc.nat(30), (attempt) => backoffMs(attempt, { baseMs: 5, capMs: 250 }) <= 250));
  });

  it("really waits", async () => {
    const before = performance.now();
    await sleep(20);
    expect(performance.now() - before).toBeGreaterThanOrEqual(19);
  });
});
