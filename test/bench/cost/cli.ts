/** `npm run cost`: what an order costs, how much of everything a rate of orders needs, and what stops it first. */
import { readFileSync, writeFileSync } from "node:fs";
import { optionsOf } from "../../../infra/cli/options.ts";
import { markdown, reportOf } from "./report.ts";
import { DOCUMENT, readWorkload, standing, WORKLOAD } from "./sources.ts";

const HELP = `npm run cost -- [options]

Computes the cost of 1 000 orders and of a month, the execution environments at 1, 10, 100 and 1 000 orders a second, and
the quotas that stop them, from the committed measurement and public list prices, and writes docs/cost.md.

  --measure    measures on a throw-away stack first, and keeps the measurement in test/bench/cost/workload.json
  --orders N   orders of the measurement (default 100)
  --json       prints JSON and writes nothing
  --help       this text`;

const values = optionsOf(
  HELP,
  {
    measure: { type: "boolean", default: false },
    orders: { type: "string", default: "100" },
    json: { type: "boolean", default: false },
  },
  ({ orders, ...rest }) => {
    if (!/^[1-9]\d{0,4}$/.test(orders)) throw new Error(`--orders must be a whole number from 1, not "${orders}"`);
    return { ...rest, orders: Number(orders) };
  },
);

await run(values.orders);

async function run(orders: number): Promise<void> {
  if (values.measure) {
    const { measure } = await import("./measure.ts");
    const workload = await measure(orders, (text) => process.stderr.isTTY && process.stderr.write(`\r\u001b[2K${text}`));
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
    writeFileSync(WORKLOAD, `${JSON.stringify(workload, undefined, 2)}\n`);
  }
  const workload = readWorkload();
  const report = reportOf(workload, standing());
  if (values.json) return console.log(JSON.stringify(report, undefined, 2));
  writeFileSync(DOCUMENT, markdown(report, workload));
  console.log(readFileSync(DOCUMENT, "utf8"));
}
