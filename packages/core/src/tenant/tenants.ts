import { randomUUID } from "node:crypto";
import { createWriteTransaction } from "electrodb";
import { type Clock, epochSeconds } from "../clock.ts";
import { newTenantId, sha256 } from "../id.ts";
import { backoffMs, sleep } from "../retry.ts";
import { commit, isConditionFailure, isContention, type Table } from "../table.ts";
import { emailLockEntity, guestLimitEntity, tenantEntity } from "./tenant.entity.ts";
import { normaliseEmail, type TenantStatus } from "./tenant.ts";

export type ResolvedTenant = { tenantId: string; status: TenantStatus };

const ATTEMPTS = 8;

/** The tenants of the table. */
export function tenants(table: Table, clock: Clock) {
  const entities = { tenant: tenantEntity(table), lock: emailLockEntity(table) };
  const guestLimit = guestLimitEntity(table);

  /** A tenant's status; undefined when it has no item (which counts as active). */
  async function status(tenantId: string): Promise<TenantStatus | undefined> {
    const { data } = await entities.tenant.get({ id: tenantId }).go({ consistent: true });
    return data?.status;
  }

  async function isSuspended(tenantId: string): Promise<boolean> {
    return (await status(tenantId)) === "SUSPENDED";
  }

  /** The tenant an e-mail belongs to, if it is known. */
  async function ofEmail(email: string): Promise<ResolvedTenant | undefined> {
    const { data: lock } = await entities.lock.get({ emailHash: hashOf(email) }).go({ consistent: true });
    if (!lock) return undefined;
    return { tenantId: lock.tenantId, status: (await status(lock.tenantId)) ?? "UNVALIDATED" };
  }

  /**
   * The tenant of a guest's e-mail, made on first sight. The lock item decides a race: whoever loses reads the winner's.
   * @param isStale asked before one is made: where it says so none is, and the answer is undefined
   * @throws the AWS error when the table does not answer.
   */
  async function resolveGuest(email: string): Promise<ResolvedTenant>;
  async function resolveGuest(email: string, isStale: () => Promise<boolean>): Promise<ResolvedTenant | undefined>;
  async function resolveGuest(email: string, isStale?: () => Promise<boolean>): Promise<ResolvedTenant | undefined> {
    for (let attempt = 0; ; attempt++) {
      const known = await ofEmail(email);
      if (known) return known;
      if (attempt === 0 && (await isStale?.())) return undefined;
      const created = await create(email);
      if (created) return created;
      if (attempt >= ATTEMPTS) throw new Error("guest tenant still contended");
      await sleep(backoffMs(attempt, { baseMs: 20, capMs: 500 }));
    }
  }

  async function create(email: string): Promise<ResolvedTenant | undefined> {
    const tenantId = newTenantId();
    const now = clock().toISOString();
    const outcome = await commit(
      createWriteTransaction(entities, ({ tenant, lock }) => [
        lock.create({ emailHash: hashOf(email), tenantId }).commit(),
        tenant
          .create({
            id: tenantId,
            email: normaliseEmail(email),
            status: "UNVALIDATED",
            dateCreated: now,
            dateLastUpdated: now,
            active: true,
          })
          .commit(),
      ]),
      randomUUID(),
    );
    if (!outcome.cancelled) return { tenantId, status: "UNVALIDATED" };
    if (isContention(outcome)) return undefined;
    throw new Error(`guest tenant refused: ${outcome.codes.join(", ")}`);
  }

  /** Sets a tenant's status, making its item where it has none. */
  async function setStatus(tenantId: string, next: TenantStatus): Promise<void> {
    const now = clock().toISOString();
    const { data } = await entities.tenant.get({ id: tenantId }).go({ consistent: true });
    if (data) {
      await entities.tenant.patch({ id: tenantId }).set({ status: next, dateLastUpdated: now }).go();
      return;
    }
    await entities.tenant.create({ id: tenantId, status: next, dateCreated: now, dateLastUpdated: now, active: true }).go();
  }

  /**
   * Counts one order of a guest e-mail in the current hour.
   * @returns seconds until the next hour when the limit is reached, undefined when the order may go on.
   */
  async function countGuestOrder(email: string, limitPerHour: number): Promise<number | undefined> {
    const now = clock();
    const hour = now.toISOString().slice(0, 13);
    const nextHour = epochSeconds(new Date(`${hour}:00:00.000Z`)) + 3600;
    try {
      await guestLimit
        .update({ emailHash: hashOf(email), hour })
        .add({ count: 1 })
        .set({ expiresAt: nextHour + 3600 })
        .where(({ count }, { notExists, lt }) => `${notExists(count)} OR ${lt(count, limitPerHour)}`)
        .go();
      return undefined;
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      return Math.max(1, nextHour - epochSeconds(now));
    }
  }

  return { status, isSuspended, ofEmail, resolveGuest, setStatus, countGuestOrder };
}

export type Tenants = ReturnType<typeof tenants>;

const hashOf = (email: string) => sha256(normaliseEmail(email));
