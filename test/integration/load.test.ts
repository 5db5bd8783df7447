import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "@bbws/local/stack.ts";
import type { LoadReport } from "@bbws/ops/load/load.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startStack } from "../support/permitted-stack.ts";

/** `npm run load` as a person runs it, on a stack of its own. */
let stack: Stack;
let folder: string;
/** Messages on their way to the record function that get lost there, until their visibility ends minutes later. */
let toLose = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bbws-load-"));
  stack = await startStack({
    fresh: true,
    quiet: true,
    disturb(queue, messages) {
      const lost = queue === "OrderCreationQueue" ? messages.splice(0, toLose) : [];
      toLose -= lost.length;
      return { deliveries: messages.length > 0 ? [messages] : [], undeleted: lost, delayMs: 0 };
    },
  });
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

function load(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = ["--disable-warning=ExperimentalWarning", "packages/ops/src/load/cli.ts", ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }));
  });
}

async function report(...args: string[]): Promise<{ code: number; told: LoadReport }> {
  const { code, out, err } = await load("--url", stack.url, "--json", ...args);
  if (out === "") throw new Error(`the load told nothing: ${err}`);
  return { code, told: JSON.parse(out) as LoadReport };
}

describe("npm run load", () => {
  it("places orders, follows them to their last effect and finds nothing lost, doubled or misnumbered", async () => {
    const file = join(folder, "deep", "load.svg");
    const { code, told } = await report("--orders", "12", "--concurrency", "4", "--follow", "3", "--picture", file);
    expect(told.problems).toEqual([]);
    expect(code).toBe(0);
    expect(told).toMatchObject({ stage: "local", orders: 12, concurrency: 4, repeats: 0, numbers: { first: 1, last: 12 } });
    expect(told.unchecked).toEqual([expect.stringContaining("memory")]);
    expect(told.latency).toMatchObject({
      accepted: { count: 12 },
      recorded: { count: 3 },
      documented: { count: 3 },
      mailed: { count: 12 },
    });
    for (const { p50, p95, p99, most } of Object.values(told.latency))
      expect([p50, p95, p99, most]).toEqual([p50, p95, p99, most].sort((a, b) => a - b));
    expect(told.memory!.most).toBeGreaterThan(50_000_000);
    expect(readFileSync(file, "utf8")).toMatch(/^<svg [\s\S]*accepted \(12\)[\s\S]*mailed \(12\)[\s\S]*<\/svg>\n$/);
  });

  it("tells people the same in a table", async () => {
    const { code, out } = await load("--url", stack.url, "--orders", "2", "--picture", join(folder, "load.svg"));
    expect(code).toBe(0);
    expect(out).toMatch(/^2 orders to http/);
    for (const line of [
      /^order numbers +13 to 14$/m,
      /^create to … +orders +p50 +p95 +p99 +most$/m,
      /^mailed +2 /m,
      /^nothing lost, doubled or misnumbered$/m,
    ])
      expect(out).toMatch(line);
  });

  it("ends with 3 and says what is missing when an order is lost on its way", async () => {
    toLose = 1;
    const { code, told } = await report("--orders", "4", "--follow", "0", "--timeout", "6", "--picture", join(folder, "lost.svg"));
    expect(code).toBe(3);
    expect(told.problems).toEqual([
      expect.stringMatching(/^1 orders were accepted and are not recorded, for example order_/),
      "1 messages wait in OrderCreationQueue",
    ]);
  });

  it("says what is wrong with a command line or an address", async () => {
    expect(await load("--orders", "many")).toMatchObject({ code: 2, err: expect.stringContaining("--orders must be a whole number") });
    expect(await load("--url", "ftp://example.com")).toMatchObject({ code: 2, err: expect.stringContaining("not an http(s) URL") });
    expect(await load("--url", "http://127.0.0.1:1", "--orders", "1")).toMatchObject({
      code: 1,
      err: expect.stringContaining("npm start"),
    });
    expect(await load("--help")).toMatchObject({ code: 0, out: expect.stringContaining("--concurrency") });
  });
});
