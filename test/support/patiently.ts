/** Repeats what a contended counter refuses with TRY_AGAIN, as every real caller does. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: string }).code !== "TRY_AGAIN") throw error;
    }
  }
}
