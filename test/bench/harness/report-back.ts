import type { FromSubject } from "./subject.ts";

/** The subject's side of `runSubject`. */

const send = (message: FromSubject) => new Promise<void>((resolve) => process.send!(message, () => resolve()));

export const progress = (text: string) => void send({ progress: text });

/** Hands the figures over and ends the process, whatever still waits in it. */
export async function finish(result: unknown): Promise<never> {
  await send({ result });
  process.exit(0);
}
