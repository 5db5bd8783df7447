import { PassThrough } from "node:stream";
import type { Stack } from "@bbws/local/stack.ts";
import { run } from "@bbws/ops/program.ts";
import { eventually } from "./eventually.ts";
import { queuesOf } from "./stack.ts";

export type OpsAnswer = { code: number; out: string; err: string };

/** The operators' command line as a script sees it: no terminal, and the stack's folder as its state. */
export async function ops({ folder }: Pick<Stack, "folder">, ...argv: string[]): Promise<OpsAnswer> {
  const collect = () => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return { stream, text: () => Buffer.concat(chunks).toString() };
  };
  const out = collect();
  const err = collect();
  const code = await run(argv, { stdin: new PassThrough(), stdout: out.stream, stderr: err.stream, env: { BBWS_STATE: folder } });
  return { code, out: out.text(), err: err.text() };
}

/** The same with `--json`. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asserts out of any command's JSON.
export async function opsJson(stack: Pick<Stack, "folder">, ...argv: string[]): Promise<{ code: number; data: any }> {
  const { code, out, err } = await ops(stack, ...argv, "--json");
  if (out === "") throw new Error(`ops ${argv.join(" ")} answered nothing: ${err}`);
  return { code, data: JSON.parse(out) };
}

/** Waits until an order lacks nothing. @returns what `order show` says of it */
export const untilWhole = (stack: Pick<Stack, "folder">, orderId: string) =>
  eventually(async () => {
    const { code, data } = await opsJson(stack, "order", "show", orderId);
    return code === 0 ? data : undefined;
  });

/** Waits until no work queue holds or handles a message. */
export function quiet(stack: Pick<Stack, "url">): Promise<true> {
  return eventually(async () => {
    const queues = Object.values(await queuesOf(stack));
    return queues.every(({ depth, inFlight }) => depth === 0 && inFlight === 0) || undefined;
  });
}
