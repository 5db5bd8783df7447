/** Something the person who started the stack can put right: printed as one line, without a stack. */
export class StartError extends Error {
  override readonly name = "StartError";
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
