import { judgedValue, type Row } from "./row.ts";

/** How much worse than the committed figure may pass, as a share, where the row names no tolerance of its own. */
const defaultTolerance = { bytes: 0.02, calls: 0, ratio: 0.25 } as const;

export type Comparison = {
  id: string;
  title: string;
  /** Missing where the figure was never committed. */
  committed?: number;
  now: number;
  limit?: number;
  worse: boolean;
};

/**
 * What was measured against what it may be. Ratios, sizes and counts may be little worse than the committed ones. Times
 * differ from machine to machine: they are held to their target, and to their ratio where something ran beside them. Whatever had reached its target must still reach it.
 * A figure that was never committed counts as worse, for nobody would see it get so.
 */
export function compare(committed: readonly Row[], now: readonly Row[]): Comparison[] {
  const before = new Map(committed.map((row) => [row.id, row]));
  return now.flatMap((row): Comparison[] => {
    const { id, title, more } = row;
    const old = before.get(id);
    const is = judgedValue(row);
    if (!old) return [{ id, title, now: is, worse: true }];
    const limit = limitOf(row, old);
    const comparison = (was: number, now: number, limit: number) => ({
      id,
      title,
      committed: was,
      now,
      limit,
      worse: more ? now < limit : now > limit,
    });
    return [
      ...(limit === undefined ? [] : [comparison(judgedValue(old), is, limit)]),
      // A time beside a baseline, judged by itself: the machine's speed is in both.
      ...(row.judged === "value" && row.ratio !== undefined && old.ratio !== undefined
        ? [comparison(old.ratio, row.ratio, tolerable(old.ratio, defaultTolerance.ratio, more))]
        : []),
    ];
  });
}

const tolerable = (value: number, tolerance: number, more?: true) => value * (more ? 1 - tolerance : 1 + tolerance);

function limitOf(row: Row, old: Row): number | undefined {
  const tolerance = row.tolerance ?? toleranceOf(row);
  const target = old.verdict === "met" || old.verdict === "stretch" ? row.target : undefined;
  if (tolerance === undefined) return target;
  const limit = tolerable(judgedValue(old), tolerance, row.more);
  if (target === undefined) return limit;
  return row.more ? Math.max(limit, target) : Math.min(limit, target);
}

function toleranceOf({ judged, unit }: Row): number | undefined {
  if (judged === "ratio") return defaultTolerance.ratio;
  return unit === "calls" || unit === "bytes" ? defaultTolerance[unit] : undefined;
}

/** A table that shows first what got worse. */
export function comparisonText(comparisons: readonly Comparison[]): string {
  const shown = (value: number | undefined) => (value === undefined ? "-" : value >= 1000 ? value.toFixed(0) : value.toFixed(3));
  const lines = [...comparisons]
    .sort((a, b) => Number(b.worse) - Number(a.worse))
    .map(({ id, committed, now, limit, worse }) => [
      committed === undefined ? "NEW" : worse ? "WORSE" : "ok",
      id,
      shown(committed),
      shown(now),
      shown(limit),
    ]);
  const table = [["", "figure", "committed", "now", "limit"], ...lines];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  return table
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
