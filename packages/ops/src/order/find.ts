import { systemClock } from "@bbws/core/clock.ts";
import { formatRand } from "@bbws/core/money.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { normaliseEmail } from "@bbws/core/tenant/tenant.ts";
import { tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { exitCode } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { columns, paragraphs, plural, type Result } from "../output.ts";
import { orderOfItem, scanTable } from "../table/scan.ts";
import type { Target } from "../target/target.ts";
import { storeOf } from "./store.ts";

const PAGE = 100;

/**
 * Orders of an e-mail, newest first. Guests' orders are found by their tenant at once; those that signed-in tenants placed
 * under the address have no index: `all` reads the table through.
 */
export async function findOrders(target: Target, { email, all = false }: { email: string; all?: boolean }, io: Io): Promise<Result> {
  const wanted = normaliseEmail(email);
  const tenant = await tenantsOf(target.table, systemClock).ofEmail(wanted);
  const orders = all ? await scanned(target, wanted, io) : tenant ? await ofTenant(target, tenant.tenantId, wanted) : [];
  orders.sort((a, b) => (a.dateCreated < b.dateCreated ? 1 : -1));
  const table = columns(
    ["Order", "Number", "Status", "Total", "Placed", "Tenant"],
    orders.map((order) => [order.id, order.orderNumber, order.status, formatRand(order.total), order.dateCreated, order.tenantId]),
    [3],
  );
  const hint = all ? "" : " Orders that signed-in tenants placed under it: --all reads the whole table.";
  return {
    data: {
      tenantId: tenant?.tenantId ?? null,
      orders: orders.map(({ id, orderNumber, tenantId, status, total, dateCreated, active }) => ({
        id,
        orderNumber,
        tenantId,
        status,
        totalCents: total,
        dateCreated,
        active,
      })),
    },
    text: paragraphs(orders.length > 0 ? table : undefined, `${plural(orders.length, "order")} of this address.${hint}`),
    exitCode: orders.length > 0 ? exitCode.ok : exitCode.failed,
  };
}

async function ofTenant(target: Target, tenantId: string, email: string): Promise<StoredOrder[]> {
  const { orders } = storeOf(target);
  const found: StoredOrder[] = [];
  let after: Parameters<typeof orders.list>[0]["after"];
  do {
    const page = await orders.list({ tenantId, includeInactive: true, pageSize: PAGE, after });
    found.push(...page.orders.filter(({ customerEmail }) => customerEmail === email));
    after = page.next;
  } while (after);
  return found;
}

async function scanned(target: Target, email: string, io: Io): Promise<StoredOrder[]> {
  const found: StoredOrder[] = [];
  const query = {
    FilterExpression: "entityType = :order AND customerEmail = :email",
    ExpressionAttributeValues: { ":order": { S: "Order" }, ":email": { S: email } },
  };
  await scanTable(target.table, query, io, async (items) => {
    found.push(...items.map(orderOfItem).filter((order) => order !== undefined));
  });
  return found;
}
