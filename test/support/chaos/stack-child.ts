/** Starts the stack under random faults as a process, kills it, and starts it again where it was. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "@bbws/local/emulators/ports.ts";
import { readStackFile, type StackFacts } from "@bbws/local/state/stack-file.ts";
import { noteEverybodyDied } from "./mail-journal.ts";
import type { ChaosOptions, Mischief, Need } from "./stack-process.ts";

const program = fileURLToPath(new URL("./stack-process.ts", import.meta.url));

export type StackChild = {
  url: string;
  folder: string;
  journal: string;
  /** What was done so far, over all lives. */
  counts: { faults: number; repeated: number; dropped: number; restarts: number };
  /** The rights its functions' calls needed. */
  needed: ReadonlySet<string>;
  /** How to reach the present life's emulators. */
  facts(): StackFacts;
  /** As a power cut: nothing of the process gets another instruction. Then starts it again on the same port and folder. */
  killAndStart(): Promise<void>;
  stop(): Promise<void>;
};

/** @param timeScale divides visibility, back-off and lease times */
export async function startChild({ seed, timeScale }: Pick<ChaosOptions, "seed" | "timeScale">): Promise<StackChild> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "chaos-stack-")));
  const journal = join(folder, "senders.jsonl");
  const port = await freePort();
  const counts = { faults: 0, repeated: 0, dropped: 0, restarts: 0 };
  const needed = new Set<string>();
  const read = (line: string) => {
    if (!line.startsWith("{")) return;
    const told = JSON.parse(line) as Mischief | Need;
    switch (told.kind) {
      case "fault":
        counts.faults += 1;
        break;
      case "need":
        needed.add(told.right);
        break;
      case "messages":
        counts.repeated += told.repeated;
        counts.dropped += told.dropped;
    }
  };

  async function start() {
    // Another life, other faults.
    const options: ChaosOptions = { folder, port, journal, timeScale, seed: seed + 1000 * counts.restarts };
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TZ: "UTC" },
    });
    // A test that ran out of time must not leave its stack behind.
    const end = () => void child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line.startsWith("ready ")) resolve();
        else read(line);
      });
      child.once("exit", (code) => reject(new Error(`the stack ended with ${code} before it was ready`)));
    });
    return child;
  }

  let child = await start();
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    journal,
    counts,
    needed,
    facts: () => readStackFile(folder)!,
    async killAndStart() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      noteEverybodyDied(journal);
      counts.restarts += 1;
      child = await start();
    },
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
