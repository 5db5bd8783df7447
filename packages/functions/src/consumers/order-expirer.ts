import { epochSeconds, systemClock } from "@bbws/core/clock.ts";
import { OrderError, PermanentError } from "@bbws/core/errors.ts";
import { orders as ordersOf } from "@bbws/core/order/orders.ts";
import { mayTransition } from "@bbws/core/order/status.ts";
import type { DynamoDBRecord } from "aws-lambda";
import * as v from "valibot";
import { tableName } from "../runtime/config.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { type ChangeOutcome, changeBatch, imageOf } from "./change-batch.ts";

const orders = ordersOf({ client: dynamodb, table: tableName() }, systemClock);

const Timer = v.object({ orderId: v.string(), tenantId: v.string(), expiresAt: v.number() });

/**
 * A timer is gone: the order expires if its time was really over (TTL may be late, and a replicated removal does not
 * say who removed it) and it still waits for money.
 */
async function expire(record: DynamoDBRecord): Promise<ChangeOutcome> {
  const image = v.safeParse(Timer, imageOf(record.dynamodb?.OldImage));
  if (!image.success) throw new PermanentError("the removed item is not a timer");
  const { orderId, tenantId, expiresAt } = image.output;
  if (expiresAt > epochSeconds(systemClock())) return { note: "removed early" };
  const order = await orders.get(tenantId, orderId);
  if (!order) throw new OrderError("ORDER_NOT_FOUND", "The timer's order is not there");
  const { correlationId = orderId } = order;
  if (!mayTransition(order.status, "EXPIRED", ["Timer"])) return { note: "not waiting any more", correlationId };
  try {
    await orders.update(order, { to: "EXPIRED" }, { by: "system", correlationId });
    return { note: "expired", correlationId };
  } catch (error) {
    return { error, correlationId };
  }
}

/** Each by itself: one whose call hangs keeps no other waiting. */
const expireAll = (records: DynamoDBRecord[]): Promise<ChangeOutcome[]> =>
  Promise.all(records.map((record) => expire(record).catch((error: unknown) => ({ error }))));

export const handler = changeBatch(expireAll);
