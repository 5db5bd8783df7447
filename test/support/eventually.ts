/** Asks again every 25 ms until there is an answer. @throws after `timeoutMs`, with the last error if there was one. */
export async function eventually<Result>(ask: () => Promise<Result | undefined> | Result | undefined, timeoutMs = 60_000): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const result = await ask();
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing within ${timeoutMs} ms`, { cause: last });
}
