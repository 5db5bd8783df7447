import { systemClock } from "@bbws/core/clock.ts";
import { suspensions } from "@bbws/core/tenant/suspension.ts";
import { TENANT_ID_PATTERN } from "@bbws/core/tenant/tenant.ts";
import { tenantErasures } from "@bbws/core/tenant/tenant-erasures.ts";
import { exitCode, usageError } from "../exit-code.ts";
import { storeOf } from "../order/store.ts";
import { columns, facts, paragraphs, type Result, section } from "../output.ts";
import type { Target } from "../target/target.ts";

/** How many of its orders `tenant show` lists. */
const LATEST = 10;

/** @throws OpsError (usage) when the text cannot be a tenant's id. */
export function checkTenantId(tenantId: string): void {
  if (!TENANT_ID_PATTERN.test(tenantId)) throw usageError(`${tenantId} is not a tenant id`);
}

/** A tenant, its latest orders and its erasures. */
export async function showTenant(target: Target, tenantId: string): Promise<Result> {
  checkTenantId(tenantId);
  const [tenant, { orders, next }, erasures] = await Promise.all([
    suspensions(target.table, systemClock).find(tenantId),
    storeOf(target).orders.list({ tenantId, includeInactive: true, pageSize: LATEST }),
    tenantErasures(target.table).recordsOf(tenantId),
  ]);
  return {
    data: { tenantId, tenant: tenant ?? null, latestOrders: orders, moreOrders: next !== undefined, erasures },
    text: paragraphs(
      section(
        `Tenant ${tenantId}   ${tenant?.status ?? "active (no item of its own)"}`,
        facts([
          ["e-mail", tenant?.email],
          ["organisation", tenant?.organizationName],
          ["since", tenant?.dateCreated],
          ["changed", tenant?.dateLastUpdated],
        ]),
      ),
      section(
        "Latest orders",
        orders.length === 0
          ? "none"
          : columns(
              ["Order", "Number", "Status", "Placed"],
              orders.map(({ id, orderNumber, status, dateCreated }) => [id, orderNumber, status, dateCreated]),
            ) + (next ? "\nand older ones" : ""),
      ),
      erasures.length === 0
        ? undefined
        : section(
            "Erasures",
            columns(
              ["At", "By", "Orders erased", "Kept by law"],
              erasures.map(({ at, by, ordersErased, kept }) => [at, by, ordersErased, kept.length]),
            ),
          ),
    ),
    exitCode: exitCode.ok,
  };
}

/** Takes a tenant's right to order, or gives it back. */
export async function setStanding(
  target: Target,
  tenantId: string,
  to: "suspended" | "active",
  { dryRun = false }: { dryRun?: boolean },
): Promise<Result> {
  checkTenantId(tenantId);
  const tenants = suspensions(target.table, systemClock);
  const before = (await tenants.find(tenantId))?.status;
  const already = (before === "SUSPENDED") === (to === "suspended");
  if (!dryRun && !already) await (to === "suspended" ? tenants.suspend(tenantId) : tenants.reactivate(tenantId));
  const after = dryRun || already ? before : (await tenants.find(tenantId))?.status;
  const what = already ? `is ${to} already` : dryRun ? `would be ${to}` : `is ${to} now`;
  return {
    data: { tenantId, before: before ?? null, after: after ?? null, changed: !already && !dryRun, dryRun },
    text: `Tenant ${tenantId} ${what} (${before ?? "no item"}${after !== before ? ` -> ${after}` : ""}).`,
    exitCode: exitCode.ok,
  };
}
