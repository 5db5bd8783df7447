import { systemClock } from "@bbws/core/clock.ts";
import { decodeCursor, encodeCursor } from "@bbws/core/cursor.ts";
import { ListOrdersQuery } from "@bbws/core/order/list-query.ts";
import { type ListPosition, type ListQuery, orders as ordersOf } from "@bbws/core/order/orders.ts";
import { orderSummary } from "@bbws/core/order/view.ts";
import { parse } from "@bbws/core/parse.ts";
import { handle } from "hono/aws-lambda";
import { signingKeys, tableName } from "../runtime/config.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { hasRole, permittedTenant, refuseSystem, seesAllTenants, soleTenant } from "./caller.ts";
import { authorizedCaller } from "./middleware/auth.ts";
import { type ApiContext, api, success } from "./middleware/envelope.ts";

const orders = ordersOf({ client: dynamodb, table: tableName() }, systemClock);
const keys = signingKeys();

export const app = api()
  .get("/v1.0/orders", (c) => list(c))
  .get("/v1.0/tenants/:tenantId/orders", (c) => list(c, c.req.param("tenantId")));

async function list(c: ApiContext, pathTenant?: string) {
  const caller = authorizedCaller(c);
  refuseSystem(caller);
  const tenantId = pathTenant === undefined ? soleTenant(caller) : permittedTenant(caller, pathTenant, seesAllTenants(caller));
  const asked = parse(ListOrdersQuery, { ...c.req.query(), status: c.req.queries("status") });
  const query = { ...asked, tenantId, includeInactive: asked.includeInactive && hasRole(caller, "Admin") };
  const scope = { tenantId, filters: filtersOf(query) };
  const now = systemClock();
  const page = await orders.list({
    ...query,
    after: asked.startAt ? positionOf(decodeCursor(keys, scope, asked.startAt, now)) : undefined,
  });
  return success(c, {
    items: page.orders.map(orderSummary),
    count: page.orders.length,
    startAt: page.next ? encodeCursor(keys, scope, `${page.next.dateCreated}#${page.next.id}`, now) : null,
    moreAvailable: page.next !== undefined,
  });
}

/** What a page token is bound to besides the tenant; the page's size may change between pages. */
const filtersOf = ({ from, to, statuses, includeInactive }: Omit<ListQuery, "after">) =>
  JSON.stringify([from ?? "", to ?? "", [...(statuses ?? [])].sort(), includeInactive ?? false]);

function positionOf(position: string): ListPosition {
  const [dateCreated, id] = position.split("#") as [string, string];
  return { dateCreated, id };
}

export const handler = handle(app);
