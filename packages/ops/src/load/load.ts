import { randomUUID } from "node:crypto";
import { createOrderClient, isOrderClientError, type NewOrder, type OrderClient } from "@bbws/order-client";
import { confirmationOf, lastNumberIn, problemsOf, rangeOf, type Seen, type Sent } from "./consistency.ts";
import { type Distribution, distributionOf } from "./distribution.ts";
import { inParallel } from "./in-parallel.ts";
import { type LocalView, localView } from "./local-view.ts";
import { type MemoryVerdict, memoryProblems, memoryVerdict, saysGrowth, watchMemory } from "./memory.ts";

export type LoadOptions = {
  url: string;
  orders: number;
  /** Orders that are placed at the same time. */
  concurrency: number;
  /** The orders' tenant is the token's; without one (on a deployed stage) they are guests'. */
  token?: string;
  /** How many of the orders are followed one by one for the times to record and document (default 25). */
  follow?: number;
  /** ms to wait for the last document and mail. */
  timeoutMs?: number;
  onProgress?(progress: Progress): void;
};

export type Progress = { accepted: number; mailed: number; documented: number; of: number; elapsedMs: number };

export type LoadReport = {
  url: string;
  stage: string;
  orders: number;
  concurrency: number;
  /** From the first request to the last effect that could be seen, ms. */
  elapsedMs: number;
  /** Orders a second: accepted, and, where mails can be seen, through to the last mail. */
  rate: { accepted: number; mailed?: number };
  /** Creates that were sent again after 429, 5xx or silence. */
  repeats: number;
  latency: Partial<Record<Measure, Distribution>>;
  /** The least and the highest running number of its orders. */
  numbers?: { first: number; last: number };
  memory?: MemoryVerdict;
  problems: string[];
  /** What cannot be seen from outside of such a stage. */
  unchecked: string[];
};

export const measures = ["accepted", "recorded", "documented", "mailed"] as const;
/** From the moment a create is sent to its 202, to its record, to its document, to its confirmation. */
export type Measure = (typeof measures)[number];
export type Samples = Record<Measure, number[]>;

/** `at` in epoch ms. */
type Placed = { orderId: string; customerEmail: string; statusUrl: string; at: number };
type Mail = Sent & { takenAt: number };
/** A load under way. */
type Run = {
  client: OrderClient;
  local: LocalView | undefined;
  hasToken: boolean;
  options: LoadOptions;
  samples: Samples;
  progress: Progress;
  /** Epoch ms; it begins to count when the last order is placed. */
  deadline: number;
};

const TIMEOUT_MS = 600_000;
const FOLLOWED = 25;
/** Between two looks at a followed order: whoever looks often is a load of its own, so a time is told to a twentieth. */
const LOOK = { leastMs: 20, share: 0.05 } as const;

/** Places orders, follows them to their last effect and looks whether everything is as it must be. */
export async function runLoad(options: LoadOptions): Promise<{ report: LoadReport; samples: Samples }> {
  const { url, orders: count, concurrency } = options;
  const local = localView(url);
  const name = randomUUID().slice(0, 8);
  const token = options.token ?? (await local?.token(`load-${name}`));
  const client = createOrderClient({ baseUrl: url, ...(token && { getToken: () => token }) });
  const { stage } = await client.getHealth();
  const run: Run = {
    client,
    local,
    hasToken: token !== undefined,
    options,
    samples: { accepted: [], recorded: [], documented: [], mailed: [] },
    progress: { accepted: 0, mailed: 0, documented: 0, of: count, elapsedMs: 0 },
    deadline: Number.POSITIVE_INFINITY,
  };
  const before = local && (await stateBefore(local));
  const memory = local && watchMemory(() => local.memory());
  const startedAt = Date.now();
  const ticker = setInterval(() => options.onProgress?.({ ...run.progress, elapsedMs: Date.now() - startedAt }), 500);
  try {
    const { placed, followers, repeats, failure } = await placeAll(run, { name, token });
    const acceptedMs = Date.now() - startedAt;
    run.deadline = Date.now() + (options.timeoutMs ?? TIMEOUT_MS);
    const mails = local && before && (await untilMailed(local, run, { from: before.mails, due: 2 * placed.length }));
    await Promise.all(followers);
    const { seen, waitedUntil } = await untilDocumented(run, placed);
    const lastMail = mails?.reduce((last, { takenAt }) => Math.max(last, takenAt), startedAt + acceptedMs);
    noteMailed(run, placed, seen, mails);
    const elapsedMs = Math.max(waitedUntil, lastMail ?? Date.now()) - startedAt;
    const held = memory && memoryVerdict(await memory.stop());
    const report: LoadReport = {
      url,
      stage,
      orders: count,
      concurrency,
      elapsedMs,
      rate: {
        accepted: (placed.length / acceptedMs) * 1000,
        ...(lastMail && { mailed: (placed.length / (lastMail - startedAt)) * 1000 }),
      },
      repeats,
      latency: Object.fromEntries(measures.flatMap((measure) => [[measure, distributionOf(run.samples[measure])]])),
      numbers: rangeOf(seen),
      ...(held && { memory: held }),
      problems: [
        ...(failure ? [`a create failed, and after it none was sent: ${failure}`] : []),
        ...problemsOf({
          accepted: placed.map(({ orderId, customerEmail }) => ({ id: orderId, customerEmail })),
          seen,
          mails,
          after: before?.lastNumber,
          ...(local && { queues: await local.queues() }),
        }),
        ...(held ? memoryProblems(held) : []),
      ],
      unchecked: uncheckedOf(run, { numbers: before?.lastNumber !== undefined, memory: held !== undefined && saysGrowth(held) }),
    };
    return { report, samples: run.samples };
  } finally {
    clearInterval(ticker);
    // Whoever still follows an order stops.
    run.deadline = 0;
    await memory?.stop();
  }
}

/** What lies there before the load. Its numbers follow the last one only where no order is still on its way. */
async function stateBefore(local: LocalView): Promise<{ mails: number; lastNumber: number | undefined }> {
  const busy = Object.values(await local.queues()).some(({ waiting }) => waiting > 0);
  const mails = await local.mails(0);
  return { mails: mails.length, lastNumber: busy ? undefined : lastNumberIn(mails) };
}

/** @throws when not even one order was accepted */
async function placeAll(run: Run, { name, token }: { name: string; token: string | undefined }) {
  const { options, samples, progress } = run;
  let requests = 0;
  // A client of its own, which counts what it sends.
  const buyer = createOrderClient({
    baseUrl: options.url,
    ...(token && { getToken: () => token }),
    fetch: (...request) => {
      requests += 1;
      return fetch(...request);
    },
  });
  const placed: Placed[] = [];
  const followers: Promise<void>[] = [];
  const followed = options.follow ?? FOLLOWED;
  const everyNth = followed === 0 ? Number.POSITIVE_INFINITY : Math.ceil(options.orders / followed);
  const place = async (i: number) => {
    const at = Date.now();
    const body = orderOf(name, i);
    const { orderId, statusUrl } = await buyer.createOrder(body, { idempotencyKey: `load-${name}-${i}` });
    samples.accepted.push(Date.now() - at);
    progress.accepted += 1;
    const order = { orderId, customerEmail: body.customerEmail, statusUrl, at };
    placed.push(order);
    // Who cannot be followed has no times; whether the order is well is asked of each in the end.
    if (i % everyNth === 0) followers.push(follow(run, order).catch(() => undefined));
  };
  const failure = await inParallel(options.orders, options.concurrency, place).then(
    () => undefined,
    (error: Error) => error,
  );
  if (failure && placed.length === 0) throw failure;
  return { placed, followers, repeats: Math.max(0, requests - options.orders), failure: failure?.message };
}

/** The name tells staff that it is no order, the address that nobody is to be bothered: SES's simulator delivers to nobody. */
function orderOf(name: string, i: number): NewOrder {
  return {
    customerEmail: `success+load-${name}-${i}@simulator.amazonses.com`,
    company: "LOAD TEST",
    notes: "Load test: not an order, please ignore.",
    items: [
      { productId: "PROD-001", quantity: 1 + (i % 5) },
      { productId: "PROD-002", quantity: 1 },
    ],
    billingAddress: { street: `${i} Load Test Street`, city: "Cape Town", postalCode: "8001" },
  };
}

/** Looks at one order until it has its document. */
async function follow(run: Run, { orderId, statusUrl, at }: Placed): Promise<void> {
  const { client, hasToken, samples } = run;
  let recorded = false;
  while (Date.now() < run.deadline) {
    const order = hasToken ? await client.getOrder(orderId).catch(unlessAbsent) : await byLink(client, statusUrl);
    if (order && !recorded) {
      recorded = true;
      samples.recorded.push(Date.now() - at);
    }
    if (order && !("documents" in order)) return;
    if (order?.documents.some(({ type }) => type === "order")) {
      samples.documented.push(Date.now() - at);
      return;
    }
    await pause(Math.max(LOOK.leastMs, (Date.now() - at) * LOOK.share));
  }
}

function unlessAbsent(error: unknown): undefined {
  if (isOrderClientError(error, "ORDER_NOT_FOUND")) return undefined;
  throw error;
}

async function byLink(client: OrderClient, statusUrl: string) {
  const status = await client.getOrderStatus(statusUrl);
  return status.orderNumber === null ? undefined : status;
}

/** Waits until so many mails went out after the first `from`, or for the deadline. */
async function untilMailed(local: LocalView, { progress, options, deadline }: Run, { from, due }: { from: number; due: number }) {
  const mails: Mail[] = [];
  for (;;) {
    mails.push(...(await local.mails(from + mails.length)));
    progress.mailed = Math.floor(mails.length / 2);
    if (mails.length >= due || Date.now() > deadline) break;
    await pause(options.orders < 100 ? 10 : 200);
  }
  // One that comes twice comes soon after.
  for (let quiet = 0; quiet < 3 && Date.now() < deadline; quiet++) {
    await pause(100);
    const more = await local.mails(from + mails.length);
    mails.push(...more);
    const busy = Object.values(await local.queues()).some(({ waiting }) => waiting > 0);
    if (more.length > 0 || busy) quiet = -1;
  }
  return mails;
}

/** Reads every order back, again and again those that have no document yet; then the tenant's list. */
async function untilDocumented(
  { client, hasToken, options, progress, deadline }: Run,
  placed: readonly Placed[],
): Promise<{ seen: Seen[]; waitedUntil: number }> {
  const seen: Seen[] = [];
  let waitedUntil = 0;
  await inParallel(placed.length, options.concurrency, async (i) => {
    const { orderId, statusUrl } = placed[i]!;
    for (let looks = 1; ; looks++) {
      const found = hasToken ? await client.getOrder(orderId).catch(unlessAbsent) : await byLink(client, statusUrl);
      const documented = found && (!("documents" in found) || found.documents.some(({ type }) => type === "order"));
      if (documented || Date.now() > deadline) {
        if (looks > 1) waitedUntil = Date.now();
        if (found?.orderNumber) seen.push({ id: orderId, orderNumber: found.orderNumber, documented: Boolean(documented) });
        progress.documented += 1;
        return;
      }
      await pause(200);
    }
  });
  if (!hasToken) return { seen, waitedUntil };
  const list = await listAll(client, placed);
  const listed = new Set(list.map(({ id }) => id));
  const read = new Set(seen.map(({ id }) => id));
  // What only the list knows: an order told twice, or one that nobody placed.
  const once = new Set<string>();
  const twice = list.filter(({ id }) => once.size === once.add(id).size);
  return {
    seen: [...seen.map((order) => ({ ...order, listed: listed.has(order.id) })), ...list.filter(({ id }) => !read.has(id)), ...twice],
    waitedUntil,
  };
}

/** The newest orders of the token's tenant by the list, as many as were placed and a page more. */
async function listAll(client: OrderClient, placed: readonly Placed[]): Promise<Seen[]> {
  const since = new Date(Math.min(...placed.map(({ at }) => at)) - 60_000).toISOString();
  const found: Seen[] = [];
  let startAt: string | undefined;
  do {
    const page = await client.listOrders({ pageSize: 100, fromDate: since, startAt });
    found.push(...page.items.map(({ id, orderNumber }) => ({ id, orderNumber, documented: true })));
    startAt = page.startAt ?? undefined;
  } while (startAt);
  return found;
}

function noteMailed({ samples }: Run, placed: readonly Placed[], seen: readonly Seen[], mails: Mail[] = []) {
  const takenAt = new Map(mails.map((mail) => [mail.subject, mail.takenAt]));
  const numbers = new Map(seen.map(({ id, orderNumber }) => [id, orderNumber]));
  for (const { orderId, at } of placed) {
    const confirmed = takenAt.get(confirmationOf(numbers.get(orderId) ?? ""));
    if (confirmed !== undefined) samples.mailed.push(confirmed - at);
  }
}

function uncheckedOf({ local, hasToken }: Run, checked: { numbers: boolean; memory: boolean }): string[] {
  return [
    ...(local ? [] : ["mails and queues cannot be seen through the API: see `npm run ops -- reconcile` and `dlq list`"]),
    ...(checked.numbers ? [] : ["numbers are checked for repeats only, and nothing for what nobody placed: others order meanwhile"]),
    ...(hasToken ? [] : ["guests cannot see documents and have no list"]),
    ...(local && !checked.memory ? ["a load of less than two minutes says nothing about the growth of memory"] : []),
  ];
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
