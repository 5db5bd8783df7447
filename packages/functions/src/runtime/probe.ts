/**
 * A seam for the one-machine stack and the fault tests: they may watch every call this function makes, fail it before
 * or after it takes effect, or end the process there. Nothing sets it in a deployed function.
 */

export type ProbeCall = { service: "dynamodb" | "sqs" | "s3" | "ses" | "catalogue"; action: string; input: unknown };
export type Probe = {
  before(call: ProbeCall): void | Promise<void>;
  after(call: ProbeCall, result: unknown): void | Promise<void>;
  failed?(call: ProbeCall): void;
};

const probe = (globalThis as { [key: symbol]: Probe | undefined })[Symbol.for("bbws-order.probe")];

/** Runs one outgoing call under the probe; without a probe it is the call itself. */
export function probed<Result>(call: ProbeCall, run: () => Promise<Result>): Promise<Result> {
  return probe ? runProbed(probe, call, run) : run();
}

async function runProbed<Result>({ before, after, failed }: Probe, call: ProbeCall, run: () => Promise<Result>): Promise<Result> {
  await before(call);
  const result = await run().catch((error: unknown) => {
    failed?.(call);
    throw error;
  });
  await after(call, result);
  return result;
}
