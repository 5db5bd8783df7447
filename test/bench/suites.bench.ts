import { execFile } from "node:child_process";
import type { Group } from "./harness/group.ts";
import { exactly, spreadOf } from "./harness/stats.ts";

const SECOND = 1000;

/** How long whoever changed a pure function waits. */
export const unitSuite: Group = {
  name: "unit",
  rows: [{ id: "unit.time", title: "npm run test:unit", unit: "s", judged: "value", target: 10 }],
  async measure({ quick, progress }) {
    const samples: number[] = [];
    for (let run = 0; run < (quick ? 1 : 3); run++) {
      progress(`run ${run + 1}`);
      samples.push(await timeOf("run", "test:unit"));
    }
    return { "unit.time": { figure: spreadOf(samples) } };
  },
};

/** How long whoever changed anything waits. */
export const wholeSuite: Group = {
  name: "suite",
  onRequest: true,
  rows: [{ id: "suite.time", title: "npm test", unit: "s", judged: "value", target: 300 }],
  async measure({ progress }) {
    progress("all tests");
    return { "suite.time": { figure: exactly(await timeOf("test")) } };
  },
};

/** @returns seconds @throws Error when a test failed: what stops early is no measure */
function timeOf(...script: string[]): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    execFile("npm", script, { maxBuffer: 100_000_000 }, (error, out) => {
      if (error) reject(new Error(`npm ${script.join(" ")} failed:\n${out.slice(-2000)}`));
      else resolve((performance.now() - startedAt) / SECOND);
    });
  });
}
