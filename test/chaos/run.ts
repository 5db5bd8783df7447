/** `npm run test:chaos`: hands its options to the suite. */
import { spawnSync } from "node:child_process";
import { optionsOf } from "../../infra/cli/options.ts";

const HELP = `npm run test:chaos -- [options]

Breaks the system in every way it knows and checks that nothing was lost, doubled or left out of a series.

  --seed N      seed of the random run (default 1); a failing run prints its own
  --orders M    orders of each random run (default 30; with --long 200)
  --seeds K     random runs, with the seeds from N on (default 1; with --long 20)
  --points      death and failure at every AWS call of every function, one by one and in batches, and nothing else
  --numbers M   M orders and payments through five concurrent functions, and nothing else
                (without it 100 of them; with --long 5000)
  --long        everything at its full length, the points included
  --help        this text

  --seed and --orders alone repeat one random run and nothing else.`;

const whole = ["seed", "orders", "seeds", "numbers"] as const;

const { seed, orders, seeds, numbers, points, long } = optionsOf(
  HELP,
  {
    seed: { type: "string" },
    orders: { type: "string" },
    seeds: { type: "string" },
    numbers: { type: "string" },
    points: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
  },
  (values) => {
    const wrong = whole.find((name) => values[name] !== undefined && !/^[1-9]\d*$/.test(values[name]));
    if (wrong) throw new Error(`--${wrong} must be a whole number from 1, not "${values[wrong]}"`);
    return values;
  },
);

process.exitCode = run();

function run(): number {
  const isRandomOnly = (seed ?? orders ?? seeds) !== undefined && !points && !long && numbers === undefined;
  const files = [
    ...(isRandomOnly ? ["test/chaos/random.test.ts"] : []),
    ...(points && !long ? ["test/chaos/crash-points.test.ts", "test/chaos/joint-batches.test.ts"] : []),
    ...(numbers !== undefined && !long ? ["test/chaos/numbers.test.ts"] : []),
  ];
  const { status } = spawnSync("vitest", ["run", "--project", "chaos", "--silent=false", ...files], {
    stdio: "inherit",
    env: {
      ...process.env,
      CHAOS_SEED: seed ?? "1",
      CHAOS_ORDERS: orders ?? (long ? "200" : "30"),
      CHAOS_SEEDS: seeds ?? (long ? "20" : "1"),
      CHAOS_NUMBERS: numbers ?? (long ? "5000" : "100"),
      ...((points || long) && { CRASH_POINTS: "1" }),
    },
  });
  return status ?? 1;
}
