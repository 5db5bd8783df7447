import { join } from "node:path";
import { changeToEvents } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { type FunctionName, queues, streamReaders } from "../../infra/settings.ts";
import { startAlone } from "../support/alone.ts";
import { acceptedMessage, expiryEvent, httpEvent, insertEvent, queueEvent } from "../support/lambda-events.ts";
import { acceptedOrder, item } from "../support/order.ts";
import type { Group } from "./harness/group.ts";
import { functionNames } from "./harness/lambda.ts";
import { spreadOf } from "./harness/stats.ts";

const MOST_LINES = 50;
const PAGE = 100;
const ROUNDS = 3;

/** The heaviest event of each function: a full batch, orders of 50 lines, a full page of the list. */
export const memory: Group = {
  name: "memory",
  rows: functionNames.map((name) => ({
    id: `memory.${name}`,
    title: `most memory of ${name}, fresh process, heaviest event`,
    unit: "MB",
    judged: "value",
    tolerance: 0.25,
  })),
  async measure({ quick, folder, progress }) {
    const alone = await startAlone(join(folder, "memory"));
    try {
      const samples: Partial<Record<FunctionName, number[]>> = {};
      for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
        for (const name of functionNames) {
          progress(`${name}, round ${round + 1}`);
          const { answer, peakBytes } = await alone.invoke(name, await heaviest[name](alone));
          if (answer?.statusCode >= 400 || answer?.batchItemFailures?.length > 0)
            throw new Error(`${name} answered ${JSON.stringify(answer)}`);
          samples[name] = [...(samples[name] ?? []), peakBytes / 1e6];
        }
      }
      return Object.fromEntries(functionNames.map((name) => [`memory.${name}`, { figure: spreadOf(samples[name]!) }]));
    } finally {
      await alone.stop();
    }
  },
};

type Alone = Awaited<ReturnType<typeof startAlone>>;

const lines = () => Array.from({ length: MOST_LINES }, (_, i) => item({ productId: `PROD-${i}` }));
const many = async (count: number, one: () => Promise<Order>) => {
  const made: Order[] = [];
  while (made.length < count) made.push(await one());
  return made;
};
const recorded = (alone: Alone, count: number, tenantId = "tenant-a") =>
  many(count, async () => (await alone.recorded({ tenantId, items: lines() })).stored);
const claimsOf = (tenantId: string) => ({ sub: "u", "custom:tenantId": tenantId });
const recordings = async (alone: Alone, count: number) =>
  queueEvent(...(await recorded(alone, count)).map((order) => changeToEvents(undefined, order)[0]!));

const heaviest: Record<FunctionName, (alone: Alone) => Promise<unknown>> = {
  CreateOrder: async () => {
    const body = {
      customerEmail: "memory@example.com",
      items: Array.from({ length: MOST_LINES }, (_, i) => ({ productId: `PROD-00${1 + (i % 3)}`, quantity: 1 })),
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    };
    return httpEvent("POST", "/v1.0/orders", { body: JSON.stringify(body) });
  },
  GetOrder: async (alone) => {
    const [order] = await recorded(alone, 1);
    return httpEvent("GET", `/v1.0/orders/${order!.id}`, { claims: claimsOf(order!.tenantId) });
  },
  ListOrders: async (alone) => {
    const tenantId = `tenant-list-${crypto.randomUUID()}`;
    await recorded(alone, PAGE, tenantId);
    return { ...httpEvent("GET", "/v1.0/orders", { claims: claimsOf(tenantId) }), rawQueryString: `pageSize=${PAGE}` };
  },
  UpdateOrder: async (alone) => {
    const [order] = await recorded(alone, 1);
    const body = '{"status":"CANCELLED"}';
    return httpEvent("PUT", `/v1.0/orders/${order!.id}`, { claims: claimsOf(order!.tenantId), body });
  },
  OrderCreatorRecord: async () => {
    const orders = Array.from({ length: queues.OrderCreationQueue.batchSize }, () => acceptedOrder({ items: lines() }));
    return queueEvent(...orders.map(acceptedMessage));
  },
  OrderPDFCreator: (alone) => recordings(alone, queues.InvoiceQueue.batchSize),
  OrderInternalNotificationSender: (alone) => recordings(alone, queues.InternalNotificationQueue.batchSize),
  CustomerOrderConfirmationSender: (alone) => recordings(alone, queues.CustomerNotificationQueue.batchSize),
  OrderChangeRouter: async (alone) => insertEvent(...(await recorded(alone, streamReaders.OrderChangeRouter.batchSize))),
  OrderExpirer: async (alone) => expiryEvent(...(await recorded(alone, streamReaders.OrderExpirer.batchSize))),
};
