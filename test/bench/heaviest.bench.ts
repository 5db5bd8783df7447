import { join } from "node:path";
import { acceptedMessage } from "@bbws/core/order/accept.ts";
import { changeToEvents, documentOf, type OrderEvent } from "@bbws/core/order/events.ts";
import { type FunctionName, queues, streamReaders } from "../../infra/settings.ts";
import { startAlone } from "../support/alone.ts";
import { expiryEvent, httpEvent, insertEvent, queueEvent } from "../support/lambda-events.ts";
import { acceptedOrder, item } from "../support/order.ts";
import type { Group } from "./harness/group.ts";
import { functionNames } from "./harness/lambda.ts";
import { spreadOf } from "./harness/stats.ts";

const MOST_LINES = 50;
const PAGE = 100;
const ROUNDS = 3;

/** Each function's heaviest event, alone in a fresh process: what its memory and its time-out must have room for. */
export const heaviest: Group = {
  name: "heaviest",
  rows: [
    ...functionNames.map((name) => ({
      id: `heaviest.memory.${name}`,
      title: `most memory of ${name}, heaviest event in a fresh process`,
      unit: "MB" as const,
      judged: "value" as const,
      tolerance: 0.25,
    })),
    ...functionNames.map((name) => ({
      id: `heaviest.time.${name}`,
      title: `heaviest event of ${name} in a fresh process`,
      unit: "ms" as const,
      judged: "value" as const,
    })),
  ],
  async measure({ quick, folder, progress }) {
    const alone = await startAlone(join(folder, "heaviest"));
    try {
      const told = new Map(functionNames.map((name) => [name, { memory: [] as number[], time: [] as number[] }]));
      for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
        for (const [name, { memory, time }] of told) {
          progress(`${name}, round ${round + 1}`);
          const { answer, ms, peakBytes } = await alone.invoke(name, await heaviestEvent[name](alone));
          if (answer?.statusCode >= 400 || answer?.batchItemFailures?.length > 0)
            throw new Error(`${name} answered ${JSON.stringify(answer)}`);
          memory.push(peakBytes / 1e6);
          time.push(ms);
        }
      }
      return Object.fromEntries(
        [...told].flatMap(([name, { memory, time }]) => [
          [`heaviest.memory.${name}`, { figure: spreadOf(memory) }],
          [`heaviest.time.${name}`, { figure: spreadOf(time) }],
        ]),
      );
    } finally {
      await alone.stop();
    }
  },
};

type Alone = Awaited<ReturnType<typeof startAlone>>;

const lines = () => Array.from({ length: MOST_LINES }, (_, i) => item({ productId: `PROD-${i}` }));
const claimsOf = (tenantId: string) => ({ sub: "u", "custom:tenantId": tenantId });

/** Orders of 50 lines in the table, one after the other, and the events their recording made. */
async function recorded(alone: Alone, count: number, tenantId = "tenant-a") {
  const made: Awaited<ReturnType<Alone["recorded"]>>[] = [];
  while (made.length < count) made.push(await alone.recorded({ tenantId, items: lines() }));
  return { orders: made.map(({ stored }) => stored), events: made.map(({ event }) => event) };
}

/** The same, paid: the events that ask for their tax invoices. */
async function paid(alone: Alone, count: number): Promise<OrderEvent[]> {
  const { orders } = await recorded(alone, count);
  const events: OrderEvent[] = [];
  for (const [i, order] of orders.entries()) {
    const payment = { paymentReference: `${order.id}-${i}`, method: "card", amount: order.total, currency: "ZAR" };
    const { order: after } = await alone.repository.confirmPayment(order.id, payment, { by: "payments", correlationId: "c-1" });
    events.push(...changeToEvents(order, after).filter((event) => documentOf(event) === "taxInvoice"));
  }
  return events;
}

/** The same with their tax invoices: the events that mail them. */
async function invoiced(alone: Alone, count: number): Promise<OrderEvent[]> {
  const ready: OrderEvent[] = [];
  for (const event of await paid(alone, count)) {
    const before = await alone.repository.get(event.tenantId, event.orderId);
    await alone.invoke("OrderPDFCreator", queueEvent(event));
    ready.push(...changeToEvents(before, await alone.repository.get(event.tenantId, event.orderId)));
  }
  return ready;
}

const heaviestEvent: Record<FunctionName, (alone: Alone) => Promise<unknown>> = {
  // As many lines as the catalogue on this machine sells products.
  CreateOrder: async () => {
    const body = {
      customerEmail: "heaviest@example.com",
      items: [1, 2, 3, 4].map((n) => ({ productId: `PROD-00${n}`, quantity: 99 })),
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    };
    return httpEvent("POST", "/v1.0/orders", { body: JSON.stringify(body) });
  },
  GetOrder: async (alone) => {
    const [order] = (await recorded(alone, 1)).orders;
    return httpEvent("GET", `/v1.0/orders/${order!.id}`, { claims: claimsOf(order!.tenantId) });
  },
  ListOrders: async (alone) => {
    const tenantId = `tenant-list-${crypto.randomUUID()}`;
    await recorded(alone, PAGE, tenantId);
    return { ...httpEvent("GET", "/v1.0/orders", { claims: claimsOf(tenantId) }), rawQueryString: `pageSize=${PAGE}` };
  },
  UpdateOrder: async (alone) => {
    const [order] = (await recorded(alone, 1)).orders;
    const payment = {
      paymentReference: `PAY-${order!.id}`,
      paymentMethod: "card",
      paymentAmount: order!.total / 100,
      paymentCurrency: "ZAR",
    };
    return httpEvent("POST", `/v1.0/orders/${order!.id}/paymentconfirmation`, {
      claims: { sub: "payments", "cognito:groups": "System" },
      body: JSON.stringify(payment),
    });
  },
  OrderCreatorRecord: async () => {
    const orders = Array.from({ length: queues.OrderCreationQueue.batchSize }, () => acceptedOrder({ items: lines() }));
    return queueEvent(...orders.map((order) => acceptedMessage(order, "c-1")));
  },
  OrderPDFCreator: async (alone) => queueEvent(...(await paid(alone, queues.InvoiceQueue.batchSize))),
  OrderInternalNotificationSender: async (alone) =>
    queueEvent(...(await recorded(alone, queues.InternalNotificationQueue.batchSize)).events),
  CustomerOrderConfirmationSender: async (alone) => queueEvent(...(await invoiced(alone, queues.CustomerNotificationQueue.batchSize))),
  OrderChangeRouter: async (alone) => insertEvent(...(await recorded(alone, streamReaders.OrderChangeRouter.batchSize)).orders),
  OrderExpirer: async (alone) => expiryEvent(...(await recorded(alone, streamReaders.OrderExpirer.batchSize)).orders),
};
