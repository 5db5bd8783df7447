import type { Readable, Writable } from "node:stream";
import { isCancel, progress, text } from "@clack/prompts";
import { usageError } from "./exit-code.ts";

/** The terminal, or what stands for it in a script or a test. */
export type Io = {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
  env: Record<string, string | undefined>;
  /** No bars. */
  quiet?: boolean;
};

export type Progress = { advance(count: number): void; done(summary: string): void };

const silent: Progress = { advance: () => undefined, done: () => undefined };

/** A bar on the terminal; silent where nobody watches. @param total how much there is to do, as far as anybody knows */
export function startProgress({ stderr, quiet = false }: Io, label: string, total: number): Progress {
  if (!stderr.isTTY || quiet) return silent;
  const bar = progress({ max: Math.max(1, total), output: stderr, style: "light" });
  bar.start(label);
  return { advance: (count) => bar.advance(count), done: (summary) => bar.stop(summary) };
}

type Confirmation = {
  stage: string;
  /** Production: no flag replaces the typed name. */
  guarded: boolean;
  /** Asked on every stage, because it cannot be undone. */
  irreversible?: boolean;
  yes?: boolean;
  /** What is about to happen. */
  what: string;
};

/**
 * Lets a change through, or asks for the stage's name to be typed first.
 * @throws OpsError (usage) when nobody can be asked, or the name is not the stage's.
 */
export async function confirmChange(io: Io, { stage, guarded, irreversible = false, yes = false, what }: Confirmation): Promise<void> {
  if (guarded && yes) throw usageError(`--yes is not for ${stage}: run it on a terminal and type the stage's name`);
  if (!guarded && (yes || !irreversible)) return;
  // A pipeline's approvals stand for the typed name, but never for what cannot be undone.
  if (guarded && !irreversible && io.env.OPS_APPROVED_STAGE === stage) return;
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    throw usageError(`${what}: this asks first, and nobody is there to answer${guarded ? "" : " (--yes answers)"}`);
  }
  const answer = await text({
    message: `${what}. Type ${stage} to go on`,
    input: io.stdin,
    output: io.stderr,
    validate: (value) => (value === stage || !value ? undefined : `That is not ${stage}. An empty line stops.`),
  });
  if (isCancel(answer) || answer !== stage) throw usageError("not confirmed: nothing was changed");
}
