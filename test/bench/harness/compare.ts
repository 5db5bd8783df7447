import { judgedValue, type Row } from "./row.ts";

/** How much worse than the committed figure may pass, as a share. */
export const defaultTolerance = { bytes: 0.02, calls: 0, ratio: 0.25 } as const;

export type Comparison = { id: string; title: string; committed: number; now: number; limit: number; worse: boolean };

/**
 * Ratios and bytes against the committed ones. Times by themselves are not compared: machines differ. A row that is new,
 * or that was not measured this time, is left out.
 */
export function compare(committed: readonly Row[], now: readonly Row[]): Comparison[] {
  const before = new Map(committed.map((row) => [row.id, row]));
  return now.flatMap((row) => {
    const old = before.get(row.id);
    if (!old || !isComparable(row) || !isComparable(old)) return [];
    const [was, is] = [judgedValue(old), judgedValue(row)];
    const tolerance = row.tolerance ?? toleranceOf(row);
    const limit = was * (row.more ? 1 - tolerance : 1 + tolerance);
    const { id, title } = row;
    return [{ id, title, committed: was, now: is, limit, worse: row.more ? is < limit : is > limit }];
  });
}

const isComparable = (row: Row) => (row.judged === "ratio" ? row.ratio !== undefined : row.unit === "bytes" || row.unit === "calls");

function toleranceOf({ judged, unit }: Row): number {
  if (judged === "ratio") return defaultTolerance.ratio;
  return unit === "calls" ? defaultTolerance.calls : defaultTolerance.bytes;
}

/** A table that shows first what got worse. */
export function comparisonText(comparisons: readonly Comparison[]): string {
  const shown = (value: number) => (value >= 1000 ? value.toFixed(0) : value.toFixed(3));
  const lines = [...comparisons]
    .sort((a, b) => Number(b.worse) - Number(a.worse))
    .map(({ id, committed, now, limit, worse }) => [worse ? "WORSE" : "ok", id, shown(committed), shown(now), shown(limit)]);
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
