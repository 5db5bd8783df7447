/** What documents leave behind in a warm function: rendered one after the other, a macrotask between them. */
import { renderDocument } from "@bbws/core/document/render.tsx";
import { finish, progress } from "../harness/report-back.ts";
import { macrotask } from "../harness/rounds.ts";
import { invoice } from "./invoices.ts";

/** Bytes in use, collected, after 500 documents less those before, of each 500. */
export type HeapGrowth = number[];

const BLOCK = 500;
const blocks = process.argv[2] === "quick" ? 2 : 5;
const collect = (globalThis as unknown as { gc(): void }).gc;

async function inUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await macrotask();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** @returns how much more is in use afterwards */
async function growthOver(block: number): Promise<number> {
  const before = await inUse();
  for (let i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
    await renderDocument(invoice(i, 5));
    await macrotask();
  }
  progress(`${(block + 1) * BLOCK} documents in one heap`);
  return (await inUse()) - before;
}

// The fonts are open and the code is compiled.
for (let i = 0; i < 20; i++) await renderDocument(invoice(i, 5));
const growth: HeapGrowth = [];
for (let block = 0; block < blocks; block++) growth.push(await growthOver(block));
await finish(growth);
