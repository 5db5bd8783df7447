import { systemClock } from "@bbws/core/clock.ts";
import { mailLedger } from "@bbws/core/mail/ledger.ts";
import { type Gap, gapsOf } from "@bbws/core/order/completeness.ts";
import { expiryTimers } from "@bbws/core/order/expiry-timer.ts";
import { orders as ordersOf, type StoredOrder } from "@bbws/core/order/orders.ts";
import { OpsError } from "../exit-code.ts";
import type { Target } from "../target/target.ts";

const isNumber = (text: string) => /^(ORD|INV|CRN)-\d{4}-\d+$/i.test(text);

/** The parts of the domain that operators use, on one target. */
export function storeOf({ table }: Pick<Target, "table">) {
  const orders = ordersOf(table, systemClock);
  const mails = mailLedger(table, systemClock);
  const timers = expiryTimers(table, systemClock);

  /** An order by its id, or by its order, invoice or credit-note number. */
  async function find(idOrNumber: string): Promise<StoredOrder | undefined> {
    if (isNumber(idOrNumber)) return orders.findByNumber(idOrNumber.toUpperCase());
    return orders.find(idOrNumber);
  }

  /** @throws OpsError when there is none. */
  async function get(idOrNumber: string): Promise<StoredOrder> {
    const order = await find(idOrNumber);
    if (order) return order;
    throw new OpsError(`there is no order ${idOrNumber} in the table; order show looks among the dead letters too`);
  }

  /** The id of an order that was named by its id or a number; one that is not recorded has an id, too. @throws OpsError for a number nobody has. */
  async function idOf(idOrNumber: string): Promise<string> {
    return isNumber(idOrNumber) ? (await get(idOrNumber)).id : idOrNumber;
  }

  /** What is known of an order besides itself. */
  async function around(order: StoredOrder) {
    const [sent, timer] = await Promise.all([mails.ofOrder(order.id), orders.timer(order.id)]);
    return { mails: sent, timer };
  }

  async function lacks(order: StoredOrder): Promise<Gap[]> {
    return gapsOf(order, await around(order), systemClock());
  }

  return { orders, mails, timers, find, get, idOf, around, lacks };
}

export type Store = ReturnType<typeof storeOf>;
