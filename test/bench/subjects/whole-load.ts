/** Many orders through a stack in a process of its own, as `npm start` runs it. */
import { runLoad } from "@bbws/ops/load/load.ts";
import { startCli } from "../../support/cli.ts";
import { check } from "./watched-stack.ts";

const CONCURRENCY = 32;

/** @returns orders a second, from the first create to the last mail, once for each round */
export async function wholeLoad({ orders, rounds }: { orders: number; rounds: number }): Promise<number[]> {
  const stack = await startCli("--fresh", "--port", "0");
  try {
    // Every environment has started and been used before it counts.
    check((await runLoad({ url: stack.url, orders: 3 * CONCURRENCY, concurrency: CONCURRENCY, follow: 0 })).report);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { report } = await runLoad({ url: stack.url, orders, concurrency: CONCURRENCY, follow: 0 });
      check(report);
      rates.push(report.rate.mailed!);
    }
    return rates;
  } finally {
    await stack.end("SIGTERM");
  }
}
