import { formatRand, formatRate, fromRand, minus, share, sum, times, toRand } from "@bbws/core/money.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const amount = fc.integer({ min: 0, max: 10_000_000_00 });

describe("money", () => {
  it.each([
    [0, 0],
    [1, 0.01],
    [113_85, 113.85],
    [1_379_99, 1379.99],
    [150_000, 1500],
    [29_999, 299.99],
  ])("of %i cents is %d rand in JSON", (cents, rand) => {
    expect(toRand(cents)).toBe(rand);
    expect(fromRand(rand)).toBe(cents);
  });

  it("goes to rand and back without losing a cent", () => {
    fc.assert(fc.property(amount, (cents) => fromRand(toRand(cents)) === cents));
  });

  it.each([0.001, 10.005, 1e-9, 99.999, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 1e300])(
    "of %d rand is refused: it is not a whole number of cents",
    (rand) => {
      expect(fromRand(rand)).toBeUndefined();
    },
  );

  it("shows rand with at most two decimals, never a float's tail", () => {
    fc.assert(fc.property(amount, (cents) => /^\d+(\.\d{1,2})?$/.test(JSON.stringify(toRand(cents)))));
  });

  it("is printed with grouped thousands and two decimals", () => {
    expect(formatRand(123_456)).toBe("R1,234.56");
    expect(formatRand(5)).toBe("R0.05");
    expect(formatRand(0)).toBe("R0.00");
    expect(formatRand(100_000_000_00)).toBe("R100,000,000.00");
    expect(formatRand(-123_456)).toBe("-R1,234.56");
  });

  it("prints rates without needless zeros", () => {
    expect(formatRate(1500)).toBe("15%");
    expect(formatRate(1250)).toBe("12.5%");
    expect(formatRate(0)).toBe("0%");
  });
});

describe("a share of an amount", () => {
  it.each([
    [10, 500, 1],
    [9, 500, 0],
    [30, 500, 2],
    [10, 1500, 2],
    [3, 1500, 0],
    [4, 1500, 1],
    [29_999, 2000, 6000],
  ])("of %i cents at %i basis points is %i: half a cent goes up", (cents, rate, expected) => {
    expect(share(cents, rate)).toBe(expected);
  });

  it("is the exact product rounded half up, computed here in integers", () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 10_000 }), (cents, rate) => {
        const exact = (BigInt(cents) * BigInt(rate) * 2n + 10_000n) / 20_000n;
        expect(share(cents, rate)).toBe(Number(exact));
      }),
    );
  });
});

describe("sums, differences and multiples", () => {
  it("are those of whole cents", () => {
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 50 }), amount, fc.integer({ min: 1, max: 99 }), (amounts, single, quantity) => {
        const total = amounts.reduce((a, b) => a + b, 0);
        expect(sum(amounts)).toBe(total);
        expect(minus(total, single)).toBe(total - single);
        expect(times(single, quantity)).toBe(single * quantity);
      }),
    );
  });
});
