import { type Clock, epochSeconds } from "../clock.ts";
import type { Table } from "../table.ts";
import { expiryTimerEntity } from "./order.entity.ts";
import type { Order } from "./order.ts";
import { EXPIRY_DAYS } from "./orders.ts";

/** How long an unpaid order lives from its acceptance, in ms. */
export const EXPIRY_MS = EXPIRY_DAYS * 24 * 3600 * 1000;

/** Operators' hands on an order's timer: the functions set it once and leave the rest to TTL. */
export function expiryTimers(table: Table, clock: Clock) {
  const entity = expiryTimerEntity(table);

  /** Sets a lost timer again, to the moment it had. */
  async function restore(order: Order): Promise<void> {
    await entity.put({ orderId: order.id, tenantId: order.tenantId, expiresAt: expiresAt(order) }).go();
  }

  /**
   * Lets an overdue timer run out now, as TTL would have done: its removal wakes the expirer.
   * @returns false when its time is not over: nothing is touched then.
   */
  async function runOut(order: Order): Promise<boolean> {
    if (expiresAt(order) > epochSeconds(clock())) return false;
    await restore(order);
    await entity.delete({ orderId: order.id }).go();
    return true;
  }

  return { restore, runOut };
}

const expiresAt = (order: Order) => epochSeconds(new Date(Date.parse(order.dateCreated) + EXPIRY_MS));
