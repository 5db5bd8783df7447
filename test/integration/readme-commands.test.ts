import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Stack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startStack } from "../support/permitted-stack.ts";
import { mailsOf, queuesOf } from "../support/stack.ts";

/** What the README tells a newcomer to type, typed: in a shell, against a running stack of another port. */

const root = path.resolve(import.meta.dirname, "../..");
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ fresh: true, quiet: true });
}, 120_000);
afterAll(() => stack.stop());

/** The shell blocks of the README's sections with these headings, one after the other. */
function blocksOf(...headings: string[]): string {
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  return headings
    .map((heading) => {
      const section = readme.split(`\n### ${heading}\n`)[1]?.split(/\n##+ /)[0] ?? "";
      const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
      expect(blocks.length, heading).toBeGreaterThan(0);
      return blocks.join("\n");
    })
    .join("\n");
}

it("orders, pays, opens the invoice, makes a dead letter and heals it", async () => {
  const typed = blocksOf("Order with curl", "Break it, and heal it")
    .replaceAll("http://127.0.0.1:3000", stack.url)
    .replaceAll("-o invoice.pdf", `-o ${path.join(stack.folder, "invoice.pdf")}`);
  const shell = spawn("bash", ["-u"], { cwd: root, env: { ...process.env, BBWS_STATE: stack.folder } });
  const chunks: Buffer[] = [];
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  shell.stdin.end(typed);
  onTestFinished(() => void shell.kill());
  const [code] = await once(shell, "close");
  const said = Buffer.concat(chunks).toString();

  expect(code, said).toBe(0);
  expect((await readFile(path.join(stack.folder, "invoice.pdf"))).subarray(0, 5).toString()).toBe("%PDF-");
  expect((await mailsOf(stack)).some(({ subject }) => subject.includes("Order Confirmation"))).toBe(true);
  // On a slow machine the order before still waits for its document when the bucket breaks, and dies with the other.
  expect(said).toMatch(/InvoiceDLQ: [12] dead letter/);
  expect(said).toMatch(/[12] letters? of InvoiceDLQ redriven\./);
  expect(said.trim().split("\n").at(-1)).toContain('"InvoiceQueue":10');
  expect((await queuesOf(stack)).InvoiceQueue).toMatchObject({ depth: 0, dlqDepth: 0 });
}, 180_000);
