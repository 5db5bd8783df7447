import { systemClock } from "@bbws/core/clock.ts";
import { type AcceptDependencies, acceptOrder, type Orderer } from "@bbws/core/order/accept.ts";
import { idempotency } from "@bbws/core/order/idempotency.ts";
import { CreateOrderRequest } from "@bbws/core/order/requests.ts";
import { orderPath } from "@bbws/core/order/view.ts";
import { parse } from "@bbws/core/parse.ts";
import { tenants } from "@bbws/core/tenant/tenants.ts";
import { handle } from "hono/aws-lambda";
import { catalogue } from "../runtime/catalogue.ts";
import { environment, queueUrl, signingKeys, tableName } from "../runtime/config.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { count } from "../runtime/metrics.ts";
import { sendMessage } from "../runtime/queue.ts";
import { type Caller, hasRole, permittedTenant, refuseSystem, soleTenant } from "./caller.ts";
import { authorizedCaller } from "./middleware/auth.ts";
import { jsonBody } from "./middleware/body.ts";
import { type ApiContext, api, success } from "./middleware/envelope.ts";
import { idempotencyKey } from "./middleware/headers.ts";
import { verifiedCaller } from "./middleware/token.ts";

const table = { client: dynamodb, table: tableName() };
const creationQueue = queueUrl("OrderCreationQueue");
const dependencies: AcceptDependencies = {
  catalogue,
  tenants: tenants(table, systemClock),
  idempotency: idempotency(table, systemClock),
  send: (message) => sendMessage(creationQueue, message),
  keys: signingKeys(),
  clock: systemClock,
  guestOrdersPerHour: environment("GUEST_ORDERS_PER_HOUR").GUEST_ORDERS_PER_HOUR,
};

export const app = api()
  .post("/v1.0/orders", async (c) => {
    // As the gateway delivered it: the adapter leaves empty headers out, and an empty one is a bad token, not a guest.
    const authorization = (c.env.event.headers as Record<string, string | undefined> | undefined)?.authorization;
    return accept(c, authorization === undefined ? "guest" : asTenant(await verifiedCaller(authorization)));
  })
  .post("/v1.0/tenants/:tenantId/orders", async (c) => accept(c, asTenant(authorizedCaller(c), c.req.param("tenantId"))));

function asTenant(caller: Caller, pathTenant?: string): Orderer {
  refuseSystem(caller);
  const tenantId = pathTenant === undefined ? soleTenant(caller) : permittedTenant(caller, pathTenant, hasRole(caller, "Admin"));
  return { tenantId, sub: caller.sub };
}

async function accept(c: ApiContext, orderer: Orderer) {
  const key = idempotencyKey(c);
  const request = parse(CreateOrderRequest, await jsonBody(c));
  const input = { request, orderer, idempotencyKey: key, correlationId: c.get("correlationId") };
  const { orderId, data, replayed, first } = await acceptOrder(input, dependencies);
  if (first) count("OrdersAccepted");
  return success(c, data, 202, { Location: orderPath(orderId), ...(replayed && { "Idempotent-Replayed": "true" }) });
}

export const handler = handle(app);
