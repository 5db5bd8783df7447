import type { RecordedCall, Sabotage, Sabotaged } from "@bbws/local/lambda/protocol.ts";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { permissions } from "../../infra/permissions.ts";
import { type FunctionName, functions } from "../../infra/settings.ts";
import { inspector } from "../support/chaos/inspector.ts";
import { type Accepted, client, type Journey, journeys } from "../support/chaos/journey.ts";
import { occasions } from "../support/chaos/occasion.ts";
import { differences } from "../support/chaos/policy.ts";

/**
 * Every call of every function on every path is found by running the paths once; then each of them is where the function
 * dies, before and after the call's effect, and (in the long run) where the call itself fails: throttled before it, or its
 * answer lost after it. One message per invocation, so that a call's place means the same each time.
 */

/** `npm test` runs one of so many fault points. */
const SHARE = 8;

type Point = Sabotage & { function: FunctionName; occasion: string };
const pointsOf = (name: FunctionName, occasion: string, calls: number): Point[] =>
  Array.from({ length: calls }, (_, i) => i + 1).flatMap((call) =>
    (
      [
        ["before", "die"],
        ["after", "die"],
        ["before", "throttle"],
        ["after", "timeout"],
      ] as const
    )
      .filter(([, how]) => how === "die" || process.env.CHAOS_LONG)
      .map(([phase, how]) => ({ function: name, occasion, call, phase, how })),
  );

const keyOf = (name: FunctionName, occasion: string) => `${name}: ${occasion}`;
const orderKey = (customer: string, name: FunctionName, occasion: string) => `${customer} ${keyOf(name, occasion)}`;

const about = occasions();
/** What each invocation was about, while recording. */
const recorded = new Map<string, { function: FunctionName; occasion: string }>();
/** What is still to go wrong, by order, function and occasion. */
const armed = new Map<string, Point>();
const planned = new Map<string, { key: string; point: Point }>();
const fired: Sabotaged[] = [];

let stack: Stack;
const accepted: Accepted[] = [];

beforeAll(async () => {
  stack = await startStack({
    fresh: true,
    port: 0,
    quiet: true,
    timeScale: 30,
    record: true,
    sabotage(name, event, requestId) {
      for (const { customer, name: occasion } of about.of(name, event)) {
        recorded.set(requestId, { function: name, occasion });
        const key = orderKey(customer, name, occasion);
        const point = armed.get(key);
        if (!point) continue;
        planned.set(requestId, { key, point });
        return point;
      }
      return undefined;
    },
    onSabotaged(sabotaged) {
      fired.push(sabotaged);
      armed.delete(planned.get(sabotaged.requestId)?.key ?? "");
    },
    disturb: (_, messages) => ({ deliveries: messages.map((message) => [message]), undeleted: [], delayMs: 0 }),
  });
});
afterAll(() => stack?.stop());

/** Places of calls per function and occasion, as far as they were seen. */
function seenCalls(calls: readonly RecordedCall[]): Map<string, { function: FunctionName; occasion: string; calls: number }> {
  const seen = new Map<string, { function: FunctionName; occasion: string; calls: number }>();
  for (const { requestId, call } of calls) {
    const facts = recorded.get(requestId);
    if (!facts) continue;
    const key = keyOf(facts.function, facts.occasion);
    seen.set(key, { ...facts, calls: Math.max(call, seen.get(key)?.calls ?? 0) });
  }
  return seen;
}

it("survives a death and a failure at every call of every function on every path", async () => {
  const { run } = await client(stack.url);
  const look = inspector(stack);
  // The paths undisturbed: once to fill the caches, once as they always are.
  const perJourney = new Map<Journey, Set<string>>();
  for (const journey of journeys) {
    const from = stack.calls.length;
    // One after the other: a lost race for a number would add calls that only a race reaches.
    accepted.push(await run(journey, `${journey}-guest@example.com`));
    accepted.push(await run(journey, `${journey}-user@example.com`, "tenant-chaos"));
    expect((await look.quiet(accepted, 30_000)).problems).toEqual([]);
    perJourney.set(journey, new Set(seenCalls(stack.calls.slice(from)).keys()));
  }
  const places = seenCalls(stack.calls);
  // All of them in the long run; `npm test` takes every eighth, and which ones follows from the seed.
  let count = 0;
  const share = (_: Point) => Boolean(process.env.CHAOS_LONG) || count++ % SHARE === Number(process.env.CHAOS_SEED ?? 1) % SHARE;
  const total = new Map([...places].map(([key, place]) => [key, pointsOf(place.function, place.occasion, place.calls).filter(share)]));
  const whole = [...places].reduce((sum, [, place]) => sum + pointsOf(place.function, place.occasion, place.calls).length, 0);

  const left = new Map([...total].map(([key, points]) => [key, [...points]]));
  let n = 0;
  for (let round = 1; [...left.values()].some((points) => points.length > 0) && round <= 4; round++) {
    const running: Promise<Accepted>[] = [];
    const plannedNow: { key: string; point: Point; armedAs: string }[] = [];
    for (const journey of journeys) {
      const keys = [...perJourney.get(journey)!];
      while (keys.some((key) => left.get(key)!.length > 0)) {
        n += 1;
        const customer = `${journey}-${n}@example.com`;
        for (const key of keys) {
          const point = left.get(key)!.shift();
          if (!point) continue;
          const armedAs = orderKey(customer, point.function, point.occasion);
          armed.set(armedAs, point);
          plannedNow.push({ key, point, armedAs });
        }
        running.push(run(journey, customer, n % 2 ? undefined : "tenant-chaos"));
      }
    }
    accepted.push(...(await Promise.all(running)));
    const verdict = await look.quiet(accepted, 100_000);
    expect(verdict.problems).toEqual([]);
    // What an order did not come by in this round (its guest or tenant half has other calls) is tried with the next one.
    for (const { key, point, armedAs } of plannedNow) if (armed.delete(armedAs)) left.get(key)!.push(point);
  }
  const points = [...total.values()].flat();
  const missed = [...left.values()].flat();
  const verdict = await look.quiet(accepted, 30_000);
  look.close();
  const allowed = fired.reduce((sum, { unmarkedMails }) => sum + unmarkedMails, 0);
  console.log(
    `${points.length - missed.length} of ${points.length} chosen fault points (of ${whole} at ${places.size} occasions), ${fired.length} fired on ${accepted.length} orders: ` +
      `${verdict.mails} mails, ${verdict.duplicateMails} twice (at most ${allowed}), ${verdict.documents} documents`,
  );
  expect(missed).toEqual([]);
  expect([...new Set([...places.values()].map((place) => place.function))].sort()).toEqual(Object.keys(functions).sort());
  expect(verdict.problems).toEqual([]);
  expect(verdict.duplicateMails).toBeLessThanOrEqual(allowed);
}, 900_000);

it("made no call that its function's policy lacks, and left no right unused", () => {
  expect(differences(stack.calls, permissions)).toEqual({ lacking: [], unused: [] });
});
