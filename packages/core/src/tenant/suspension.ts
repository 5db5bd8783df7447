import type { Clock } from "../clock.ts";
import type { Table } from "../table.ts";
import { tenantEntity } from "./tenant.entity.ts";
import type { TenantStatus } from "./tenant.ts";

/** Taking a tenant's right to order and giving it back: operators only. */
export function suspensions(table: Table, clock: Clock) {
  const entity = tenantEntity(table);

  /** A tenant's own item; most tenants that signed in have none, and count as active. */
  async function find(tenantId: string) {
    const { data } = await entity.get({ id: tenantId }).go({ consistent: true });
    return data ?? undefined;
  }

  /** @returns the status it had; SUSPENDED when nothing was to be done. */
  async function suspend(tenantId: string): Promise<TenantStatus> {
    const tenant = await find(tenantId);
    const before = tenant?.status ?? "REGISTERED";
    if (before === "SUSPENDED") return before;
    const now = clock().toISOString();
    if (!tenant) {
      await entity
        .create({ id: tenantId, status: "SUSPENDED", statusBeforeSuspension: before, dateCreated: now, dateLastUpdated: now, active: true })
        .go();
      return before;
    }
    await entity
      .patch({ id: tenantId })
      .set({ status: "SUSPENDED", statusBeforeSuspension: before, dateLastUpdated: now })
      .where(({ status }, { eq }) => eq(status, before as TenantStatus))
      .go();
    return before;
  }

  /** Gives back the status from before. @returns that status, or undefined when the tenant is not suspended. */
  async function reactivate(tenantId: string): Promise<TenantStatus | undefined> {
    const tenant = await find(tenantId);
    if (tenant?.status !== "SUSPENDED") return undefined;
    const status = tenant.statusBeforeSuspension ?? (tenant.email === undefined ? "REGISTERED" : "UNVALIDATED");
    await entity
      .patch({ id: tenantId })
      .set({ status, dateLastUpdated: clock().toISOString() })
      .remove(["statusBeforeSuspension"])
      .where((attr, { eq }) => eq(attr.status, "SUSPENDED"))
      .go();
    return status;
  }

  return { find, suspend, reactivate };
}
