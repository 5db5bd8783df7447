import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FunctionName, queues, streamReaders } from "../../infra/settings.ts";
import { type Fault, faultsOf } from "../support/chaos/call-faults.ts";
import { NOTE, unnotable } from "../support/chaos/mail-faults.ts";
import type { Occasion } from "../support/chaos/occasion.ts";
import { customerOf, openPaths, type Paths, type Route, seconds } from "../support/chaos/paths.ts";
import { lackingOf, rightsOf } from "../support/policy.ts";

/**
 * Several messages or changes in one invocation, as under load. Groups of customers take every route in step, and their batches
 * tell the calls a function makes then; each of them is where it dies or the call fails. So a death comes between the work on
 * one order and on the next, and a batch succeeds in part.
 */

/** Messages or changes of one invocation, and customers of a group. */
const SIZE = 3;
/** How long a source waits for the rest of a group, in ms. */
const GATHER_MS = 300;
/** Groups at the same time; more of them only wait for each other. */
const AT_ONCE = 6;
/** How often a fault is given to another invocation when its call was not reached. */
const TRIES = 6;
/** Walks of so many groups: a fault that no invocation came by until then is missing. */
const ROUNDS = 50;
/** A message that failed so often already is left alone: ten failures make a dead letter of it. */
const MOST_RECEIVES = 3;

/** A fault at a call of a joint invocation. */
type Point = { function: FunctionName; name: string; call: number; fault: Fault; tries: number };
/** An invocation of a full batch: what each message or change was about, whose it was, and what was to go wrong. */
type Joint = { function: FunctionName; occasions: readonly string[]; customers: readonly string[]; point?: Point };

const consumers = Object.values(queues).map(({ consumer }) => consumer);

const joints = new Map<string, Joint>();
/** Calls of a batch of nothing but one occasion, by function and occasion; how many, by name. */
const usual = new Map<string, Map<string, number>>();
/** How many batches of each queue function were answered, and how many of these named some of their messages as failed, not all. */
const answered = new Map<FunctionName, { all: number; inPart: number }>();
let waiting: Point[] = [];
let paths: Paths;
let n = 0;

beforeAll(async () => {
  paths = await openPaths({
    batchSize: SIZE,
    gatherMs: GATHER_MS,
    plan(name, requestId, told, event) {
      if (told.length !== SIZE) return [];
      const joint: Joint = { function: name, occasions: told.map(occasionOf), customers: told.map(({ customer }) => customer) };
      joints.set(requestId, joint);
      const point = receivesOf(event) > MOST_RECEIVES ? undefined : waiting.find((one) => fits(one, joint));
      if (!point) return [];
      waiting.splice(waiting.indexOf(point), 1);
      joint.point = point;
      return [planOf(point)];
    },
    onHandled(name, { event, answer }) {
      const records = (event as { Records?: { body?: string }[] }).Records ?? [];
      if (records.length !== SIZE || records[0]!.body === undefined) return;
      const failures = (answer as { batchItemFailures: unknown[] }).batchItemFailures.length;
      const counts = answered.get(name) ?? { all: 0, inPart: 0 };
      answered.set(name, { all: counts.all + 1, inPart: counts.inPart + (failures > 0 && failures < SIZE ? 1 : 0) });
    },
  });
});
afterAll(() => paths?.stop());

/** What nobody can handle takes other calls, and so does to record a guest's order instead of a tenant's. */
function occasionOf({ name, customer }: Occasion): string {
  if (customer.startsWith("poison-")) return `${name} that is poison`;
  return name.startsWith("order.accepted") && customer.includes("-guest.") ? `${name} of a guest` : name;
}

/** Whether a batch comes by a point's call: it makes a third of the calls that three of each of its occasions make. */
function fits({ function: of, name, call }: Point, joint: Joint): boolean {
  if (of !== joint.function) return false;
  const calls = joint.occasions.map((occasion) => usual.get(`${of} ${occasion}`)?.get(name) ?? 0);
  return call <= Math.ceil(calls.reduce((sum, count) => sum + count / SIZE, 0) - 1e-9);
}
const planOf = ({ name, call, fault }: Point): Sabotage => ({ call, name, ...fault });

function receivesOf(event: unknown): number {
  const { Records } = event as { Records: { attributes?: { ApproximateReceiveCount: string } }[] };
  return Math.max(...Records.map(({ attributes }) => Number(attributes?.ApproximateReceiveCount ?? 1)));
}

/** A group in step: each of its customers takes the route at the same time. */
const walk = (route: Route) => Promise.all(Array.from({ length: SIZE }, () => route.run(customerOf(route, ++n))));

/**
 * Learns what is usual: the calls that every undisturbed batch of one occasion made. One that ran into another, or was the
 * first of its environment, makes some more.
 */
function learnUsual(): void {
  const made = new Map<string, Map<string, number>>();
  for (const { requestId, name, call } of paths.stack.calls) {
    if (joints.has(requestId)) made.set(requestId, (made.get(requestId) ?? new Map<string, number>()).set(name, call));
  }
  for (const [requestId, calls] of made) {
    const { function: of, occasions } = joints.get(requestId)!;
    if (new Set(occasions).size > 1) continue;
    const key = `${of} ${occasions[0]}`;
    const known = usual.get(key) ?? calls;
    usual.set(key, new Map([...known].flatMap(([name, count]) => (calls.has(name) ? [[name, Math.min(count, calls.get(name)!)]] : []))));
  }
}

/** Every one of these calls, with every fault it may have. */
function pointsOf(): Point[] {
  const most = new Map<string, { of: FunctionName; name: string; count: number }>();
  for (const { function: of, occasions } of joints.values()) {
    for (const [name, count] of usual.get(`${of} ${occasions[0]}`) ?? []) {
      const known = most.get(`${of} ${name}`)?.count ?? 0;
      most.set(`${of} ${name}`, { of, name, count: Math.max(count, known) });
    }
  }
  return [...most.values()].flatMap(({ of, name, count }) => Array.from({ length: count }, (_, i) => pointsAt(of, name, i + 1)).flat());
}

/** One kind of failure before the call's effect stands for all: which it is, `crash-points.test.ts` tells apart. */
const isTelling = ({ how, phase }: Fault) => how !== "unavailable" && !(how === "timeout" && phase === "before");

function pointsAt(of: FunctionName, name: string, call: number): Point[] {
  const isNote = name === NOTE && of.endsWith("Sender");
  const faults = [...faultsOf(name, ["first", "last", "all"]).filter(isTelling), ...(isNote && call === 1 ? [unnotable] : [])];
  return faults.map((fault) => ({ function: of, name, call, fault, tries: 0 }));
}

/** Which groups reach the most of the waiting points: each invocation of theirs is good for one. */
function nextGroups(invocations: ReadonlyMap<Route, readonly Joint[]>): Route[] {
  let open = [...waiting];
  const groups: Route[] = [];
  while (groups.length < AT_ONCE) {
    const gains = [...invocations].map(([route, joint]) => ({ route, left: without(open, joint) }));
    const best = gains.reduce((a, b) => (b.left.length < a.left.length ? b : a));
    if (best.left.length === open.length) break;
    groups.push(best.route);
    open = best.left;
  }
  return groups;
}

function without(points: readonly Point[], invocations: readonly Joint[]): Point[] {
  const left = [...points];
  for (const invocation of invocations) {
    const index = left.findIndex((point) => fits(point, invocation));
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}

/** A problem with an order, and what went wrong with the batches it was in. */
function explained(problem: string): string {
  const of = paths.accepted.find(({ orderId }) => problem.includes(orderId))?.customer;
  const points = [...joints.values()].flatMap(({ point, customers }) => (point && of && customers.includes(of) ? textOf(point) : []));
  return of ? `${problem} (${of}: ${points.join("; ")})` : problem;
}

const textOf = ({ function: name, name: called, call, fault }: Point) =>
  `${name}: ${fault.how} ${[fault.phase, fault.entries].filter(Boolean).join(" ")} ${called} ${fault.about ?? call}`;

it("survives a death and a failure at every call of a function that handles several at once", async () => {
  const started = performance.now();
  const invocations = new Map<Route, readonly Joint[]>();
  for (const route of paths.routes) {
    const before = joints.size;
    await walk(route);
    expect((await paths.quiet(60_000)).problems).toEqual([]);
    invocations.set(route, [...joints.values()].slice(before));
  }
  learnUsual();
  const points = pointsOf();
  waiting = [...points];
  const byFunction = Object.entries(Object.groupBy(points, ({ function: name }) => name));
  expect(byFunction.map(([name]) => name).sort()).toEqual([...consumers, ...Object.keys(streamReaders)].sort());
  console.log(
    `${joints.size} batches of ${SIZE} after ${seconds(started)}: ${points.length} fault points ` +
      `(${byFunction.map(([name, { length }]) => `${name} ${length}`).join(", ")})`,
  );

  const unreached: Point[] = [];
  for (let round = 1; waiting.length > 0; round++) {
    const groups = round > ROUNDS ? [] : nextGroups(invocations);
    if (groups.length === 0) unreached.push(...waiting.splice(0));
    const before = joints.size;
    await Promise.all(groups.map(walk));
    expect((await paths.quiet(120_000)).problems.map(explained)).toEqual([]);
    const fired = new Set(paths.fired.map(({ requestId }) => requestId));
    for (const [requestId, { point }] of [...joints].slice(before)) {
      if (!point || fired.has(requestId)) continue;
      point.tries += 1;
      (point.tries < TRIES ? waiting : unreached).push(point);
    }
    console.log(`${waiting.length} points left after ${seconds(started)}, ${paths.accepted.length} orders`);
  }

  const verdict = await paths.quiet(60_000);
  const inPart = [...answered].map(([name, counts]) => `${name} ${counts.inPart} of ${counts.all}`);
  console.log(
    `${points.length - unreached.length} of ${points.length} points in ${joints.size} batches of ${SIZE}, ${paths.accepted.length} orders in ${seconds(started)}; ` +
      `answered as done in part: ${inPart.join(", ")}; ${verdict.mails} mails, ${verdict.interruptedMails} interrupted between SES and the note, ` +
      `${verdict.unnotedMails} not noted, ${verdict.duplicateMails} of them twice, ${verdict.documents} documents`,
  );
  expect(unreached.map(textOf)).toEqual([]);
  expect([...answered].flatMap(([name, counts]) => (counts.inPart > 0 ? name : [])).sort()).toEqual(consumers.toSorted());
  expect(lackingOf(paths.stack.calls.flatMap(rightsOf))).toEqual([]);
}, 1_800_000);
