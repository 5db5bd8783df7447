/** How a set of durations is spread, in ms. */
export type Distribution = { count: number; p50: number; p95: number; p99: number; most: number };

export function distributionOf(samples: readonly number[]): Distribution | undefined {
  if (samples.length === 0) return undefined;
  const sorted = [...samples].sort((a, b) => a - b);
  // The nearest rank: a duration that was measured, never one between two.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) };
}

export type Bar = { from: number; to: number; count: number };

/** Bars of equal width from the least to the most. */
export function barsOf(samples: readonly number[], bars: number): Bar[] {
  if (samples.length === 0) return [];
  const least = samples.reduce((a, b) => Math.min(a, b));
  const most = samples.reduce((a, b) => Math.max(a, b));
  const width = (most - least) / bars || 1;
  const counts = Array.from({ length: bars }, () => 0);
  for (const sample of samples) counts[Math.min(bars - 1, Math.floor((sample - least) / width))]! += 1;
  return counts.map((count, i) => ({ from: least + i * width, to: least + (i + 1) * width, count }));
}
