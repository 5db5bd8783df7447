/** Waits between attempts: full jitter under an exponentially growing ceiling, in ms (AWS Architecture Blog, "Exponential Backoff And Jitter"). */
export function backoffMs(
  attempt: number,
  { baseMs, capMs, random = Math.random }: { baseMs: number; capMs: number; random?: () => number },
): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** attempt));
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What some work gives within `ms`; undefined when it fails or takes longer. */
export async function ifSoon<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise: timeUp, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  try {
    return await Promise.race([work.catch(() => undefined), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
