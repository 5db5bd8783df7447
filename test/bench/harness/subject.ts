/** What is measured runs in a process of its own: built as a function is built, nothing else in its heap. */
import { fork } from "node:child_process";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleModule, repositoryRoot } from "@bbws/local/bundle.ts";

/** Bundles are kept from run to run: what has not changed is not built again. */
export const BENCH_BUILD = join(repositoryRoot, ".build", "bench");

export type FromSubject = { progress: string } | { result: unknown };

/** Builds a file of `subjects/` the way a function is built. @returns the bundle */
export async function buildSubject(file: string): Promise<string> {
  const entry = fileURLToPath(new URL(`../subjects/${file}`, import.meta.url));
  return (await bundleModule(entry, join(BENCH_BUILD, basename(file).replace(/\.tsx?$/, "")))).file;
}

type Options = {
  progress?(text: string): void;
  args?: string[];
  execArgv?: string[];
  env?: Record<string, string>;
  /** Sent to the subject once it runs. */
  input?: unknown;
};

/** Runs a built subject to its end. @returns what it hands to `finish` */
export async function runSubject<Result>(file: string, options: Options = {}): Promise<Result> {
  const { progress, args = [], execArgv = [], env = {}, input } = options;
  const child = fork(file, args, {
    execArgv,
    // Functions log a line per call, and writing it is part of what they do; nobody reads it here.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { PATH: process.env.PATH, NODE_ENV: "production", TZ: "UTC", AWS_EC2_METADATA_DISABLED: "true", ...env },
    serialization: "advanced",
  });
  if (input !== undefined) child.send(input as never);
  return new Promise((resolve, reject) => {
    let result: { value: Result } | undefined;
    child.on("message", (message: FromSubject) => {
      if ("progress" in message) progress?.(message.progress);
      else result = { value: message.result as Result };
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (result) resolve(result.value);
      else reject(new Error(`${basename(file)} ended with ${code} and measured nothing`));
    });
  });
}
