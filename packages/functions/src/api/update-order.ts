import { systemClock } from "@bbws/core/clock.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { toRand } from "@bbws/core/money.ts";
import { type Orders, orders as ordersOf, type StoredOrder, versionConflict } from "@bbws/core/order/orders.ts";
import { confirmedAt, type Payment } from "@bbws/core/order/payment.ts";
import { PaymentConfirmationRequest, UpdateOrderRequest } from "@bbws/core/order/requests.ts";
import { decideUpdate } from "@bbws/core/order/update.ts";
import { entityTag, orderView, paymentView } from "@bbws/core/order/view.ts";
import { parse } from "@bbws/core/parse.ts";
import { tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { handle } from "hono/aws-lambda";
import { environment, tableName } from "../runtime/config.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { logger } from "../runtime/logger.ts";
import { count } from "../runtime/metrics.ts";
import { type Caller, hasRole, seesAllTenants } from "./caller.ts";
import { authorizedCaller } from "./middleware/auth.ts";
import { jsonBody } from "./middleware/body.ts";
import { type ApiContext, api, success } from "./middleware/envelope.ts";
import { ifMatchVersion } from "./middleware/headers.ts";
import { isOrderId, orderNotFound, visibleOrder } from "./read.ts";

const table = { client: dynamodb, table: tableName() };
const orders: Orders = ordersOf(table, systemClock);
const tenants = tenantsOf(table, systemClock);

const { STANDS_BY } = environment("STANDS_BY");

const PAYMENT_SCOPE = "orders/payment.confirm";
/** Tries of an update that names no version, each on a fresh read. */
const UNCONDITIONAL_TRIES = 3;

export const app = api()
  .put("/v1.0/orders/:orderId", (c) => update(c, c.req.param("orderId")))
  .put("/v1.0/tenants/:tenantId/orders/:orderId", (c) => update(c, c.req.param("orderId"), c.req.param("tenantId")))
  .post("/v1.0/orders/:orderId/paymentconfirmation", (c) => confirmPayment(c, c.req.param("orderId")));

async function update(c: ApiContext, orderId: string, tenantId?: string) {
  const caller = authorizedCaller(c);
  const request = parse(UpdateOrderRequest, await jsonBody(c));
  const expected = ifMatchVersion(c) ?? request.version;
  for (let attempt = 1; ; attempt++) {
    const order = await changeableOrder(caller, orderId, tenantId);
    if (expected !== undefined && order.version !== expected) throw versionConflict(order.version);
    const change = decideUpdate(order, request, rolesOn(order, caller));
    if (!change) return answer(c, order, caller);
    if (change.to === "REFUNDED") refuseNumbersOnStandby();
    try {
      return answer(c, await orders.update(order, change, { by: caller.sub, correlationId: c.get("correlationId") }), caller);
    } catch (error) {
      const conflict = error instanceof OrderError && error.code === "VERSION_CONFLICT";
      if (!conflict || expected !== undefined || attempt >= UNCONDITIONAL_TRIES) throw error;
    }
  }
}

/** A customer is one of its own tenants' orders only: who is System besides does not cancel a stranger's. */
const rolesOn = (order: StoredOrder, { roles, tenants: own }: Caller) =>
  own.includes(order.tenantId) ? roles : roles.filter((role) => role !== "Customer");

/** The order, if the caller may change it: System reaches every tenant's, a suspended tenant's customer none. */
async function changeableOrder(caller: Caller, orderId: string, tenantId?: string): Promise<StoredOrder> {
  const crossTenant = seesAllTenants(caller) || hasRole(caller, "System");
  const order = await visibleOrder(orders, caller, { orderId, tenantId, crossTenant });
  if (!order.active && !hasRole(caller, "Admin")) throw orderNotFound();
  if (!crossTenant && (await tenants.isSuspended(order.tenantId))) {
    throw new OrderError("ACCOUNT_SUSPENDED", "This account is suspended; please contact support");
  }
  return order;
}

/**
 * Replication to a region that stands by is late, and so may its counters be: a tax invoice or credit note numbered by them
 * could have the number of another. After a failover the counters are set ahead, and the stage is made the active one.
 * @throws OrderError TRY_AGAIN
 */
function refuseNumbersOnStandby(): void {
  if (!STANDS_BY) return;
  throw new OrderError("TRY_AGAIN", "This region stands by and gives no numbers yet; please repeat the request", { retryAfterSeconds: 60 });
}

const answer = (c: ApiContext, order: StoredOrder, caller: Caller) =>
  success(c, orderView(order, rolesOn(order, caller)), 200, { ETag: entityTag(order) });

async function confirmPayment(c: ApiContext, orderId: string) {
  const caller = authorizedCaller(c);
  if (!hasRole(caller, "System", "Admin") && !caller.scopes.includes(PAYMENT_SCOPE)) {
    throw new OrderError("FORBIDDEN", "Your role may not confirm payments");
  }
  const payment = paymentOf(parse(PaymentConfirmationRequest, await jsonBody(c)));
  if (!isOrderId(orderId)) throw orderNotFound();
  refuseNumbersOnStandby();
  try {
    const who = { by: hasRole(caller, "System") ? "system" : caller.sub, correlationId: c.get("correlationId") };
    const { order, repeated } = await orders.confirmPayment(orderId, payment, who);
    if (!repeated) {
      count("OrdersPaid");
      count("Revenue", toRand(order.total));
    }
    return success(c, paymentView(order, confirmedAt(order)), 200, { ETag: entityTag(order) });
  } catch (error) {
    if (error instanceof OrderError && error.code === "INVALID_STATUS_TRANSITION") {
      // Money came for an order nobody will deliver: somebody must give it back.
      count("PaymentForDeadOrder");
      logger.error("payment for a dead order", { orderId, correlationId: c.get("correlationId") });
    }
    throw error;
  }
}

function paymentOf(request: PaymentConfirmationRequest): Payment {
  return {
    paymentReference: request.paymentReference,
    method: request.paymentMethod,
    amount: request.paymentAmount,
    currency: request.paymentCurrency,
    ...(request.paidAt && { paidAt: request.paidAt }),
    ...(request.payfastPaymentId && { payfastPaymentId: request.payfastPaymentId }),
    ...(request.amountFee != null && { amountFee: request.amountFee }),
    ...(request.amountNet != null && { amountNet: request.amountNet }),
  };
}

export const handler = handle(app);
