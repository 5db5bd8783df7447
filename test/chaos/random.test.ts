import { expect, it } from "vitest";
import { inspector } from "../support/chaos/inspector.ts";
import { client, journeys } from "../support/chaos/journey.ts";
import { type Random, randomOf } from "../support/chaos/random.ts";
import { startChild } from "../support/chaos/stack-child.ts";
import { eventually } from "../support/eventually.ts";
import { lackingOf } from "../support/policy.ts";

/**
 * Orders on every path at once while messages repeat, change places, are late or lost, functions and services fail, and the
 * whole stack is killed and started again.
 */

const seed = Number(process.env.CHAOS_SEED ?? 1);
const orders = Number(process.env.CHAOS_ORDERS ?? 30);
const seeds = Array.from({ length: Number(process.env.CHAOS_SEEDS ?? 1) }, (_, i) => seed + i);
/** Lost messages come again after 3 s (a document's after 6), not after minutes. */
const TIME_SCALE = 60;
/** One for every so many orders, and at least one. */
const ORDERS_PER_KILL = 60;
const PATIENCE_MS = 240_000 + orders * 1500;
/** An order waits for those before it. */
const CLIENT_PATIENCE_MS = 120_000 + orders * 900;

/** When the stack is killed, by orders that have come to their end. */
const killsOf = (random: Random): number[] =>
  Array.from({ length: Math.max(1, Math.round(orders / ORDERS_PER_KILL)) }, () => random.below(orders * 0.9)).sort((a, b) => a - b);

it.each(seeds)(
  "keeps every promise under the chaos of seed %d",
  async (current) => {
    const repeat = `npm run test:chaos -- --seed ${current} --orders ${orders}`;
    const random = randomOf(current);
    const started = performance.now();
    const stack = await startChild({ seed: current, timeScale: TIME_SCALE });
    try {
      const { run } = await client(stack, CLIENT_PATIENCE_MS);
      let answered = 0;
      const running = Array.from({ length: orders }, async (_, i) => {
        const journey = journeys[i % journeys.length]!;
        const tenant = i % 3 === 0 || journey === "suspended" ? undefined : `tenant-${i % 4}`;
        const accepted = await run(journey, `customer-${i}`, tenant);
        answered += 1;
        return accepted;
      });
      const all = Promise.all(running);
      all.catch(() => undefined);
      for (const after of killsOf(random)) {
        await Promise.race([eventually(() => answered >= after || undefined, PATIENCE_MS), all]);
        await stack.killAndStart();
      }
      const accepted = await all;
      const look = inspector(stack.facts(), stack.journal);
      const verdict = await look.quiet({ accepted }, 60_000 + orders * 500).finally(() => look.close());
      const { faults, repeated, dropped, restarts } = stack.counts;
      console.log(
        `seed ${current}: ${accepted.length} orders, ${faults} faults, ${restarts} restarts, ${repeated} messages repeated, ${dropped} dropped, ` +
          `${verdict.mails} mails, ${verdict.interruptedMails} interrupted, ${verdict.unnotedMails} not noted, ${verdict.duplicateMails} twice, ${verdict.documents} documents, ` +
          `${((performance.now() - started) / 1000).toFixed(1)} s`,
      );
      expect(verdict.problems, `repeat with: ${repeat}`).toEqual([]);
      expect(lackingOf(stack.needed)).toEqual([]);
    } catch (error) {
      console.error(`seed ${current} failed; repeat with: ${repeat}`);
      throw error;
    } finally {
      await stack.stop();
    }
  },
  PATIENCE_MS,
);
