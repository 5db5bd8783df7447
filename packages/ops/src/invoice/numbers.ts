import { businessYear, systemClock } from "@bbws/core/clock.ts";
import { type DeclaredGap, numberSeries } from "@bbws/core/order/number-series.ts";
import { formatNumber, numberKinds } from "@bbws/core/order/numbering.ts";
import { exitCode } from "../exit-code.ts";
import { columns, paragraphs, type Result, section } from "../output.ts";
import type { Target } from "../target/target.ts";

/** A declared gap as people name it, e.g. `INV-2026-00043 to INV-2026-01042`. */
export const gapNumbers = ({ kind, year, first, last }: DeclaredGap) =>
  `${formatNumber(kind, year, first)} to ${formatNumber(kind, year, last)}`;

/** Declared gaps, a line each. */
export function gapTable(gaps: readonly DeclaredGap[]): string {
  return columns(
    ["Numbers", "Declared", "By"],
    gaps.map((gap) => [gapNumbers(gap), gap.at, gap.by]),
  );
}

/** How far each series of the present year has come, and what was passed over. */
export async function showNumbers(target: Target): Promise<Result> {
  const numbers = numberSeries(target.table);
  const year = businessYear(systemClock());
  const series = await Promise.all(
    numberKinds.map(async (kind) => ({ kind, last: await numbers.last(kind, year), gaps: await numbers.declaredGaps(kind, year) })),
  );
  const gaps = series.flatMap((each) => each.gaps);
  return {
    data: { year, series },
    text: paragraphs(
      columns(
        ["Series", "Last", "Next"],
        series.map(({ kind, last }) => [kind, last === 0 ? "none" : formatNumber(kind, year, last), formatNumber(kind, year, last + 1)]),
      ),
      section("Declared gaps", gaps.length === 0 ? "none" : gapTable(gaps)),
    ),
    exitCode: exitCode.ok,
  };
}

/**
 * Passes over the next numbers of every series and declares them as a gap: after a failover, whose replica may be behind
 * numbers that were issued.
 */
export async function skipNumbers(target: Target, { by: count, dryRun = false }: { by: number; dryRun?: boolean }): Promise<Result> {
  const numbers = numberSeries(target.table);
  const now = systemClock();
  const gaps = await numbers.nextGaps(businessYear(now), count, { at: now, by: target.by });
  if (!dryRun) await numbers.skip(gaps);
  return {
    data: { dryRun, gaps: gaps.map((gap) => ({ ...gap, numbers: gapNumbers(gap) })) },
    text: paragraphs(
      gapTable(gaps),
      dryRun
        ? "These numbers would be passed over."
        : "These numbers are passed over: they are a declared gap, and belong into the incident's record.",
    ),
    exitCode: exitCode.ok,
  };
}
