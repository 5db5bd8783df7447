/** Every path through the system, on a stack that records each call and lets chosen ones go wrong. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { manifestKey, templateSetKey } from "@bbws/core/mail/template-store.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import type { Sabotage, Sabotaged } from "@bbws/local/lambda/protocol.ts";
import { type StackOptions, startStack } from "@bbws/local/stack.ts";
import { deadLetterQueueOf, type FunctionName, type QueueName, queues } from "../../../infra/settings.ts";
import { clientsOf } from "../stack.ts";
import { inspector } from "./inspector.ts";
import { type Accepted, client, type Journey, journeys } from "./journey.ts";
import { refusing } from "./mail-faults.ts";
import { type Occasion, occasions } from "./occasion.ts";
import type { Verdict } from "./verdict.ts";

/** One way an order, or a message nobody can handle, goes through the system. */
export type Route = { name: string; run(customer: string): Promise<void> };

/** Functions that go another way on a journey, though the occasion is the same: it counts as one of its own. */
const otherWays: Partial<Record<FunctionName, Journey>> = {
  OrderCreatorRecord: "suspended",
  CustomerOrderConfirmationSender: "refused",
};

function wayOf(name: FunctionName, { customer, name: occasion }: Occasion): string {
  const other = otherWays[name];
  return other && customer.startsWith(`${other}-`) ? `${occasion}, ${other}` : occasion;
}

/** Where a call is made: function and occasion, its name, and its place among the calls of that name. */
export type Place = { function: FunctionName; occasion: string; name: string; call: number };

/** What is to go wrong for one customer at one occasion of one function, in this order. */
export type Arming = { customer: string; function: FunctionName; occasion: string; plans: readonly Sabotage[] };

/** An order waits for those beside it, and for what befalls them, in ms. */
const PATIENCE_MS = 300_000;

export type Paths = Awaited<ReturnType<typeof openPaths>>;

/** How batches come about, and what is to go wrong in an invocation that is about more than one message or change. */
type Batches = Pick<StackOptions, "gatherMs" | "onHandled"> & {
  batchSize: number;
  plan(name: FunctionName, requestId: string, told: readonly Occasion[], event: unknown): readonly Sabotage[];
};
const oneByOne: Batches = { batchSize: 1, plan: () => [] };

/**
 * Every template read anew and the guests' limit on: an invocation makes the same calls each time. One message or change per
 * invocation, unless told otherwise: so it is about one customer.
 */
export async function openPaths({ plan: planOf, ...batches }: Batches = oneByOne) {
  const folder = mkdtempSync(join(tmpdir(), "chaos-paths-"));
  const journal = join(folder, "mails.jsonl");
  const about = occasions();
  const invocations = new Map<string, { function: FunctionName; occasion: string; customer: string }>();
  const armed = new Map<string, Sabotage[]>();
  /** For whichever customer comes by. */
  const anywhere = new Map<FunctionName, Sabotage[]>();
  const keyOf = (customer: string, name: FunctionName, occasion: string) => `${customer} ${name} ${occasion}`;
  const requested = new Set<string>();

  const stack = await startStack({
    fresh: true,
    port: 0,
    quiet: true,
    timeScale: 60,
    record: true,
    journal,
    ...batches,
    environment: { GUEST_ORDERS_PER_HOUR: "1000", TEMPLATE_CACHE_SECONDS: "0" },
    sabotage(name, event, requestId) {
      const { routeKey } = event as { routeKey?: string };
      if (routeKey) requested.add(routeKey);
      const told = about(event).map((occasion) => ({ ...occasion, name: wayOf(name, occasion) }));
      if (told.length > 1) return [...planOf(name, requestId, told, event), ...refusing(name)];
      if (!told[0]) return [];
      const { customer, name: occasion } = told[0];
      invocations.set(requestId, { function: name, occasion, customer });
      return [...(armed.get(keyOf(customer, name, occasion)) ?? []), ...(anywhere.get(name) ?? []), ...refusing(name)];
    },
    onSabotaged({ plan, function: name, requestId }) {
      if (plan.how === "reject") return;
      fired.push({ plan, function: name, requestId });
      const facts = invocations.get(requestId);
      if (!facts) return;
      strike(armed.get(keyOf(facts.customer, name, facts.occasion)), plan);
      strike(anywhere.get(name), plan);
    },
  });
  const fired: Pick<Sabotaged, "plan" | "function" | "requestId">[] = [];
  const { dynamodb, sqs, s3 } = clientsOf(stack);
  const look = inspector(stack, journal);
  const { run } = await client(stack, PATIENCE_MS);
  const accepted: Accepted[] = [];
  const poison: Record<string, string[]> = {};

  // Another version than the bundled one: so the set is read too, not only the manifest.
  const version = "published";
  const publish = (Key: string, content: unknown) =>
    s3.send(new PutObjectCommand({ Bucket: stack.buckets.TemplatesBucket, Key, Body: JSON.stringify(content) }));
  await publish(templateSetKey(version), { ...bundledTemplates, version });
  await publish(manifestKey, { version, publishedAt: new Date().toISOString() });

  const expectLetter = (dlq: string, customer: string) => {
    poison[dlq] = [...(poison[dlq] ?? []), customer];
  };
  const put = (customer: string, PK: string, SK: string) =>
    dynamodb.send(new PutItemCommand({ TableName: stack.table, Item: { PK: { S: PK }, SK: { S: SK }, correlationId: { S: customer } } }));

  const routes: Route[] = [
    ...journeys.map((journey) => ({
      name: `${journey}-guest`,
      run: async (customer: string) => void accepted.push(await run(journey, customer)),
    })),
    ...journeys
      .filter((journey) => journey !== "suspended")
      .map((journey) => ({
        name: `${journey}-tenant`,
        run: async (customer: string) => void accepted.push(await run(journey, customer, "tenant-chaos")),
      })),
    ...(Object.keys(queues) as QueueName[]).map((queue) => ({
      name: `poison-${queue}`,
      async run(customer: string) {
        expectLetter(deadLetterQueueOf(queue), `"${customer}"`);
        const MessageBody = JSON.stringify({ type: "poison", correlationId: customer });
        await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls[queue], MessageBody }));
      },
    })),
    {
      name: "poison-change",
      async run(customer) {
        expectLetter("OrderChangesDLQ", `"ORDER#${customer}"`);
        await put(customer, "TENANT#poison", `ORDER#${customer}`);
      },
    },
    {
      name: "poison-timer",
      async run(customer) {
        expectLetter("OrderChangesDLQ", `"ORDER#${customer}"`);
        const PK = `ORDER#${customer}`;
        await put(customer, PK, "EXPIRY");
        await dynamodb.send(new DeleteItemCommand({ TableName: stack.table, Key: { PK: { S: PK }, SK: { S: "EXPIRY" } } }));
      },
    },
  ];

  return {
    stack,
    clients: { dynamodb, sqs, s3 },
    routes,
    accepted,
    fired,
    /** Routes of the API that were asked for. */
    requested,
    /** What an invocation was about. */
    invocation: (requestId: string) => invocations.get(requestId),
    /** @returns the plans that have not come to pass, as they are at any later moment */
    arm({ customer, function: name, occasion, plans }: Arming): readonly Sabotage[] {
      const left = [...plans];
      armed.set(keyOf(customer, name, occasion), left);
      return left;
    },
    /** Lets a plan come to pass for whoever comes by. @returns as `arm` */
    armAnywhere(name: FunctionName, plans: readonly Sabotage[]): readonly Sabotage[] {
      const left = [...plans];
      anywhere.set(name, left);
      return left;
    },
    /** Waits until nothing moves any more; the last verdict tells what is not well then. */
    quiet: (timeoutMs: number): Promise<Verdict> => look.quiet({ accepted, poison }, timeoutMs),
    async stop() {
      look.close();
      for (const each of [dynamodb, sqs, s3]) each.destroy();
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function strike(plans: Sabotage[] | undefined, fired: Sabotage): void {
  const index = plans?.findIndex((plan) => JSON.stringify(plan) === JSON.stringify(fired)) ?? -1;
  if (index >= 0) plans!.splice(index, 1);
}

/** Every call that was made, by function, occasion, name and place, with the routes on which it was. */
export function placesOf(paths: Paths): Map<string, Place & { routes: Set<string> }> {
  const places = new Map<string, Place & { routes: Set<string> }>();
  for (const { requestId, name, call } of paths.stack.calls) {
    const facts = paths.invocation(requestId);
    if (!facts) continue;
    const place = { function: facts.function, occasion: facts.occasion, name, call };
    const key = JSON.stringify(place);
    const known = places.get(key) ?? { ...place, routes: new Set<string>() };
    known.routes.add(routeOf(facts.customer));
    places.set(key, known);
  }
  return places;
}

/** A customer is called after the route it takes: `complete-guest.7`. */
export const customerOf = (route: Route, n: number) => `${route.name}.${n}`;
export const routeOf = (customer: string) => customer.slice(0, customer.lastIndexOf("."));

/** Runs every route once, undisturbed and one after the other: a lost race for a number would add calls that only a race reaches. */
export async function walkAll(paths: Paths): Promise<Verdict> {
  for (const route of paths.routes) await route.run(customerOf(route, 0));
  return paths.quiet(60_000);
}

/** The time since `performance.now()` was `since`, for the log of a run. */
export const seconds = (since: number) => `${Math.round((performance.now() - since) / 1000)} s`;
