import { backoffMs, ifSoon } from "@bbws/core/retry.ts";
import { describe, expect, it } from "vitest";

describe("a pause between attempts", () => {
  it("lies anywhere under a ceiling that doubles up to its cap", () => {
    const ceilings = [0, 1, 2, 3, 9].map((attempt) => backoffMs(attempt, { baseMs: 20, capMs: 100, random: () => 1 }));
    expect(ceilings).toEqual([20, 40, 80, 100, 100]);
    expect(backoffMs(9, { baseMs: 20, capMs: 100, random: () => 0 })).toBe(0);
  });
});

describe("work that is waited for a little while", () => {
  it("gives what it gives in time, and nothing when it fails or takes longer", async () => {
    expect(await ifSoon(Promise.resolve(1), 50)).toBe(1);
    expect(await ifSoon(Promise.reject(new Error("no")), 50)).toBeUndefined();
    expect(await ifSoon(new Promise<never>(() => undefined), 5)).toBeUndefined();
  });
});
