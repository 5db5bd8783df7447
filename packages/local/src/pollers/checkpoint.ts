/** How far a reader has come in each shard, one file per reader and shard, written after the work is done. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Checkpoint = { sequenceNumber?: string; closed?: boolean };

export type Checkpoints = {
  read(shardId: string): Checkpoint;
  write(shardId: string, checkpoint: Checkpoint): void;
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
    write(shardId, checkpoint) {
      const next = `${fileOf(shardId)}.next`;
      writeFileSync(next, JSON.stringify(checkpoint));
      renameSync(next, fileOf(shardId));
    },
  };
}
