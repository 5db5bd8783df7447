import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Group } from "./group.ts";
import type { Row } from "./row.ts";

/** What `npm run bench` leaves behind. */
export type Results = {
  measuredOn: string;
  node: string;
  cores: number;
  rows: Row[];
};

export const resultsFile = fileURLToPath(new URL("../results.json", import.meta.url));

export function readResults(): Results | undefined {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8")) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function resultsOf(rows: Row[]): Results {
  return { measuredOn: new Date().toISOString().slice(0, 10), node: process.versions.node, cores: availableParallelism(), rows };
}

/** New rows in the place of the old ones; rows that were not measured stay, rows that no longer exist go. */
export function mergeRows(groups: readonly Group[], before: readonly Row[], now: readonly Row[]): Row[] {
  const known = new Map([...before, ...now].map((row) => [row.id, row]));
  return groups.flatMap(({ rows }) => rows.flatMap(({ id }) => known.get(id) ?? []));
}

export function writeResults(results: Results): void {
  writeFileSync(resultsFile, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Four figures are more than any machine repeats. */
const rounded = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
