import { OrderError } from "@bbws/core/errors.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { type Caller, permittedTenant, seesAllTenants } from "./caller.ts";

/** Finding the order a request is about, for those who may know that it exists. */

const ORDER_ID = /^order_[A-Za-z0-9-]{1,64}$/;

type Finder = {
  get(tenantId: string, id: string): Promise<StoredOrder | undefined>;
  find(id: string): Promise<StoredOrder | undefined>;
};

/** Between the 202 and the record an order is not there yet: the caller is told to look again. */
export const orderNotFound = () => new OrderError("ORDER_NOT_FOUND", "There is no such order", { retryAfterSeconds: 1 });

/**
 * The order, if the caller may see it. Another tenant's order does not exist for a customer.
 * @throws OrderError ORDER_NOT_FOUND, TENANT_CLAIM_MISSING or TENANT_ACCESS_DENIED.
 */
export async function visibleOrder(
  orders: Finder,
  caller: Caller,
  { orderId, tenantId, crossTenant = seesAllTenants(caller) }: { orderId: string; tenantId?: string; crossTenant?: boolean },
): Promise<StoredOrder> {
  const tenant = tenantId === undefined ? undefined : permittedTenant(caller, tenantId, crossTenant);
  if (!crossTenant && caller.tenants.length === 0) throw new OrderError("TENANT_CLAIM_MISSING", "Your token names no tenant");
  if (!ORDER_ID.test(orderId)) throw orderNotFound();
  const sole = tenant ?? (crossTenant || caller.tenants.length > 1 ? undefined : caller.tenants[0]);
  const order = sole === undefined ? await orders.find(orderId) : await orders.get(sole, orderId);
  if (!order || (!crossTenant && !caller.tenants.includes(order.tenantId))) throw orderNotFound();
  return order;
}

export const isOrderId = (text: string) => ORDER_ID.test(text);
