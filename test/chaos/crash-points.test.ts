import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FunctionName, functions } from "../../infra/settings.ts";
import { deaths, faultsOf } from "../support/chaos/call-faults.ts";
import { NOTE, unnotable } from "../support/chaos/mail-faults.ts";
import { customerOf, openPaths, type Paths, type Place, placesOf, type Route, routeOf, seconds, walkAll } from "../support/chaos/paths.ts";
import { lackingOf, rightsOf } from "../support/policy.ts";

/**
 * Every AWS call of every function on every path is found by walking the paths once; then each of them is where the function
 * dies, before and after the call's effect, and where the call itself fails: throttled, answered by a 503 or timed out before
 * it, its transaction cancelled, or its answer lost after it. What only a failure leads to (a retry, a lease given back) is
 * found on the way and is then where it dies, too.
 */

/** The functions, in pieces that can be walked alone (`-t documents`). */
const pieces: Record<string, readonly FunctionName[]> = {
  "the API": ["CreateOrder", "GetOrder", "ListOrders", "UpdateOrder"],
  "recording, routing and expiry": ["OrderCreatorRecord", "OrderChangeRouter", "OrderExpirer"],
  "documents and mails": ["OrderPDFCreator", "OrderInternalNotificationSender", "CustomerOrderConfirmationSender"],
};

const mailSenders: readonly FunctionName[] = ["OrderInternalNotificationSender", "CustomerOrderConfirmationSender"];

/** One fault to see through: the plans come to pass one after the other. `routes`: where its call is made. */
type Point = { function: FunctionName; occasion: string; routes: ReadonlySet<string>; plans: readonly Sabotage[] };
/** A point given to a customer, and what of it has not come to pass. */
type Attempt = { point: Point; customer: string; left: readonly Sabotage[] };

/** Orders at the same time; more of them only wait for each other. */
const AT_ONCE = 8;
/** How often a point is given to another customer when its call was not reached. */
const ROUNDS = 3;
const COME_BY = 12;
/** What followed a failure only because two functions also ran into each other is tried so often again ... */
const RACES = 3;
/** ... and so many of a piece may not come a second time; they are printed. */
const MOST_RACED = 1;

let paths: Paths;
/** Every call of the undisturbed paths. */
let places: ReturnType<typeof placesOf>;
let n = 0;
const attempts: Attempt[] = [];

beforeAll(async () => {
  paths = await openPaths();
  expect((await walkAll(paths)).problems).toEqual([]);
  places = placesOf(paths);
});
afterAll(() => paths?.stop());

const pointsOf = ({ function: name, occasion, name: called, call, routes }: Place & { routes: ReadonlySet<string> }): Point[] => {
  const isNote = called === NOTE && call === 1 && mailSenders.includes(name) && !occasion.includes("refused");
  return [...faultsOf(called, ["all"]), ...(isNote ? [unnotable] : [])].map((fault) => ({
    function: name,
    occasion,
    routes,
    plans: [{ call, name: called, ...fault }],
  }));
};

/** Gives each point to an order that comes by its call, as many points to one order as it has occasions. */
async function seeThrough(points: readonly Point[]): Promise<Point[]> {
  let left = [...points];
  for (let round = 1; left.length > 0 && round <= ROUNDS; round++) {
    const given: Attempt[] = [];
    const tasks: (() => Promise<void>)[] = [];
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      for (const route of paths.routes) {
        const customer = customerOf(route, ++n);
        const taken = takeFor(route, left);
        if (taken.length === 0) continue;
        left = left.filter((point) => !taken.includes(point));
        given.push(...taken.map((point) => ({ point, customer, left: paths.arm({ ...point, customer }) })));
        tasks.push(() => route.run(customer).catch((cause: Error) => fail(customer, taken, cause)));
      }
    }
    await together(tasks);
    const { problems } = await paths.quiet(120_000);
    attempts.push(...given);
    expect(problems.map(explained)).toEqual([]);
    left = given.filter((attempt) => attempt.left.length > 0).map(({ point }) => point);
  }
  return left;
}

/** At most one point for each occasion of the route. */
function takeFor(route: Route, points: readonly Point[]): Point[] {
  const taken = new Map<string, Point>();
  for (const point of points) {
    const occasion = `${point.function} ${point.occasion}`;
    if (point.routes.has(route.name) && !taken.has(occasion)) taken.set(occasion, point);
  }
  return [...taken.values()];
}

async function together(tasks: (() => Promise<void>)[]): Promise<void> {
  const waiting = [...tasks];
  const worker = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) await task();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** A problem with an order, and what went wrong with that order. */
function explained(problem: string): string {
  const of = paths.accepted.find(({ orderId }) => problem.includes(orderId))?.customer;
  const points = attempts.filter(({ customer }) => customer === of).map(({ point }) => textOf(point));
  return of ? `${problem} (${of}: ${points.join("; ")})` : problem;
}

function fail(customer: string, points: readonly Point[], cause: Error): never {
  throw new Error(`${customer} (${points.map(textOf).join("; ")}): ${cause.message}`, { cause });
}

const textOf = ({ function: name, occasion, plans }: Point) =>
  `${name} on ${occasion}: ${plans.map((plan) => `${plan.how} ${plan.phase} ${plan.name} ${plan.about ?? plan.call}`).join(", then ")}`;

/** Which fault is tried first as the way to a call that only failures lead to: a refused transaction surely reads again. */
const leads: readonly Sabotage["how"][] = ["conflict", "outrun", "throttle", "unavailable", "timeout", "die"];
const rankOf = ({ plans }: Point) => leads.indexOf(plans.at(-1)!.how);

/**
 * Calls that were made only because something had failed, each once per function, with what leads there and the route where it
 * did: the same failure leads elsewhere on another. One repetition is enough: whoever loses a race three times does the same
 * three times.
 */
function afterFailures(piece: readonly FunctionName[]): Point[] {
  const usual = new Map<string, number>();
  for (const { function: name, name: called, call } of places.values()) {
    usual.set(`${name} ${called}`, Math.max(call, usual.get(`${name} ${called}`) ?? 0));
  }
  const byKey = new Map(attempts.map((attempt) => [`${attempt.customer} ${attempt.point.function} ${attempt.point.occasion}`, attempt]));
  const found = new Map<string, Point>();
  for (const { requestId, function: name, name: called, call } of paths.stack.calls) {
    const facts = paths.invocation(requestId);
    const often = usual.get(`${name} ${called}`) ?? 0;
    if (!facts || !piece.includes(name) || call <= often || call > Math.max(1, 2 * often)) continue;
    const attempt = byKey.get(`${facts.customer} ${name} ${facts.occasion}`);
    const better = found.get(`${name} ${called} ${call}`);
    if (!attempt || (better && rankOf({ ...better, plans: better.plans.slice(0, -1) }) <= rankOf(attempt.point))) continue;
    const { point } = attempt;
    const routes = new Set([routeOf(facts.customer)]);
    found.set(`${name} ${called} ${call}`, {
      ...point,
      routes,
      plans: [...point.plans, { call, name: called, phase: "before", how: "die" }],
    });
  }
  return [...found.values()];
}

/** Points whose call is made only now and then, as by a fresh environment: environments die until each has come to pass. */
async function waitFor(points: readonly Point[]): Promise<Point[]> {
  let left = [...points];
  for (let round = 1; left.length > 0 && round <= COME_BY; round++) {
    const byFunction = Map.groupBy(left, (point) => point.function);
    const waiting = [...byFunction].map(([name, [first]]) => ({ point: first!, left: paths.armAnywhere(name, first!.plans.slice(-1)) }));
    const tasks = paths.routes
      .filter((route) => left.some(({ routes }) => routes.has(route.name)))
      .map((route) => {
        const customer = customerOf(route, ++n);
        for (const point of left) {
          if (point.routes.has(route.name)) paths.arm({ ...point, customer, plans: [{ call: 1, phase: "before", how: "die" }] });
        }
        return () => route.run(customer);
      });
    await together(tasks);
    expect((await paths.quiet(120_000)).problems).toEqual([]);
    const passed = new Set(waiting.filter((one) => one.left.length === 0).map(({ point }) => point));
    left = left.filter((point) => !passed.has(point));
  }
  return left;
}

it("walks every function", () => {
  expect([...new Set([...places.values()].map((place) => place.function))].sort()).toEqual(Object.keys(functions).sort());
  expect(Object.values(pieces).flat().sort()).toEqual(Object.keys(functions).sort());
});

it.each(Object.entries(pieces))(
  "survives a death and a failure at every call of %s, on every path",
  async (_, piece) => {
    const started = performance.now();
    const before = { fired: paths.fired.length, accepted: paths.accepted.length };
    const calls = [...places.values()].filter((place) => piece.includes(place.function));
    const perFunction = Object.entries(Object.groupBy(calls, (place) => place.function)).map(([name, { length }]) => `${name} ${length}`);
    const occasions = new Set(calls.map((place) => `${place.function} ${place.occasion}`)).size;
    const points = calls.flatMap(pointsOf);
    console.log(`${calls.length} AWS calls at ${occasions} occasions (${perFunction.join(", ")}): ${points.length} fault points`);

    const rare = await seeThrough(points);
    const second = afterFailures(piece);
    const further: Point[] = second.flatMap((point) =>
      deaths.map((fault) => ({ ...point, plans: [...point.plans.slice(0, -1), { ...point.plans.at(-1)!, ...fault }] })),
    );
    console.log(
      `${points.length - rare.length} points came to pass after ${seconds(started)}; ${second.length} more calls that only a failure leads to: ${further.length} points`,
    );
    const missed = await waitFor(rare);
    let raced: readonly Point[] = further;
    for (let race = 1; raced.length > 0 && race <= RACES; race++) raced = await seeThrough(raced);

    const verdict = await paths.quiet(60_000);
    console.log(
      `${points.length + further.length - missed.length - raced.length} of ${points.length + further.length} points, ` +
        `${paths.fired.length - before.fired} faults on ${paths.accepted.length - before.accepted} orders in ${seconds(started)}; so far ` +
        `${verdict.mails} mails, ${verdict.interruptedMails} interrupted between SES and the note, ${verdict.unnotedMails} not noted, ${verdict.duplicateMails} of them twice, ${verdict.documents} documents`,
    );
    if (raced.length > 0) console.log(`seen once in a race, and not again: ${raced.map(textOf).join("; ")}`);
    expect(lackingOf(paths.stack.calls.flatMap(rightsOf))).toEqual([]);
    expect(missed.map(textOf)).toEqual([]);
    if (raced.length > MOST_RACED) expect(raced.map(textOf)).toEqual([]);
    expect(verdict.problems).toEqual([]);
  },
  1_800_000,
);
