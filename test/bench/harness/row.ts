import type { Spread } from "./stats.ts";

/** One line of the table: what is measured, against what, and how good it must be. */
export type RowSpec = {
  /** Stable name, `{group}.{what}`. */
  id: string;
  title: string;
  unit: Unit;
  /** What runs beside it in the same call. */
  baseline?: string;
  /** What `target` and `stretch` are about. A row without a target is only reported. */
  judged: "ratio" | "value";
  target?: number;
  stretch?: number;
  /** More is better: a rate. */
  more?: true;
  /** How much worse than the committed figure `bench:check` lets pass, as a share; bytes and counts vary less than times. */
  tolerance?: number;
};

export type Unit = "ms" | "µs" | "bytes" | "MB" | "calls" | "per s" | "s";

export type Measured = { figure: Spread; baseline?: Spread; note?: string };

export const verdicts = ["stretch", "met", "missed", "reported"] as const;
export type Verdict = (typeof verdicts)[number];

export type Row = Omit<RowSpec, "baseline"> & {
  figure: Spread;
  baseline?: Spread & { what: string };
  /** Median over median. */
  ratio?: number;
  verdict: Verdict;
  note?: string;
};

/** @throws Error when the row promises a baseline and none was measured */
export function rowOf(spec: RowSpec, { figure, baseline, note }: Measured): Row {
  if ((spec.baseline === undefined) !== (baseline === undefined)) throw new Error(`${spec.id}: its baseline was not measured with it`);
  const ratio = baseline && figure.p50 / baseline.p50;
  return {
    ...spec,
    figure,
    baseline: baseline && { what: spec.baseline!, ...baseline },
    ratio,
    verdict: verdictOf(spec, spec.judged === "ratio" ? ratio : figure.p50),
    ...(note && { note }),
  };
}

function verdictOf(spec: RowSpec, value: number | undefined): Verdict {
  const { target, stretch, more } = spec;
  if (value === undefined || !hasTarget(spec)) return "reported";
  const reaches = (limit: number) => (more ? value >= limit : value <= limit);
  if (stretch !== undefined && reaches(stretch)) return "stretch";
  // Where only a stretch target is named, falling short of it is no miss.
  if (target === undefined) return "reported";
  return reaches(target) ? "met" : "missed";
}

/** What a row is judged and compared by. */
export const judgedValue = (row: Row) => (row.judged === "ratio" ? row.ratio! : row.figure.p50);

/** Whether anybody asked for more than the figure: such rows stand on the front page. */
export const hasTarget = ({ target, stretch }: RowSpec | Row) => (target ?? stretch) !== undefined;
