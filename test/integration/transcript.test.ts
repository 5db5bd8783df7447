import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "@bbws/local/bundle.ts";
import { afterAll, expect, it } from "vitest";

/** The repair in the troubleshooting runbook is what the commands print today: it is played again and compared. */

const folder = mkdtempSync(join(tmpdir(), "transcript-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What differs from run to run: ids, times, counts of receives, and the widths of columns that follow from them. */
const constant = (text: string) =>
  text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "{id}")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "{time}")
    .replace(/\d+ (min|s)\b/g, "{span}")
    .replace(/\d+ receives?/g, "{n} receives")
    .replace(/ses-\d+/g, "{ses}")
    .replace(/\b[0-9a-f]{12}\b/g, "{hash}")
    .replace(/\b(ORD|INV|CRN)-\d{4}-/g, "$1-{year}-")
    .replace(/ {2,}/g, "  ");

it("the recorded repair is what happens", async () => {
  const file = join(folder, "transcript.md");
  const script = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "packages/ops/scripts/transcript.ts", "--file", file], {
    cwd: repositoryRoot,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(script, "exit");
  expect(code).toBe(0);
  const between = (text: string) => /<!-- transcript: begin[\s\S]*transcript: end -->/.exec(text)?.[0] ?? "";
  const recorded = between(readFileSync(join(repositoryRoot, "runbooks/troubleshooting.md"), "utf8"));
  expect(constant(between(readFileSync(file, "utf8"))), "npm run runbook:transcript records it anew").toBe(constant(recorded));
}, 180_000);
