/** The folder a stack keeps its data in: the given one, or a throw-away one. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { endOrphans, type Lock, takeLock } from "./lock.ts";

const THROW_AWAY = "bbws-order-";

export type StateFolder = { path: string; lock: Lock; release(): void };

/**
 * Opens and locks the folder. A throw-away folder is deleted on release; those of killed stacks are swept here.
 * @throws StartError when another stack holds the folder
 */
export async function openFolder(options: { stateDir?: string; fresh?: boolean }): Promise<StateFolder> {
  if (options.stateDir && !options.fresh) {
    mkdirSync(options.stateDir, { recursive: true });
    const path = realpathSync(resolve(options.stateDir));
    const lock = await takeLock(path);
    return { path, lock, release: () => lock.release() };
  }
  await sweepThrowAways();
  const path = mkdtempSync(join(realpathSync(tmpdir()), THROW_AWAY));
  const lock = await takeLock(path);
  return {
    path,
    lock,
    release() {
      lock.release();
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function sweepThrowAways(): Promise<void> {
  const root = realpathSync(tmpdir());
  const folders = readdirSync(root)
    .filter((name) => name.startsWith(THROW_AWAY))
    .map((name) => join(root, name));
  await Promise.all(
    folders.map(async (folder) => {
      if (await endOrphans(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }),
  );
}
