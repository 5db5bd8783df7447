/** A built function alone: in an empty directory, in a fresh Node, with nothing but the given environment. */
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

/** `maxRSS` is in KiB, whatever the system (libuv). */
const runner = `
import { readFileSync } from "node:fs";
const { handler } = await import("./bundle.mjs");
const context = { functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, awsRequestId: "00000000-0000-4000-8000-000000000000", getRemainingTimeInMillis: () => 10000 };
const startedAt = performance.now();
const answer = await handler(JSON.parse(readFileSync("event.json", "utf8")), context);
const told = { answer: answer ?? null, ms: performance.now() - startedAt, peakBytes: process.resourceUsage().maxRSS * 1024 };
process.stdout.write("\\nTOLD " + JSON.stringify(told) + "\\n", () => process.exit(0));
`;

// biome-ignore lint/suspicious/noExplicitAny: a handler answers what it likes, and each test says what that must be
type Told = { answer: any; ms: number; peakBytes: number };

/**
 * Invokes a bundle once. `folder` lies outside the repository; the empty directory is made in it.
 * @returns the handler's answer, how long it took in ms, and the most memory the process ever held in bytes
 */
export async function runAlone(
  bundle: string,
  event: unknown,
  { folder, env }: { folder: string; env: Record<string, string> },
): Promise<Told> {
  const empty = mkdtempSync(join(folder, `${basename(dirname(bundle))}-`));
  copyFileSync(bundle, join(empty, "bundle.mjs"));
  // Deployed beside it, and read at start: it is part of what the function's memory must hold.
  if (existsSync(`${bundle}.map`)) copyFileSync(`${bundle}.map`, join(empty, "bundle.mjs.map"));
  writeFileSync(join(empty, "run.mjs"), runner);
  writeFileSync(join(empty, "event.json"), JSON.stringify(event));
  mkdirSync(join(empty, "tmp"));
  const { stdout } = await promisify(execFile)(process.execPath, ["run.mjs"], { cwd: empty, env, timeout: 30_000, maxBuffer: 16_000_000 });
  if (existsSync(join(empty, "node_modules"))) throw new Error("the directory was not empty");
  return JSON.parse(stdout.split("\nTOLD ")[1]!) as Told;
}
