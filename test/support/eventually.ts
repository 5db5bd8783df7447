const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 200;

/**
 * Asks again until there is an answer, at first quickly, then five times a second: who asks all the time takes the processor
 * from what it waits for.
 * @throws after `timeoutMs`, with the last error if there was one
 */
export async function eventually<Result>(ask: () => Promise<Result | undefined> | Result | undefined, timeoutMs = 60_000): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  let pause = FIRST_PAUSE_MS;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const result = await ask();
      if (result !== undefined) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
  throw new Error(`nothing within ${timeoutMs} ms`, { cause: last });
}
