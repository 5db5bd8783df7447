import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Group } from "./group.ts";
import type { Row } from "./row.ts";

/** What `npm run bench` leaves behind. */
export type Results = {
  node: string;
  cores: number;
  rows: CommittedRow[];
};

/** `run`: when the run began that measured it, ISO 8601 in UTC. */
export type CommittedRow = Row & { run: string };

export const resultsFile = fileURLToPath(new URL("../results.json", import.meta.url));

export function readResults(): Results | undefined {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8")) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The results of the last commit, whatever a run has written since. @throws Error where there are none */
export function committedResults(): Results {
  const options = { cwd: dirname(resultsFile), encoding: "utf8" } as const;
  return JSON.parse(execFileSync("git", ["show", "HEAD:./results.json"], options)) as Results;
}

export const resultsOf = (rows: CommittedRow[]): Results => ({ node: process.versions.node, cores: availableParallelism(), rows });

/** When and in how many runs the rows were measured: `2026-11-24, in one run`. */
export function measuredText(rows: readonly CommittedRow[]): string {
  const runs = [...new Set(rows.map(({ run }) => run))].sort();
  return `${runs.at(-1)?.slice(0, 10)}, ${runs.length === 1 ? "in one run" : `the rows in ${runs.length} runs`}`;
}

/** New rows in the place of the old ones; rows that were not measured stay, rows that no longer exist go. */
export function mergeRows(groups: readonly Group[], before: readonly CommittedRow[], now: readonly CommittedRow[]): CommittedRow[] {
  const known = new Map([...before, ...now].map((row) => [row.id, row]));
  return groups.flatMap(({ rows }) => rows.flatMap(({ id }) => known.get(id) ?? []));
}

export function writeResults(results: Results): void {
  writeFileSync(resultsFile, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Four figures are more than any machine repeats. */
const rounded = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
