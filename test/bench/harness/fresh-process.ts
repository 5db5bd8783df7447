/** Start-up times: every sample is a Node process of its own, as a new execution environment is. */
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

export type Starter = {
  name: string;
  /** The built module. */
  bundle: string;
  /** All there is in its environment. */
  env: Record<string, string>;
  /** Statements after the import that count as well; `module` is what was imported. */
  after?: string;
};

/**
 * Imports each module in a fresh process, in turn.
 * @param folder empty folders for the modules are made in it, outside of any node_modules
 * @returns ms from before the import to the end of `after`, one sample for each round, by name
 */
export async function startInTurns(
  starters: readonly Starter[],
  { folder, rounds, onRound }: { folder: string; rounds: number; onRound?(done: number, of: number): void },
): Promise<Record<string, number[]>> {
  for (const starter of starters) lay(starter, folder);
  const samples: Record<string, number[]> = Object.fromEntries(starters.map(({ name }) => [name, []]));
  // The first round only brings the files into the machine's cache.
  for (let round = -1; round < rounds; round++) {
    for (const { name, env } of starters) {
      const ms = await startOnce(join(folder, name), env);
      if (round >= 0) samples[name]!.push(ms);
    }
    onRound?.(round + 2, rounds + 1);
  }
  return samples;
}

function lay({ name, bundle, after = "" }: Starter, folder: string): void {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  copyFileSync(bundle, join(own, "bundle.mjs"));
  if (existsSync(`${bundle}.map`)) copyFileSync(`${bundle}.map`, join(own, "bundle.mjs.map"));
  writeFileSync(
    join(own, "start.mjs"),
    `const startedAt = performance.now();
const module = await import("./bundle.mjs");
${after}
const ms = performance.now() - startedAt;
process.stdout.write("\\nMS " + ms + "\\n", () => process.exit(0));
`,
  );
}

async function startOnce(cwd: string, env: Record<string, string>): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ["start.mjs"], { cwd, env, timeout: 60_000 });
  const ms = Number(/\nMS ([\d.]+)\n/.exec(stdout)?.[1]);
  if (!Number.isFinite(ms)) throw new Error(`${cwd} did not tell its time:\n${stdout}`);
  return ms;
}
