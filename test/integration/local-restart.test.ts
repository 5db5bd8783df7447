import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeLock } from "@bbws/local/state/lock.ts";
import { commandOf, isAlive, startOf } from "@bbws/local/state/process-identity.ts";
import { afterAll, describe, expect, it } from "vitest";
import { runCli, type StackProcess, startCli } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { mailsOf, queuesOf, token } from "../support/stack.ts";

/** The stack as a process: what it refuses, what survives its sudden end, and what it leaves behind. */

const folder = realpathSync(mkdtempSync(join(tmpdir(), "restart-test-")));
const state = ["--state", folder, "--port", "0", "--time-scale", "20"];
let stack: StackProcess | undefined;

afterAll(async () => {
  await stack?.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

const lock = () => JSON.parse(readFileSync(join(folder, "lock.json"), "utf8")) as { pid: number; children: number[] };

/** Sends SIGTERM as soon as the start has a process of its own to leave behind. */
async function stopWhileStarting() {
  const starting = runCli(...state);
  const owner = await eventually(() => (existsSync(join(folder, "lock.json")) && lock().children.length > 0 ? lock() : undefined));
  process.kill(owner.pid, "SIGTERM");
  return { owner, code: (await starting).code };
}

const post = (url: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

async function order(url: string, customerEmail: string): Promise<{ orderId: string; statusUrl: string }> {
  const answer = await post(url, "/v1.0/orders", {
    customerEmail,
    items: [{ productId: "PROD-001", quantity: 1 }],
    billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { data: { orderId: string; statusUrl: string } }).data;
}

const fail = (url: string, target: string, failures: number) => post(url, "/_local/faults", { target, failures });

/** Status as the customer's own link tells it. */
async function statusOf(url: string, statusUrl: string): Promise<string> {
  const answer = (await (await fetch(url + statusUrl)).json()) as { data: { status: string } };
  return answer.data.status;
}

async function recipientsOf(url: string): Promise<string[]> {
  return (await mailsOf({ url })).map(({ to }) => to.join());
}

const quiet = (url: string) =>
  eventually(async () => {
    const depths = Object.values(await queuesOf({ url }));
    return depths.every(({ depth, inFlight }) => depth + inFlight === 0) || undefined;
  }, 30_000);

describe("a stack on a folder", () => {
  it("keeps the accepted order when it is killed before the record, and mails it once", async () => {
    stack = await startCli(...state);
    const { url } = stack;
    await fail(url, "dynamodb", 1_000_000);
    const { statusUrl } = await order(url, "first@example.com");
    await eventually(async () => (await queuesOf({ url })).OrderCreationQueue?.inFlight === 1 || undefined);
    expect(await stack.end("SIGKILL")).toBeNull();

    stack = await startCli(...state);
    const again = stack.url;
    await eventually(async () => (await statusOf(again, statusUrl)) === "PENDING" || undefined);
    await eventually(async () => (await recipientsOf(again)).includes("first@example.com") || undefined);
    await quiet(again);
    expect((await recipientsOf(again)).sort()).toEqual(["first@example.com", "support@kimmyai.io,sales@kimmyai.io"]);
  }, 120_000);

  it("refuses a second stack, naming the first", async () => {
    const { code, out, err } = await runCli("--state", folder, "--port", "0");
    expect(code).toBe(1);
    expect(err.trim().split("\n")).toEqual([
      `a stack is already running on ${folder} at ${stack?.url} (process ${stack?.child.pid}): stop it, or use --fresh or --state DIR`,
    ]);
    expect(out).not.toContain("ready");
  }, 30_000);

  it("keeps mails, tokens and unsent mails when it is killed between the record and the mails", async () => {
    const first = stack as StackProcess;
    const bearer = await token(first, { tenantId: "tenant-1", roles: "Customer" });
    await fail(first.url, "ses", 1_000_000);
    const { statusUrl } = await order(first.url, "second@example.com");
    await eventually(async () => (await statusOf(first.url, statusUrl)) === "PENDING" || undefined);
    await eventually(async () => (await queuesOf(first)).CustomerNotificationQueue?.inFlight === 1 || undefined);
    const [orphan] = lock().children;
    await first.end("SIGKILL");
    expect(isAlive(orphan as number)).toBe(true);
    // A kill in the middle of a write leaves half a mail, which nobody was told of.
    writeFileSync(join(folder, "mails.jsonl"), '{"messageId":"half', { flag: "a" });

    stack = await startCli(...state);
    const { url } = stack;
    expect(isAlive(orphan as number)).toBe(false);
    expect((await fetch(`${url}/v1.0/orders`, { headers: { authorization: `Bearer ${bearer}` } })).status).toBe(200);
    await eventually(async () => (await recipientsOf(url)).filter((to) => to === "second@example.com").length === 1 || undefined);
    await quiet(url);
    const recipients = await recipientsOf(url);
    for (const customer of ["first@example.com", "second@example.com"]) expect(recipients.filter((to) => to === customer)).toHaveLength(1);
    expect(recipients).toHaveLength(4);
    expect(readFileSync(join(folder, "mails.jsonl"), "utf8").trim().split("\n")).toHaveLength(4);
  }, 120_000);

  it("stops on Ctrl-C within five seconds and leaves nothing running", async () => {
    const running = stack as StackProcess;
    const { pid, children } = lock();
    expect(children.length).toBeGreaterThan(0);
    const asked = performance.now();
    expect(await running.end("SIGINT")).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    stack = undefined;
    expect([pid, ...children].filter(isAlive)).toEqual([]);
    expect(existsSync(join(folder, "lock.json"))).toBe(false);
  });

  it("leaves nothing running either when it is told to stop while it starts", async () => {
    const { code, owner } = await stopWhileStarting();
    expect(code).toBe(0);
    expect([owner.pid, ...owner.children].filter(isAlive)).toEqual([]);
  }, 30_000);

  it("takes over a lock whose process id now belongs to somebody else", async () => {
    writeFileSync(join(folder, "lock.json"), JSON.stringify({ pid: process.pid, startedAt: "0", children: [process.pid] }));
    const taken = await takeLock(folder);
    expect(lock()).toMatchObject({ pid: process.pid, children: [] });
    taken.release();
    expect(existsSync(join(folder, "lock.json"))).toBe(false);
  });
});

describe("the command line", () => {
  it("explains itself", async () => {
    const { code, out } = await runCli("--help");
    expect(code).toBe(0);
    for (const flag of ["--port", "--state", "--fresh", "--time-scale", "--help"]) expect(out).toContain(flag);
  });

  it.each([
    [["--port", "70000"], "--port must be a whole number from 0 to 65535"],
    [["--port", "x"], "--port must be a whole number"],
    [["--time-scale", "0"], "--time-scale must be a whole number from 1"],
    [["--unknown"], "Unknown option '--unknown'"],
  ])("refuses %j in one line", async (args, message) => {
    const { code, err } = await runCli(...args);
    expect(code).toBe(1);
    expect(err.trim().split("\n")).toEqual([expect.stringContaining(message)]);
  });

  it("names a port that is taken and the way out", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port));
    });
    const { code, err } = await runCli("--fresh", "--port", String(port));
    taken.close();
    expect(code).toBe(1);
    expect(err.trim().split("\n")).toEqual([`port ${port} is already in use: choose another with --port N or PORT=N`]);
  }, 30_000);
});

describe("who a process is", () => {
  it("is told by its start and its command line", () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(startOf(process.pid)).toBeTruthy();
    expect(commandOf(process.pid)).toContain("node");
    const nobody = 2 ** 22 + 1;
    expect(isAlive(nobody)).toBe(false);
    expect(startOf(nobody)).toBeUndefined();
    expect(commandOf(nobody)).toBe("");
  });
});
