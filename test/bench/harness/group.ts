import type { Measured, RowSpec } from "./row.ts";

export type Context = {
  /** Fewer rounds, smaller seeds: for trying things out, not for the record. */
  quick: boolean;
  /** Where a subject's bundles and data go; made for this run. */
  folder: string;
  /** Shown while it runs. */
  progress(text: string): void;
};

/** Rows that are measured together, in one file. */
export type Group = {
  name: string;
  /** Takes minutes and changes seldom: measured only when it is named. */
  onRequest?: true;
  rows: readonly RowSpec[];
  /** Figures by row id. */
  measure(context: Context): Promise<Record<string, Measured>>;
};
