/** Who a process id belongs to right now, so that a recycled id is never taken for the process that wrote it down. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** True while a process with this id exists (a zombie that its parent has not collected yet does not count). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return stateOf(pid) !== "Z";
}

/** The moment the process started, in whatever form this system tells it; undefined when there is no such process. */
export function startOf(pid: number): string | undefined {
  const fields = statOf(pid);
  if (fields) return fields[19];
  return ps(pid, "lstart=");
}

/** The whole command line of a process; empty when there is none. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ps(pid, "args=") ?? "";
  }
}

function stateOf(pid: number): string | undefined {
  return statOf(pid)?.[0] ?? ps(pid, "state=")?.slice(0, 1);
}

/** Fields of /proc/{pid}/stat after the command name, which may itself hold spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return (
      execFileSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}

/** Ends a process that is not our child: asks, and after `graceMs` insists. */
export async function endProcess(pid: number, graceMs = 2000): Promise<void> {
  signal(pid, "SIGTERM");
  if (await isGone(pid, graceMs)) return;
  signal(pid, "SIGKILL");
  await isGone(pid, 2000);
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch {
    // gone already
  }
}
