import { type Row, type Unit, verdicts } from "./row.ts";
import type { Spread } from "./stats.ts";

const head = ["figure", "measured (p25 to p75)", "baseline (p25 to p75)", "ratio", "target", "stretch", "met"];
const words = { stretch: "stretch", met: "yes", missed: "NO", reported: "" } as const;

function cellsOf(row: Row): string[] {
  const limit = (value: number | undefined) => (value === undefined ? "" : limitText(row, value));
  return [
    row.title,
    spreadText(row.figure, row.unit),
    row.baseline ? `${spreadText(row.baseline, row.unit)} ${row.baseline.what}` : "",
    row.ratio === undefined ? "" : `${number(row.ratio)}x`,
    limit(row.target),
    limit(row.stretch),
    words[row.verdict],
  ];
}

const limitText = ({ judged, unit, more }: Row, value: number) =>
  `${more ? ">=" : "<="} ${judged === "ratio" ? `${number(value)}x` : withUnit(value, unit)}`;

function spreadText({ p25, p50, p75, samples }: Spread, unit: Unit): string {
  if (samples === 1) return withUnit(p50, unit);
  return `${withUnit(p50, unit)} (${scaled(p25, unit)} to ${scaled(p75, unit)})`;
}

const withUnit = (value: number, unit: Unit) => `${scaled(value, unit)} ${unit === "bytes" ? "KB" : unit}`;
/** Bytes are shown in thousands, as bundle sizes are told. */
const scaled = (value: number, unit: Unit) => (unit === "bytes" ? (value / 1000).toFixed(value < 10_000 ? 1 : 0) : number(value));

/** Three figures that count. */
function number(value: number): string {
  if (value === 0 || Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

/** For the terminal. */
export function plainTable(rows: readonly Row[]): string {
  const lines = [head, ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** For README files, with the notes below. */
export function markdownTable(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const notes = rows.flatMap(({ title, note }) => (note ? [`- ${title}: ${note}`] : []));
  return [
    line(head),
    line(head.map(() => "---")),
    ...rows.map((row) => line(cellsOf(row))),
    ...(notes.length > 0 ? ["", ...notes] : []),
  ].join("\n");
}

/** `12 stretch, 20 met, 1 missed, 5 reported`. */
export function tally(rows: readonly Row[]): string {
  return verdicts.map((verdict) => `${rows.filter((row) => row.verdict === verdict).length} ${verdict}`).join(", ");
}

/**
 * A text with what lies between two marker lines replaced.
 * @throws Error when the markers are not there
 */
export function replaceBetween(text: string, marker: string, body: string): string {
  const [begin, end] = [`<!-- ${marker}: begin -->`, `<!-- ${marker}: end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`markers of "${marker}" not found`);
  return `${text.slice(0, from + begin.length)}\n${body}\n${text.slice(to)}`;
}
