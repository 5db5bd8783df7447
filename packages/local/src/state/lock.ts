/** One stack per state folder: `lock.json` names its owner and the processes the owner started. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../errors.ts";
import { commandOf, endProcess, isAlive, startOf } from "./process-identity.ts";

type Owner = { pid: number; startedAt: string | undefined; url?: string; children: number[] };

export type Lock = {
  /** Writes down a process that must not outlive this stack. */
  addChild(pid: number): void;
  setUrl(url: string): void;
  release(): void;
};

const fileOf = (stateDir: string) => join(stateDir, "lock.json");

/**
 * Takes the folder for this process. The left-over lock of a killed stack is taken over and the processes that stack
 * left running are ended first, because they hold the database files open.
 * @throws StartError when another living stack holds the folder
 */
export async function takeLock(stateDir: string): Promise<Lock> {
  mkdirSync(stateDir, { recursive: true });
  const me: Owner = { pid: process.pid, startedAt: startOf(process.pid), children: [] };
  while (!createExclusively(fileOf(stateDir), JSON.stringify(me))) {
    const owner = readOwner(stateDir);
    if (owner && holds(owner)) {
      const where = owner.url ? ` at ${owner.url}` : "";
      throw new StartError(
        `a stack is already running on ${stateDir}${where} (process ${owner.pid}): stop it, or use --fresh or --state DIR`,
      );
    }
    await endOrphans(stateDir);
    rmSync(fileOf(stateDir), { force: true });
  }
  const save = () => {
    const next = `${fileOf(stateDir)}.next`;
    writeFileSync(next, JSON.stringify(me));
    renameSync(next, fileOf(stateDir));
  };
  return {
    addChild(pid) {
      me.children.push(pid);
      save();
    },
    setUrl(url) {
      me.url = url;
      save();
    },
    release() {
      if (readOwner(stateDir)?.pid === process.pid) rmSync(fileOf(stateDir), { force: true });
    },
  };
}

/**
 * Ends what a stack that no longer lives left running on this folder.
 * @returns whether there was such a stack
 */
export async function endOrphans(stateDir: string): Promise<boolean> {
  const owner = readOwner(stateDir);
  if (!owner || holds(owner)) return false;
  // The folder in the command line proves that the id was not given to somebody else since.
  const orphans = owner.children.filter((pid) => isAlive(pid) && commandOf(pid).includes(stateDir));
  await Promise.all(orphans.map((pid) => endProcess(pid)));
  return true;
}

/** True while the process that wrote the lock still runs. */
function holds(owner: Owner): boolean {
  return isAlive(owner.pid) && startOf(owner.pid) === owner.startedAt;
}

function readOwner(stateDir: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(stateDir), "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

function createExclusively(file: string, content: string): boolean {
  try {
    const descriptor = openSync(file, "wx");
    writeSync(descriptor, content);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
