import type { FunctionName, QueueName } from "../../infra/settings.ts";
import type { Group } from "./harness/group.ts";
import type { RowSpec } from "./harness/row.ts";
import { exactly, quantiles, type Spread, spreadOf } from "./harness/stats.ts";
import { rawRates } from "./subjects/emulators.ts";
import { type Watched, watchedOrders } from "./subjects/watched-stack.ts";
import { wholeLoad } from "./subjects/whole-load.ts";

/** What one order takes, from its create to its mails: who works for it, and on which queue its messages lie. */
const happyPath = {
  CreateOrder: undefined,
  OrderCreatorRecord: "OrderCreationQueue",
  OrderChangeRouter: undefined,
  OrderPDFCreator: "InvoiceQueue",
  OrderInternalNotificationSender: "InternalNotificationQueue",
  CustomerOrderConfirmationSender: "CustomerNotificationQueue",
} as const satisfies Partial<Record<FunctionName, QueueName | undefined>>;
type Worker = keyof typeof happyPath;
const workers = Object.keys(happyPath) as Worker[];
const queueNames = Object.values(happyPath).filter((queue) => queue !== undefined);

const effects = { recorded: "recorded", documented: "documented", mailed: "confirmed by mail" } as const;
type Effect = keyof typeof effects;

const p95 = (samples: readonly number[]) => quantiles(samples, [0.95])[0.95];

/** The whole service on this machine: one order on its own, and as many as it takes. */
export const stack: Group = {
  name: "stack",
  rows: [
    ...Object.entries(effects).map(
      ([effect, what]): RowSpec => ({
        id: `stack.${effect}`,
        title: `one order on an idle stack: from its create to ${what}, p95`,
        unit: "ms",
        judged: "value",
        target: 2000,
        stretch: 1000,
      }),
    ),
    {
      id: "stack.orders-per-second",
      title: "orders through the whole stack, 32 at a time, until the last mail",
      unit: "per s",
      baseline: "the emulators alone: send, receive, transact",
      judged: "ratio",
      stretch: 0.6,
      more: true,
    },
    ...workers.map(
      (name): RowSpec => ({ id: `stack.calls.${name}`, title: `AWS calls of ${name} for one order`, unit: "calls", judged: "value" }),
    ),
    {
      id: "stack.calls.twice",
      title: "AWS calls for one order that ask again what was asked before",
      unit: "calls",
      judged: "value",
      target: 0,
    },
    ...workers.map((name): RowSpec => ({ id: `stack.duration.${name}`, title: `one event of ${name}, warm`, unit: "ms", judged: "value" })),
    ...queueNames.map((name): RowSpec => ({ id: `stack.size.${name}`, title: `message on ${name}`, unit: "bytes", judged: "value" })),
    { id: "stack.size.order", title: "order of two lines in the table", unit: "bytes", judged: "value" },
    { id: "stack.size.document", title: "its document", unit: "bytes", judged: "value" },
    { id: "stack.size.mail", title: "a mail about it, HTML and text", unit: "bytes", judged: "value" },
  ],
  async measure({ quick, folder, progress }) {
    const watched = await watchedOrders({ orders: quick ? 5 : 100, progress });
    progress("raw rate of the emulators");
    const before = await rawRates(folder, quick ? 200 : 1000);
    progress("orders through the whole stack");
    const through = await wholeLoad({ orders: quick ? 100 : 1000, rounds: quick ? 1 : 3 });
    progress("raw rate of the emulators, again");
    const after = await rawRates(folder, quick ? 200 : 1000);
    return {
      ...Object.fromEntries(Object.keys(effects).map((effect) => [`stack.${effect}`, idle(watched.samples[effect as Effect])])),
      "stack.orders-per-second": {
        figure: spreadOf(through),
        baseline: spreadOf([...before, ...after]),
        note: "the clients of the emulators' rate share one thread with the queues; the functions have threads of their own",
      },
      ...Object.fromEntries(
        workers.map((name) => [
          `stack.calls.${name}`,
          most(
            watched.calls.map((calls) => countOf(calls, name)),
            noteOf[name],
          ),
        ]),
      ),
      "stack.calls.twice": most(watched.calls.map(repeats)),
      ...Object.fromEntries(workers.map((name) => [`stack.duration.${name}`, { figure: spreadOf(watched.durations.get(name) ?? []) }])),
      ...Object.fromEntries(queueNames.map((name) => [`stack.size.${name}`, { figure: whole(watched.messages.get(name) ?? []) }])),
      "stack.size.order": { figure: whole(watched.sizes.order) },
      "stack.size.document": { figure: whole(watched.sizes.document) },
      "stack.size.mail": { figure: whole(watched.sizes.mail) },
    };
  },
};

function idle(samples: readonly number[]) {
  const { p25, p50, p75 } = spreadOf(samples);
  const [low, middle, high] = [p25, p50, p75].map(Math.round);
  return { figure: exactly(p95(samples)), note: `p50 ${middle} ms (${low} to ${high}), ${samples.length} orders one after the other` };
}

/** The most of any order: what one of them asks for too much is too much. */
const most = (counts: readonly number[], note?: string) => ({ figure: exactly(Math.max(...counts)), note });

/** A stage reads the manifest of the templates once in five minutes, this machine for each mail. */
const manifest = "one of them the manifest of the templates, which a stage reads once in five minutes";
const noteOf: Partial<Record<Worker, string>> = { OrderInternalNotificationSender: manifest, CustomerOrderConfirmationSender: manifest };

const whole = (samples: readonly number[]): Spread => exactly(Math.round(spreadOf(samples).p50));

const countOf = (calls: Watched["calls"][number], name: Worker) => calls.filter((call) => call.function === name).length;

/** The same question by the same function about the same thing. Two mails are two, and so are messages on two queues. */
function repeats(calls: Watched["calls"][number]): number {
  const asked = calls.map(({ function: by, name, key }) => `${by} ${name} ${key ?? ""}`);
  return asked.length - new Set(asked).size;
}
