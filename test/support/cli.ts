import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** The one-machine stack as a person starts it: a process of its own. */
export type StackProcess = {
  child: ChildProcess;
  /** Address from the ready line. */
  url: string;
  output(): string;
  /** Sends the signal and waits for the end. @returns the exit code, or null when the signal itself ended it */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

function run(args: string[]) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "packages/local/src/cli.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORT: undefined },
  });
  // A test that ran out of time must not leave its stack behind.
  const end = () => void child.kill("SIGTERM");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}

/** Starts the stack and waits for its ready line. @throws with its output when it ends before that */
export async function startCli(...args: string[]): Promise<StackProcess> {
  const child = run(args);
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const ready = /^ready (http:\/\/127\.0\.0\.1:\d+)$/m.exec(output)?.[1];
      if (ready) resolve(ready);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready:\n${output}`)));
  });
  return {
    child,
    url,
    output: () => output,
    async end(signal) {
      const exit = once(child, "exit");
      child.kill(signal);
      const [code] = await exit;
      return code as number | null;
    },
  };
}

/** Runs the command line to its end. */
export async function runCli(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = run(args);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = await once(child, "close");
  return { code: code as number | null, out, err };
}
