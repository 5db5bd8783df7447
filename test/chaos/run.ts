/** `npm run test:chaos -- [--seed N] [--orders M] [--seeds K] [--long]`: hands its options to the suite. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    orders: { type: "string" },
    seeds: { type: "string" },
    long: { type: "boolean", default: false },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (typeof value === "string" && !/^[1-9]\d*$/.test(value)) {
    console.error(`--${name} must be a whole number from 1, not "${value}"`);
    process.exit(1);
  }
}
const { status } = spawnSync("npx", ["vitest", "run", "--project", "chaos", "--silent=false"], {
  stdio: "inherit",
  env: {
    ...process.env,
    CHAOS_SEED: values.seed,
    CHAOS_ORDERS: values.orders ?? (values.long ? "200" : "30"),
    CHAOS_SEEDS: values.seeds ?? (values.long ? "20" : "1"),
    ...(values.long && { CHAOS_LONG: "1" }),
  },
});
process.exit(status ?? 1);
