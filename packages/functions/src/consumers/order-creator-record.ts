import { systemClock } from "@bbws/core/clock.ts";
import { PermanentError } from "@bbws/core/errors.ts";
import { OrderAccepted } from "@bbws/core/order/events.ts";
import { orders as ordersOf, type Recordable, RefusedTransaction } from "@bbws/core/order/orders.ts";
import { type ResolvedTenant, tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { tableName } from "../runtime/config.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { count } from "../runtime/metrics.ts";
import { batch, done, failed, type Outcome, type Received } from "./batch.ts";

const table = { client: dynamodb, table: tableName() };
const orders = ordersOf(table, systemClock);
const tenants = tenantsOf(table, systemClock);

const SUSPENDED = "The account is suspended";

/** Records accepted orders: guest tenants first, then the whole batch in one transaction. */
async function handle(messages: Received<OrderAccepted>[]): Promise<Outcome[]> {
  const guests = await resolveGuests(messages);
  const outcomes = new Map<string, Outcome>();
  const batchById = new Map<string, Recordable>();
  for (const { message } of messages) {
    const { order, correlationId } = message;
    if (order.tenantId) {
      batchById.set(order.id, { order: { ...order, tenantId: order.tenantId }, correlationId });
      continue;
    }
    const guest = guests.get(order.customerEmail);
    if (!guest) {
      outcomes.set(order.id, done("already recorded"));
      continue;
    }
    if ("error" in guest) {
      outcomes.set(order.id, failed(guest.error));
      continue;
    }
    const refusal = guest.status === "SUSPENDED" ? { refusal: SUSPENDED } : {};
    batchById.set(order.id, { order: { ...order, tenantId: guest.tenantId }, correlationId, ...refusal });
  }
  for (const outcome of await orders.record([...batchById.values()])) {
    if ("error" in outcome) {
      const { error } = outcome;
      outcomes.set(outcome.orderId, failed(error instanceof RefusedTransaction ? new PermanentError(error.message) : error));
      continue;
    }
    if (outcome.recorded) count("OrdersRecorded");
    outcomes.set(outcome.orderId, done(outcome.recorded ? "recorded" : "already recorded"));
  }
  return messages.map(({ message }) => outcomes.get(message.order.id)!);
}

/**
 * Each distinct guest e-mail once, each on its own: one that fails does not hold up the others. An e-mail that leads to nobody
 * though all its orders are recorded is an erased customer's, whose messages came again: it stays unknown.
 */
async function resolveGuests(messages: Received<OrderAccepted>[]): Promise<Map<string, ResolvedTenant | { error: unknown } | undefined>> {
  const guests = Map.groupBy(
    messages.map(({ message }) => message.order).filter(({ tenantId }) => !tenantId),
    ({ customerEmail }) => customerEmail,
  );
  const resolved = await Promise.all(
    [...guests].map(async ([email, theirs]) => {
      const areRecorded = async () => (await Promise.all(theirs.map(({ id }) => orders.isRecorded(id)))).every(Boolean);
      return [email, await tenants.resolveGuest(email, areRecorded).catch((error: unknown) => ({ error }))] as const;
    }),
  );
  return new Map(resolved);
}

export const handler = batch({ queue: "OrderCreationQueue", deadLetterQueue: "OrderCreationDLQ", schema: OrderAccepted, handle });
