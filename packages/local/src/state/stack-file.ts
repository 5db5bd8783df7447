/** `stack.json`: how other programs on this machine reach the stack that runs on a state folder. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "../stack.ts";

export type StackFacts = Pick<Stack, "url" | "folder" | "endpoints" | "table" | "region" | "credentials" | "queueUrls" | "buckets">;

const fileOf = (folder: string) => join(folder, "stack.json");

export function writeStackFile({ url, folder, endpoints, table, region, credentials, queueUrls, buckets }: StackFacts): void {
  const facts: StackFacts = { url, folder, endpoints, table, region, credentials, queueUrls, buckets };
  writeFileSync(fileOf(folder), `${JSON.stringify(facts, undefined, 2)}\n`);
}

export function removeStackFile(folder: string): void {
  rmSync(fileOf(folder), { force: true });
}

/** The stack that runs on a folder; undefined when none does (a killed one leaves its facts behind: nobody answers there). */
export function readStackFile(folder: string): StackFacts | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(folder), "utf8")) as StackFacts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
