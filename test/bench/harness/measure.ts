import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Group } from "./group.ts";
import { type Row, rowOf } from "./row.ts";

type Options = { quick: boolean; only: readonly string[]; all: boolean };

/** Groups of which a row is wanted: `init`, `init.GetOrder`, or all that need not be asked for; with `all` those, too. */
export function wantedGroups(groups: readonly Group[], only: readonly string[], all = false): readonly Group[] {
  if (only.length === 0) return groups.filter(({ onRequest }) => all || !onRequest);
  return groups.filter(({ name, rows }) => only.some((want) => want === name || rows.some(({ id }) => id === want)));
}

/**
 * Measures the wanted groups one after the other, telling on stderr how far it is. A group that fails does not take the
 * figures of the others with it.
 */
export async function measureAll(
  groups: readonly Group[],
  { quick, only, all }: Options,
): Promise<{ rows: Row[]; failures: { group: string; error: unknown }[] }> {
  const folder = mkdtempSync(join(tmpdir(), "bbws-bench-"));
  const rows: Row[] = [];
  const failures: { group: string; error: unknown }[] = [];
  try {
    for (const group of wantedGroups(groups, only, all)) {
      const startedAt = performance.now();
      const show = liveLine(group.name);
      let figures: Awaited<ReturnType<Group["measure"]>>;
      try {
        figures = await group.measure({ quick, folder, progress: show });
      } catch (error) {
        show("failed", true);
        failures.push({ group: group.name, error });
        continue;
      }
      show(`done in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`, true);
      for (const spec of group.rows) {
        const measured = figures[spec.id];
        if (!measured) throw new Error(`${spec.id} was not measured`);
        const isWanted = only.length === 0 || only.includes(group.name) || only.includes(spec.id);
        if (isWanted) rows.push(rowOf(spec, measured));
      }
    }
    return { rows, failures };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line that is written over on a terminal; elsewhere only its last state is printed. */
function liveLine(name: string) {
  return (text: string, last = false) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${name}: ${text}${last ? "\n" : ""}`);
    else if (last) process.stderr.write(`${name}: ${text}\n`);
  };
}
