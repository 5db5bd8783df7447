import { describe, expect, it } from "vitest";
import { groups } from "../bench/groups.ts";
import { compare, comparisonText } from "../bench/harness/compare.ts";
import { itemBytes } from "../bench/harness/item-bytes.ts";
import { wantedGroups } from "../bench/harness/measure.ts";
import { orderOf } from "../bench/harness/rounds.ts";
import { type RowSpec, rowOf } from "../bench/harness/row.ts";
import { exactly, spreadOf } from "../bench/harness/stats.ts";

const spec: RowSpec = { id: "render.some", title: "some page", unit: "ms", judged: "ratio", baseline: "by hand", target: 2, stretch: 1.5 };
const row = (ms: number, changes: Partial<RowSpec> = {}) => rowOf({ ...spec, ...changes }, { figure: exactly(ms), baseline: exactly(10) });

describe("contestants", () => {
  it.each([2, 3, 4, 5])("run behind each of the other %d as often", (others) => {
    const all = Array.from({ length: others + 1 }, (_, i) => i);
    const pairs = new Map<string, number>();
    for (let round = 0; round < 2 * all.length; round++) {
      const order = orderOf(all, round);
      expect([...order].sort()).toEqual(all);
      for (let i = 1; i < order.length; i++) pairs.set(`${order[i - 1]} ${order[i]}`, (pairs.get(`${order[i - 1]} ${order[i]}`) ?? 0) + 1);
    }
    expect(pairs.size).toBe(all.length * others);
    expect([...new Set(pairs.values())]).toEqual([2]);
  });
});

describe("a figure", () => {
  it.each([
    [15, "stretch"],
    [20, "met"],
    [20.1, "missed"],
  ])("of %d ms beside 10 ms is judged by its ratio: %s", (ms, verdict) => {
    expect(row(ms).verdict).toBe(verdict);
  });

  it("of which more is better is judged the other way round, and misses nothing where only a stretch target is named", () => {
    const rate = { target: undefined, stretch: 0.6, more: true as const };
    expect(row(6, rate).verdict).toBe("stretch");
    expect(row(5, rate).verdict).toBe("reported");
  });

  it("without the baseline it promises is refused", () => {
    expect(() => rowOf(spec, { figure: exactly(1) })).toThrow(/baseline/);
  });

  it("is the median, beside the middle half", () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ p25: 2, p50: 3, p75: 4, samples: 5 });
  });
});

describe("bench:check", () => {
  it("lets a ratio vary by a quarter, and a size by a fiftieth", () => {
    const worse = (before: number, now: number, changes?: Partial<RowSpec>) =>
      compare([row(before, changes)], [row(now, changes)])[0]!.worse;
    expect(worse(15, 18)).toBe(false);
    expect(worse(15, 19)).toBe(true);
    expect(worse(24, 30)).toBe(false);
    expect(worse(24, 31)).toBe(true);
    const size = { unit: "bytes", judged: "value" } as const;
    expect(worse(1000, 1020, size)).toBe(false);
    expect(worse(1000, 1021, size)).toBe(true);
    expect(worse(3, 4, { unit: "calls", judged: "value" })).toBe(true);
  });

  it("holds a time to the target it had reached, and compares no others: machines differ", () => {
    const time = (ms: number, target?: number) =>
      rowOf({ id: "unit.time", title: "a suite", unit: "s", judged: "value", target }, { figure: exactly(ms) });
    expect(compare([time(5, 20)], [time(20, 20)])).toMatchObject([{ limit: 20, worse: false }]);
    expect(compare([time(5, 20)], [time(21, 20)])).toMatchObject([{ limit: 20, worse: true }]);
    expect(compare([time(21, 20)], [time(22, 20)])).toEqual([]);
    expect(compare([time(15)], [time(150)])).toEqual([]);
  });

  it("holds a time beside a baseline to its ratio too, whether it reached its target or not", () => {
    const time = { judged: "value", target: 20, stretch: undefined } as const;
    expect(compare([row(40, time)], [row(50, time)])).toMatchObject([{ committed: 4, now: 5, limit: 5, worse: false }]);
    expect(compare([row(40, time)], [row(51, time)])).toMatchObject([{ limit: 5, worse: true }]);
    expect(compare([row(10, time)], [row(13, time)])).toMatchObject([
      { limit: 20, worse: false },
      { limit: 1.25, worse: true },
    ]);
  });

  it("lets nothing lose a target it had reached, within the tolerance or not", () => {
    expect(compare([row(19)], [row(20)])[0]).toMatchObject({ limit: 2, worse: false });
    expect(compare([row(19)], [row(20.5)])[0]).toMatchObject({ limit: 2, worse: true });
    expect(compare([row(21)], [row(25)])[0]).toMatchObject({ limit: 2.1 * 1.25, worse: false });
    const rate = { target: 0.5, stretch: 0.6, more: true as const };
    expect(compare([row(5.5, rate)], [row(4.9, rate)])[0]).toMatchObject({ limit: 0.5, worse: true });
  });

  it("holds what has a tolerance of its own to the committed figure, whatever its unit", () => {
    const peak = { judged: "value", unit: "MB", tolerance: 0.25, target: undefined, stretch: undefined } as const;
    expect(compare([row(100, peak)], [row(125, peak)])[0]!.worse).toBe(false);
    expect(compare([row(100, peak)], [row(126, peak)])[0]!.worse).toBe(true);
  });

  it("lets no figure pass that was never committed", () => {
    const comparisons = compare([row(15, { id: "render.other" })], [row(15)]);
    expect(comparisons).toMatchObject([{ id: "render.some", now: 1.5, worse: true }]);
    expect(comparisonText(comparisons)).toMatch(/^NEW +render\.some +- +1\.500 +-$/m);
  });
});

describe("the groups", () => {
  it("have figures of one name each, told by their group", () => {
    const ids = groups.flatMap(({ name, rows }) => rows.map(({ id }) => [name, id]));
    for (const [name, id] of ids) expect(id!.startsWith(`${name}.`), id).toBe(true);
    expect(new Set(ids.map(([, id]) => id)).size).toBe(ids.length);
  });

  it("that take minutes wait to be asked for", () => {
    expect(wantedGroups(groups, []).map(({ name }) => name)).not.toContain("suite");
    expect(wantedGroups(groups, ["suite.time"]).map(({ name }) => name)).toEqual(["suite"]);
    expect(wantedGroups(groups, [], true)).toEqual(groups);
  });
});

describe("an item's size", () => {
  it("is DynamoDB's own count: names and values, digits in pairs, 3 bytes for each list or map and 1 for each entry", () => {
    expect(itemBytes({ PK: { S: "é" } })).toBe(2 + 2);
    expect(itemBytes({ n: { N: "-123.45" } })).toBe(1 + 3 + 1);
    expect(itemBytes({ a: { L: [{ S: "x" }, { BOOL: true }] } })).toBe(1 + 3 + (1 + 1) + (1 + 1));
    expect(itemBytes({ m: { M: { k: { S: "vv" } } } })).toBe(1 + 3 + (1 + 2) + 1);
  });
});
