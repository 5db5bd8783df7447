/** What the stack occupies: this process with all its threads, and what it started. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type MemoryReport = {
  /** Resident bytes of the process and its descendants. */
  bytes: number;
  /** This process alone: gateway, pollers, functions, queues, buckets, mail. */
  own: number;
};

export async function memory(): Promise<MemoryReport> {
  const { stdout } = await promisify(execFile)("ps", ["-axo", "pid=,ppid=,rss="]);
  return { bytes: residentBytes(stdout, process.pid), own: process.memoryUsage.rss() };
}

/** @param processes lines of process id, parent's id and resident KiB */
export function residentBytes(processes: string, root: number): number {
  const rows = processes
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const family = new Set([root]);
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const [pid, parent] of rows) if (family.has(parent)) family.add(pid);
  }
  return rows.reduce((sum, [pid, , kib]) => sum + (family.has(pid) ? kib * 1024 : 0), 0);
}
