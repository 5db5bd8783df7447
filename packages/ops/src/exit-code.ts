/** Exit codes that scripts can rely on. */
export const exitCode = {
  /** Done, or nothing to do. */
  ok: 0,
  /** It did not work. */
  failed: 1,
  /** The command line is wrong, or a confirmation is missing: nothing was touched. */
  usage: 2,
  /** It worked, and found something that wants doing: dead letters, gaps, a sum that does not tie out. */
  notClean: 3,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Something the operator can put right: printed as one line, without a stack. */
export class OpsError extends Error {
  override readonly name = "OpsError";
  readonly exitCode: ExitCode;
  constructor(message: string, code: ExitCode = exitCode.failed) {
    super(message);
    this.exitCode = code;
  }
}

export const usageError = (message: string) => new OpsError(message, exitCode.usage);
