import { isConditionFailure, type Table } from "../table.ts";
import { type ErasureDecision, erasedFields, keptDocuments } from "./erasure.ts";
import { orderEntity } from "./order.entity.ts";
import { type Documents, type DocumentType, documentTypes, type Order } from "./order.ts";
import { type StoredOrder, versionConflict } from "./orders.ts";

/**
 * Writes an erasure. The order's version stays: nothing happened to the order, and its mails are known by version.
 * Documents that go are forgotten; a number stays with its order for ever.
 */
export function orderErasures(table: Table) {
  const entity = orderEntity(table);

  /** @throws OrderError VERSION_CONFLICT when the order changed since it was read. */
  async function erase(order: Order, decision: ErasureDecision): Promise<void> {
    try {
      await entity
        .patch({ tenantId: order.tenantId, id: order.id })
        .set({ ...erasedFields(order, decision.extent), documents: remaining(order, decision) })
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

  /** Every order of a tenant, soft-deleted ones too. */
  async function ordersOf(tenantId: string): Promise<StoredOrder[]> {
    const { data } = await entity.query.byTenant({ tenantId }).go({ pages: "all", consistent: true });
    return data as StoredOrder[];
  }

  return { ordersOf, erase };
}

/** What the order knows of its documents afterwards: those that are kept, and the numbers of the others. */
function remaining(order: Order, decision: ErasureDecision): Documents {
  const kept = keptDocuments(order, decision);
  return Object.fromEntries(
    documentTypes.flatMap((type) => {
      const document = order.documents[type];
      if (!document) return [];
      if (kept.includes(type)) return [[type, document]];
      return document.number === undefined ? [] : [[type, { number: document.number, issuedAt: document.issuedAt }]];
    }),
  );
}
