/** What a set of samples says: its middle, and how far half of it lies apart. */
export type Spread = { p25: number; p50: number; p75: number; samples: number };

/** Linear between the two nearest samples. @param share 0 to 1 */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new Error("no samples");
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

export function quantiles<const Share extends number>(samples: readonly number[], shares: readonly Share[]): Record<Share, number> {
  const sorted = [...samples].sort((a, b) => a - b);
  return Object.fromEntries(shares.map((share) => [share, quantile(sorted, share)])) as Record<Share, number>;
}

export function spreadOf(samples: readonly number[]): Spread {
  const { 0.25: p25, 0.5: p50, 0.75: p75 } = quantiles(samples, [0.25, 0.5, 0.75]);
  return { p25, p50, p75, samples: samples.length };
}

/** A figure that does not vary: a size, a count. */
export const exactly = (value: number): Spread => ({ p25: value, p50: value, p75: value, samples: 1 });

/** Samples in ms as microseconds. */
export const microseconds = (samples: readonly number[]) => samples.map((ms) => ms * 1000);
