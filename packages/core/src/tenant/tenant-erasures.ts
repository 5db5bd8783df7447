import { sha256 } from "../id.ts";
import { ERASED } from "../order/erasure.ts";
import { idempotencyEntity, type RequestKey } from "../order/idempotency.ts";
import { isConditionFailure, type Table } from "../table.ts";
import { erasureEntity, type KeptOrder } from "./erasure.entity.ts";
import { emailLockEntity, guestLimitEntity, tenantEntity } from "./tenant.entity.ts";
import { normaliseEmail } from "./tenant.ts";

/** One erasure of a tenant, as it is remembered. */
export type ErasureRecord = {
  tenantId: string;
  at: string;
  by: string;
  ordersErased: number;
  kept: KeptOrder[];
  objectsDeleted: number;
};

/** What the table holds of a tenant besides its orders, and how it is forgotten. Every step may be repeated. */
export function tenantErasures(table: Table) {
  const entities = {
    tenant: tenantEntity(table),
    lock: emailLockEntity(table),
    guestLimit: guestLimitEntity(table),
    idempotency: idempotencyEntity(table),
    erasure: erasureEntity(table),
  };

  /** The e-mail no longer leads to the tenant. @returns false when it led elsewhere or nowhere. */
  async function forgetEmail(tenantId: string, email: string): Promise<boolean> {
    const emailHash = sha256(normaliseEmail(email));
    const { data: counts } = await entities.guestLimit.query.byHour({ emailHash }).go({ pages: "all" });
    for (const { hour } of counts) await entities.guestLimit.delete({ emailHash, hour }).go();
    try {
      await entities.lock
        .remove({ emailHash })
        .where((attr, { eq }) => eq(attr.tenantId, tenantId))
        .go();
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  }

  /** A remembered request holds a whole order. */
  async function forgetRequest({ scopeHash, keyHash }: RequestKey): Promise<void> {
    await entities.idempotency.delete({ scopeHash, keyHash }).go();
  }

  /** The tenant's own item keeps its id and status, so that its orders have an owner. @returns false when there is none. */
  async function eraseTenant(tenantId: string, at: string): Promise<boolean> {
    const { data } = await entities.tenant.get({ id: tenantId }).go({ consistent: true });
    if (!data) return false;
    await entities.tenant
      .patch({ id: tenantId })
      .set({
        active: false,
        dateLastUpdated: at,
        ...(data.email !== undefined && { email: ERASED }),
        ...(data.organizationName !== undefined && { organizationName: ERASED }),
      })
      .go();
    return true;
  }

  async function remember(record: ErasureRecord): Promise<void> {
    await entities.erasure.create(record).go();
  }

  /** Every erasure of a tenant, oldest first. */
  async function recordsOf(tenantId: string): Promise<ErasureRecord[]> {
    const { data } = await entities.erasure.query.byTenant({ tenantId }).go({ pages: "all" });
    return data;
  }

  return { forgetEmail, forgetRequest, eraseTenant, remember, recordsOf };
}
