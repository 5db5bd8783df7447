import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const seconds = (count: number) => count * 1000;

/** One project per folder of `test/`: its limits, and its turn. Projects of one turn share the workers; the next turn waits for them. */
const folders = {
  unit: { turn: 1, test: seconds(20), hook: seconds(30) },
  integration: { turn: 2, test: seconds(60), hook: seconds(120) },
  infra: { turn: 2, test: seconds(60), hook: seconds(180) },
  bundle: { turn: 2, test: seconds(60), hook: seconds(120) },
  contract: { turn: 2, test: seconds(180), hook: seconds(120) },
  chaos: { turn: 3, test: seconds(150), hook: seconds(120) },
  e2e: { turn: 3, test: seconds(60), hook: seconds(120) },
};

/** The repositories' own tests, which run once more on what stands in for ElectroDB in built functions. */
const repositoryTests = ["idempotency", "ledger", "list", "payments", "record", "tenants"].map(
  (name) => `test/integration/${name}.test.ts`,
);

/** A folder's `global-setup.ts`, where it has one, runs once before its tests. */
function globalSetupOf(folder: string): string[] {
  const file = `test/${folder}/global-setup.ts`;
  return existsSync(file) ? [file] : [];
}

export default defineConfig({
  test: {
    pool: "forks",
    // Two workers, whatever the machine: the limits above and the emulators' memory were measured with them.
    maxWorkers: 2,
    // The functions log a JSON line per call; it matters only where something failed.
    silent: "passed-only",
    reporters: ["default", "./test/support/plain-summary.ts"],
    env: {
      NODE_ENV: "test",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_REGION: "af-south-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    },
    projects: [
      ...Object.entries(folders).map(([name, { turn, test, hook }]) => ({
        extends: true as const,
        test: {
          name,
          // The unit tests share nothing but pure functions: a fresh process per file would take twice their time.
          isolate: name !== "unit",
          include: [`test/${name}/**/*.test.{ts,tsx}`],
          // Minutes on two cores: `npm run test:chaos -- --points` asks for it.
          exclude: process.env.CRASH_POINTS ? [] : ["crash-points", "joint-batches"].map((test) => `test/chaos/${test}.test.ts`),
          globalSetup: globalSetupOf(name),
          testTimeout: test,
          hookTimeout: hook,
          sequence: { groupOrder: turn },
        },
      })),
      {
        extends: true as const,
        resolve: { alias: { electrodb: fileURLToPath(new URL("packages/functions/src/runtime/stubs/electrodb.ts", import.meta.url)) } },
        test: {
          name: "stand-in",
          include: repositoryTests,
          globalSetup: globalSetupOf("integration"),
          testTimeout: folders.integration.test,
          hookTimeout: folders.integration.hook,
          sequence: { groupOrder: folders.integration.turn },
        },
      },
    ],
    coverage: {
      provider: "v8",
      reportOnFailure: true,
      reportsDirectory: "coverage",
      reporter: ["text", "html", "json-summary", "lcovonly"],
      include: ["packages/core/src/**/*.{ts,tsx}", "packages/functions/src/**/*.ts"],
      // Replacements of what the bundles never call; they exist in built functions only, where test/bundle runs them.
      exclude: ["packages/functions/src/runtime/stubs/**"],
      thresholds: {
        lines: 90,
        branches: 90,
        "packages/core/src/order/{pricing,status,numbering}.ts": { 100: true },
      },
    },
  },
});
