import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** A copy of the checkout in which a test may change files and run scripts. */
export type Checkout = {
  folder: string;
  /** Runs a script to its end. @returns what it printed @throws with what it printed when it fails */
  run(...script: string[]): Promise<string>;
  /** Starts a script that goes on until `remove`. */
  start(...script: string[]): void;
  /** Ends what still runs and deletes the copy. */
  remove(): Promise<void>;
};

/** @param env what its scripts find in their environment besides this process's own */
export function copyCheckout(env: Record<string, string>): Checkout {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  for (const part of ["package.json", "tsconfig.json", "emails", "infra", "packages"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true, verbatimSymlinks: true });
  }
  // Packages are shared; our own, which lie among them as relative links, must lead into the copy.
  mkdirSync(join(folder, "node_modules"));
  for (const entry of readdirSync(join(root, "node_modules"))) {
    const original = join(root, "node_modules", entry);
    const copy = join(folder, "node_modules", entry);
    if (entry === "@bbws") cpSync(original, copy, { recursive: true, verbatimSymlinks: true });
    else symlinkSync(original, copy);
  }

  // The tests' own setting would make the preview build for tests.
  const { NODE_ENV: _, ...inherited } = process.env;
  const running = new Set<ChildProcess>();
  const npm = (script: string[], output: "pipe" | "ignore") => {
    // A group of its own: npm does not hand signals on to all that its scripts start.
    const options = { cwd: folder, env: { ...inherited, ...env }, detached: true };
    const child = spawn("npm", ["run", ...script], { ...options, stdio: ["ignore", output, output] });
    running.add(child);
    // A test that ran out of time must not leave it behind.
    const end = () => void process.kill(-child.pid!, "SIGTERM");
    process.once("exit", end);
    child.once("exit", () => {
      running.delete(child);
      process.off("exit", end);
    });
    return child;
  };
  return {
    folder,
    async run(...script) {
      const child = npm(script, "pipe");
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (chunk: Buffer) => {
          printed += chunk.toString();
        });
      }
      const [code] = await once(child, "close");
      if (code !== 0) throw new Error(`npm run ${script.join(" ")} ended with ${code}:\n${printed}`);
      return printed;
    },
    start: (...script) => void npm(script, "ignore"),
    async remove() {
      await Promise.all(
        [...running].map(async (child) => {
          const ended = once(child, "exit");
          process.kill(-child.pid!, "SIGTERM");
          await ended;
        }),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
