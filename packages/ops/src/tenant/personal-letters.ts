import { OrderAccepted, OrderEvent } from "@bbws/core/order/events.ts";
import { normaliseEmail } from "@bbws/core/tenant/tenant.ts";
import * as v from "valibot";

/** What leads to a tenant. */
export type Traces = {
  tenantId: string;
  orderIds: ReadonlySet<string>;
  /** Addresses that lead to the tenant and to nobody else. */
  emails: readonly string[];
  /** Addresses on the tenant's orders that lead to nobody: whoever typed one at a checkout may be somebody else, too. */
  typed: readonly string[];
  /** When the erasure began: an order that was accepted later is a new customer's. */
  began: Date;
};

/**
 * True when a message holds personal data of the tenant. Pure.
 *
 * An accepted order is a copy of all the customer typed, and a mail that was asked for may name an address; every other
 * event, and a change of the table, holds ids only. What no release can read may hold anything: there any trace of the
 * tenant, as a whole word in any case, tells.
 */
export function isPersonal(body: string, { tenantId, orderIds, emails, typed, began }: Traces): boolean {
  const json = parsed(body);
  if (v.is(OrderAccepted, json)) {
    const { order } = json;
    if (orderIds.has(order.id)) return true;
    if (order.dateCreated > began.toISOString()) return false;
    return order.tenantId === tenantId || emails.includes(normaliseEmail(order.customerEmail));
  }
  if (v.is(OrderEvent, json)) return json.type === "order.mail_requested" && json.data.to !== undefined && json.tenantId === tenantId;
  if (v.is(Change, json)) return false;
  const text = body.toLowerCase();
  return [tenantId, ...orderIds, ...emails, ...typed].some((trace) => mentions(text, trace.toLowerCase()));
}

/** The letters of the two readers of the stream: the keys of a change, or Lambda's own, which names a place in the stream. */
const Change = v.union([
  v.strictObject({ eventID: v.any(), eventName: v.any(), keys: v.any(), sequenceNumber: v.any() }),
  v.object({ DDBStreamBatchInfo: v.any() }),
]);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** As a whole word: another's address may end in this one, another's id may begin with it. */
function mentions(text: string, word: string): boolean {
  if (!text.includes(word)) return false;
  return new RegExp(`(?<![\\w.+%-])${word.replace(/[^\w]/g, "\\$&")}(?![\\w-]|\\.\\w)`).test(text);
}
