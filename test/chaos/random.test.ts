import type { Sabotaged } from "@bbws/local/lambda/protocol.ts";
import { startStack } from "@bbws/local/stack.ts";
import { expect, it } from "vitest";
import { inspector } from "../support/chaos/inspector.ts";
import { client, journeys } from "../support/chaos/journey.ts";
import { randomOf } from "../support/chaos/random.ts";

/** Orders on every path at once while messages repeat, change places, are late or lost, and functions and services fail. */

const seed = Number(process.env.CHAOS_SEED ?? 1);
const orders = Number(process.env.CHAOS_ORDERS ?? 30);
const seeds = Array.from({ length: Number(process.env.CHAOS_SEEDS ?? 1) }, (_, i) => seed + i);

it.each(seeds)(
  "keeps every promise under the chaos of seed %d",
  async (current) => {
    const repeat = `npm run test:chaos -- --seed ${current} --orders ${orders}`;
    const random = randomOf(current);
    const fired: Sabotaged[] = [];
    let repeated = 0;
    let dropped = 0;
    const stack = await startStack({
      fresh: true,
      port: 0,
      quiet: true,
      timeScale: 30,
      sabotage() {
        if (!random.chance(0.06)) return undefined;
        const how = random.pick(["die", "throttle", "timeout"] as const);
        return { call: 1 + random.below(6), phase: random.pick(["before", "after"] as const), how };
      },
      onSabotaged: (sabotaged) => void fired.push(sabotaged),
      disturb(_, messages) {
        const order = random.shuffle(messages).filter(() => !random.chance(0.03));
        dropped += messages.length - order.length;
        const again = order.filter(() => random.chance(0.1));
        const undeleted = order.filter(() => random.chance(0.05));
        repeated += again.length + undeleted.length;
        return { deliveries: [order, again].filter((list) => list.length > 0), undeleted, delayMs: random.below(60) };
      },
    });
    const look = inspector(stack);
    try {
      const { run } = await client(stack.url);
      const started = performance.now();
      const accepted = await Promise.all(
        Array.from({ length: orders }, (_, i) =>
          run(journeys[i % journeys.length]!, `customer-${i}@example.com`, i % 3 === 0 ? undefined : `tenant-${i % 4}`),
        ),
      );
      const verdict = await look.quiet(accepted, 60_000 + orders * 500);
      const allowed = fired.reduce(
        (sum, { unmarkedMails, service, how }) => sum + unmarkedMails + (service === "dynamodb" && how !== "die" ? 1 : 0),
        0,
      );
      console.log(
        `seed ${current}: ${accepted.length} orders, ${fired.length} faults, ${repeated} messages repeated, ${dropped} dropped, ` +
          `${verdict.mails} mails, ${verdict.duplicateMails} twice (at most ${allowed}), ${verdict.documents} documents, ` +
          `${((performance.now() - started) / 1000).toFixed(1)} s`,
      );
      expect(verdict.problems, `repeat with: ${repeat}`).toEqual([]);
      expect(verdict.duplicateMails, `repeat with: ${repeat}`).toBeLessThanOrEqual(allowed);
    } catch (error) {
      console.error(`seed ${current} failed; repeat with: ${repeat}`);
      throw error;
    } finally {
      look.close();
      await stack.stop();
    }
  },
  240_000 + orders * 1000,
);
