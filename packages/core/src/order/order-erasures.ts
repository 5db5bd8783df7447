import { isConditionFailure, type Table } from "../table.ts";
import { type ErasureDecision, erasedFields, keptDocuments } from "./erasure.ts";
import { orderEntity } from "./order.entity.ts";
import { documentTypes, type IssuedDocument, type Order } from "./order.ts";
import { type StoredOrder, versionConflict } from "./orders.ts";

type Path = { [Member in keyof IssuedDocument]-?: string } & string;

/**
 * Writes an erasure. The order's version stays: nothing happened to the order, and its mails are known by version.
 * Documents that go are forgotten; a number stays with its order for ever.
 */
export function orderErasures(table: Table) {
  const entity = orderEntity(table);

  /** @throws OrderError VERSION_CONFLICT when the order changed since it was read. */
  async function erase(order: Order, decision: ErasureDecision): Promise<void> {
    const kept = keptDocuments(order, decision);
    const gone = documentTypes.filter((type) => order.documents[type]?.key && !kept.includes(type));
    try {
      await entity
        .patch({ tenantId: order.tenantId, id: order.id })
        .set(erasedFields(order, decision.extent))
        .data(({ documents }, { remove }) => {
          const paths = documents as unknown as Record<(typeof documentTypes)[number], Path>;
          for (const type of gone) {
            if (order.documents[type]?.number === undefined) remove(paths[type]);
            if (order.documents[type]?.number !== undefined) for (const part of ["key", "sha256"] as const) remove(paths[type][part]);
          }
        })
        .where(({ version, status }, { eq }) => `${eq(version, order.version)} AND ${eq(status, order.status)}`)
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
