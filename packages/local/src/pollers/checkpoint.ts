/** How far a reader has come in each shard, one file per reader and shard, written after the work is done. */
import { mkdirSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type Checkpoint = { sequenceNumber?: string; closed?: boolean };

export type Checkpoints = {
  read(shardId: string): Checkpoint;
  /** Whole or not at all, whenever the process is killed. */
  write(shardId: string, checkpoint: Checkpoint): Promise<void>;
};

export function openCheckpoints(stateDir: string, reader: string): Checkpoints {
  const folder = join(stateDir, "checkpoints", reader);
  mkdirSync(folder, { recursive: true });
  const fileOf = (shardId: string) => join(folder, `${shardId}.json`);
  return {
    read(shardId) {
      try {
        return JSON.parse(readFileSync(fileOf(shardId), "utf8")) as Checkpoint;
      } catch {
        return {};
      }
    },
    async write(shardId, checkpoint) {
      const next = `${fileOf(shardId)}.next`;
      await writeFile(next, JSON.stringify(checkpoint));
      // A file system may first write the new content to its disk: milliseconds in which the gateway must not stand still.
      await rename(next, fileOf(shardId));
    },
  };
}
