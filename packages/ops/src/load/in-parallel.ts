/**
 * Runs `work` for 0 to count - 1, so many at a time. After a failure nothing more is begun; what was begun is waited for.
 * @throws the first failure
 */
export async function inParallel(count: number, concurrency: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    while (next < count && !failure) {
      next += 1;
      await work(next - 1).catch((error: unknown) => {
        failure ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker));
  if (failure) throw failure.error;
}
