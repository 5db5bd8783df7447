import type { Command } from "commander";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { confirmChange, type Io } from "./io.ts";
import type { Result } from "./output.ts";
import { openTarget } from "./target/open.ts";
import type { Target } from "./target/target.ts";

/** Options that every command has. */
export type SharedOptions = { stage: string; state: string; json?: boolean; dryRun?: boolean; yes?: boolean };

export type Session = { io: Io; exit: (code: ExitCode) => void };

type Spec<Options> = {
  /** Name and arguments, e.g. `show <order>`. */
  usage: string;
  description: string;
  examples: string[];
  options?: (command: Command) => Command;
  /** What the command changes, given its arguments; commands that change nothing have none. */
  changes?: { what: (args: string[], options: Options) => string; irreversible?: boolean };
  run: (target: Target, args: string[], options: Options & SharedOptions, io: Io) => Promise<Result>;
};

/** Adds a command that works on a target: shared options, examples, confirmation, output and exit code are the same for all. */
export function addCommand<Options = unknown>(parent: Command, session: Session, spec: Spec<Options>): void {
  const { usage, description, examples, options = (command: Command) => command, changes, run } = spec;
  const command = options(parent.command(usage).description(description))
    .option("--stage <name>", "the deployment to work on", "local")
    .option("--state <folder>", "where the local stack keeps its data", session.io.env.BBWS_STATE ?? ".local");
  if (changes) command.option("--dry-run", "tell what would be done, change nothing").option("--yes", "do not ask (never on prod)");
  command
    .option("--json", "print JSON for scripts")
    .addHelpText("after", `\nExamples:\n${examples.map((line) => `  npm run ops -- ${line}`).join("\n")}`);
  command.action(async () => {
    const given = command.opts<Options & SharedOptions>();
    const target = await openTarget(given);
    try {
      if (changes && !given.dryRun) {
        await confirmChange(session.io, {
          stage: target.stage,
          guarded: target.guarded,
          irreversible: changes.irreversible,
          yes: given.yes,
          what: changes.what(command.args, given),
        });
      }
      // A bar and JSON for a script do not go together.
      const io = { ...session.io, quiet: given.json };
      print(session, await run(target, command.args, given, io), given.json ?? false);
    } finally {
      target.close();
    }
  });
}

/** Prints a result as it was asked for and notes its exit code. */
export function print({ io, exit }: Session, { data, text, exitCode: code = exitCode.ok }: Result, json: boolean): void {
  io.stdout.write(json ? `${JSON.stringify(data, undefined, 2)}\n` : `${text}\n`);
  exit(code);
}
