import { systemClock } from "@bbws/core/clock.ts";
import { mailLedger } from "@bbws/core/mail/ledger.ts";
import { type Gap, gapsOf } from "@bbws/core/order/completeness.ts";
import { expiryTimers } from "@bbws/core/order/expiry-timer.ts";
import { orders as ordersOf, type StoredOrder } from "@bbws/core/order/orders.ts";
import { OpsError } from "../exit-code.ts";
import type { Target } from "../target/target.ts";

/** The parts of the domain that operators use, on one target. */
export function storeOf({ table }: Pick<Target, "table">) {
  const orders = ordersOf(table, systemClock);
  const ledger = mailLedger(table, systemClock);
  const timers = expiryTimers(table, systemClock);

  /** An order by its id, or by its order, invoice or credit-note number. */
  async function find(idOrNumber: string): Promise<StoredOrder | undefined> {
    if (/^(ORD|INV|CRN)-\d{4}-\d+$/i.test(idOrNumber)) return orders.findByNumber(idOrNumber.toUpperCase());
    return orders.find(idOrNumber);
  }

  /** @throws OpsError when there is none. */
  async function get(idOrNumber: string): Promise<StoredOrder> {
    const order = await find(idOrNumber);
    if (order) return order;
    throw new OpsError(`there is no order ${idOrNumber} in the table; order show looks among the dead letters too`);
  }

  /** What is known of an order besides itself. */
  async function around(order: StoredOrder) {
    const [mails, timer] = await Promise.all([ledger.ofOrder(order.id), orders.timer(order.id)]);
    return { mails, timer };
  }

  async function lacks(order: StoredOrder): Promise<Gap[]> {
    return gapsOf(order, await around(order), systemClock());
  }

  return { orders, timers, find, get, around, lacks };
}

export type Store = ReturnType<typeof storeOf>;
