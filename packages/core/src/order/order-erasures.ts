import { epochSeconds } from "../clock.ts";
import { isConditionFailure, type Table } from "../table.ts";
import { type ErasureDecision, erasedFields, erasedOrder } from "./erasure.ts";
import { expiryTimerEntity, orderEntity } from "./order.entity.ts";
import { type DocumentType, documentTypes, type Order } from "./order.ts";
import { type StoredOrder, versionConflict } from "./orders.ts";

/** Days an erased order's place is kept: longer than a message lives in its queue and, redriven once, among the dead letters again. */
const PLACE_DAYS = 60;

/**
 * Writes an erasure. The order's version stays: nothing happened to the order, and its mails are known by version.
 * Documents that go are forgotten; a number stays with its order for ever.
 */
export function orderErasures(table: Table) {
  const entity = orderEntity(table);
  const timer = expiryTimerEntity(table);

  /** @throws OrderError VERSION_CONFLICT when the order changed since it was read. */
  async function erase(order: Order, decision: ErasureDecision): Promise<void> {
    try {
      await entity
        .patch({ tenantId: order.tenantId, id: order.id })
        .set({ ...erasedFields(order, decision.extent), documents: erasedOrder(order, decision).documents })
        .where(({ version, status, documents }, { eq, exists, notExists }) => {
          const paths = documents as unknown as Record<DocumentType, { key: string }>;
          // A document that arrived meanwhile must not be forgotten with the others.
          const unchanged = documentTypes.map((type) =>
            order.documents[type]?.key ? exists(paths[type].key) : notExists(paths[type].key),
          );
          return [eq(version, order.version), eq(status, order.status), ...unchanged].join(" AND ");
        })
        .go();
    } catch (error) {
      if (isConditionFailure(error)) throw versionConflict(undefined);
      throw error;
    }
  }

  /**
   * Keeps an order's place among the timers: a message of it that comes again finds the id taken (`record`), though the
   * e-mail in it leads to nobody or to somebody new by now.
   */
  async function keepPlace(order: Order, now: Date): Promise<void> {
    const expiresAt = epochSeconds(new Date(now.getTime() + PLACE_DAYS * 86_400_000));
    await timer.put({ orderId: order.id, tenantId: order.tenantId, expiresAt }).go();
  }

  /** Every order of a tenant, soft-deleted ones too. */
  async function ordersOf(tenantId: string): Promise<StoredOrder[]> {
    const { data } = await entity.query.byTenant({ tenantId }).go({ pages: "all", consistent: true });
    return data as StoredOrder[];
  }

  return { ordersOf, erase, keepPlace };
}
