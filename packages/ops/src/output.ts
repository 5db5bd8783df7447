import Table from "cli-table3";
import type { ExitCode } from "./exit-code.ts";

/** What a command answers: the same facts for scripts (`--json`) and for people. */
export type Result = { data: unknown; text: string; exitCode?: ExitCode };

const bare = {
  chars: {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "  ",
  },
  style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
};

type Cell = string | number;

/** Columns under their heads, without lines: it can be copied, and read by `awk`. */
export function columns(head: string[], rows: Cell[][], right: number[] = []): string {
  const table = new Table({ ...bare, head, colAligns: head.map((_, i) => (right.includes(i) ? "right" : "left")) });
  table.push(...rows.map((row) => row.map((cell) => printable(String(cell)))));
  return trimmed(table.toString());
}

/** Labels and values, one pair a line; pairs without a value are left out. */
export function facts(pairs: [label: string, value: Cell | undefined][]): string {
  const table = new Table(bare);
  table.push(
    ...pairs.filter(([, value]) => value !== undefined && value !== "").map(([label, value]) => [label, printable(String(value))]),
  );
  return trimmed(table.toString());
}

/** A heading over its body, the body indented. */
export function section(heading: string, body: string): string {
  return `${heading}\n${body.replace(/^(?=.)/gm, "  ")}`;
}

export const paragraphs = (...parts: (string | undefined)[]) => parts.filter(Boolean).join("\n\n");

/** A span of time in its largest two units, e.g. `3 h 12 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: [string, number][] = [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  let rest = seconds;
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count > 0 ? `${count} ${unit}` : "";
    })
    .filter(Boolean)
    .join(" ");
}

export const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Customer text could hold escape codes that move a terminal's cursor. */
const printable = (text: string) => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, " ");

const trimmed = (text: string) => text.replace(/[ \t]+$/gm, "");
