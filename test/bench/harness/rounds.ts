/** Contestants that take turns: whatever the machine does meanwhile, it does to all of them. */
export type Contestant = {
  name: string;
  /** @param i counts up over all its runs, so that it can vary its input */
  run(i: number): unknown;
};

export type Turns = {
  rounds: number;
  /** Runs in a row that make one sample, for what is too short to time alone. */
  perSample?: number;
  /** Rounds that are not counted. */
  warmUp?: number;
  onRound?(done: number, of: number): void;
};

/** @returns ms per run, one sample for each round, by contestant */
export async function takeTurns(contestants: readonly Contestant[], turns: Turns): Promise<Record<string, number[]>> {
  const { rounds, perSample = 1, warmUp = Math.ceil(rounds / 5), onRound } = turns;
  const samples: Record<string, number[]> = Object.fromEntries(contestants.map(({ name }) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    const first = (round + warmUp) * perSample;
    const order = orderOf(contestants, round + warmUp);
    for (const { name, run } of order) {
      const startedAt = performance.now();
      for (let i = first; i < first + perSample; i++) {
        const result = run(i);
        if (result instanceof Promise) await result;
      }
      const ms = (performance.now() - startedAt) / perSample;
      if (round >= 0) samples[name]!.push(ms);
      await macrotask();
    }
    onRound?.(round + warmUp + 1, rounds + warmUp);
  }
  return samples;
}

/**
 * A design balanced for carry-over (E. J. Williams, 1949): over the rounds everybody runs as often behind each of the others,
 * and their garbage.
 */
export function orderOf<One>(all: readonly One[], round: number): One[] {
  const zigzag = all.map((_, i) => (i % 2 === 0 ? all.length - i / 2 : (i + 1) / 2));
  const order = zigzag.map((place) => all[(place + round) % all.length]!);
  return Math.floor(round / all.length) % 2 === 0 ? order : order.reverse();
}

export const macrotask = () => new Promise<void>((resolve) => setImmediate(resolve));
