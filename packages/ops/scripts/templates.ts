/**
 * `npm run templates -- <command>`: the operators' `templates` commands. Only what publishes this checkout's templates renders them
 * first: a component that does not compile must not stand in the way of a rollback.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");
const words = process.argv.slice(2);
if (words[0] === "publish" && !words.some((word) => /^--(set|help)\b/.test(word))) run("npm", ["run", "--silent", "templates:build"]);
run(process.execPath, ["--disable-warning=ExperimentalWarning", path.join(root, "packages/ops/src/cli.ts"), "templates", ...words]);

/** Runs a command with this process's terminal, and ends as it does where it fails. */
function run(command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
