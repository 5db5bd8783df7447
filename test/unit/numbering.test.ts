import { formatNumber, nextNumbers, numberKinds, numberYear } from "@bbws/core/order/numbering.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("a number", () => {
  it.each([
    ["order", 1, "ORD-2026-00001"],
    ["invoice", 42, "INV-2026-00042"],
    ["creditNote", 99_999, "CRN-2026-99999"],
    ["order", 100_000, "ORD-2026-100000"],
  ] as const)("of the series %s with the value %i reads %s", (kind, value, text) => {
    expect(formatNumber(kind, "2026", value)).toBe(text);
  });

  it("belongs to the South African year in which it is taken", () => {
    expect(numberYear(new Date("2026-12-31T21:59:59.999Z"))).toBe("2026");
    expect(numberYear(new Date("2026-12-31T22:00:00.000Z"))).toBe("2027");
  });
});

describe("the next numbers", () => {
  it("of a year that has none start at one", () => {
    expect(nextNumbers("invoice", "2027", 0, 1)).toEqual({ numbers: ["INV-2027-00001"], value: 1 });
  });

  it("follow the counter without a gap or a repeat, however the orders are batched", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...numberKinds),
        fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 99_990 }),
        (kind, batches, start) => {
          const taken: string[] = [];
          let counter = start;
          for (const size of batches) {
            const { numbers, value } = nextNumbers(kind, "2026", counter, size);
            taken.push(...numbers);
            counter = value;
          }
          expect(taken).toEqual(Array.from({ length: counter - start }, (_, i) => formatNumber(kind, "2026", start + i + 1)));
          expect(new Set(taken).size).toBe(batches.reduce((total, size) => total + size, 0));
        },
      ),
    );
  });
});
