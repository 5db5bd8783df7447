/** Resident bytes at a time, ms since the watch began. */
export type MemorySample = { ms: number; bytes: number };

export type MemoryVerdict = {
  /** Bytes: at the start, the most, the medians of the second and of the last quarter of the time. */
  first: number;
  most: number;
  second: number;
  last: number;
  /** Last quarter over second quarter: 1 is flat. */
  growth: number;
  samples: MemorySample[];
};

/** ms between two looks: each starts a process on the machine that is being measured. */
const LOOK_MS = 2000;

export function watchMemory(ask: () => Promise<number>) {
  const startedAt = Date.now();
  const samples: MemorySample[] = [];
  let asking: Promise<void> = Promise.resolve();
  const look = () => {
    asking = ask()
      .then((bytes) => void samples.push({ ms: Date.now() - startedAt, bytes }))
      // A stack too busy to answer in time is asked again at the next look.
      .catch(() => undefined);
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return {
    async stop(): Promise<MemorySample[]> {
      clearInterval(timer);
      await asking;
      return samples;
    },
  };
}

/** What warm-up is over after: the first quarter of the time. */
export function memoryVerdict(samples: MemorySample[]): MemoryVerdict | undefined {
  if (samples.length === 0) return undefined;
  const bytes = samples.map((sample) => sample.bytes);
  const quarter = (n: number) =>
    median(bytes.slice(Math.floor((n * bytes.length) / 4), Math.max(1, Math.ceil(((n + 1) * bytes.length) / 4))));
  const [second, last] = [quarter(1), quarter(3)];
  return { first: bytes[0]!, most: bytes.reduce((a, b) => Math.max(a, b)), second, last, growth: last / second, samples };
}

/** How much more the last quarter may hold than the second: what the emulators keep of every order lies in it, too. */
const FLAT = 1.1;
/** Fewer looks say nothing about growth. */
const LEAST_SAMPLES = 60;

/** Whether the load was long enough. */
export const saysGrowth = ({ samples }: MemoryVerdict) => samples.length >= LEAST_SAMPLES;

/** What is wrong with it, if anything. */
export function memoryProblems(verdict: MemoryVerdict): string[] {
  if (!saysGrowth(verdict) || verdict.growth <= FLAT) return [];
  const grown = `${Math.round((verdict.growth - 1) * 100)} %`;
  return [
    `the stack's memory grew by ${grown} between the second and the last quarter of the time (started with --fresh it keeps every document and mail in memory)`,
  ];
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
