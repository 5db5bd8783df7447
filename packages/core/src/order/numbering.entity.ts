import { CustomAttributeType, Entity } from "electrodb";
import { entityOptions, key, type Table, type Writes } from "../table.ts";
import type { NumberKind } from "./numbering.ts";

/** The last number taken of a series in a year. */
export const counterEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "Counter", version: "1", service: "bbws-order" },
      attributes: {
        kind: { type: CustomAttributeType<NumberKind>("string"), required: true },
        year: { type: "string", required: true },
        value: { type: "number", required: true },
      },
      indexes: { byKind: { pk: key("PK", ["kind"], "COUNTER#${kind}"), sk: key("SK", ["year"], "${year}") } },
    },
    entityOptions(table),
  );

/** The counter's step inside a transaction: only if nobody stepped in between. */
export function advance(counter: Writes<ReturnType<typeof counterEntity>>, kind: NumberKind, year: string, current: number, value: number) {
  return counter
    .update({ kind, year })
    .set({ value })
    .where((attr, op) => (current === 0 ? op.notExists(attr.value) : op.eq(attr.value, current)))
    .commit();
}

/** A number that is taken, and by which order. */
export const numberEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "Number", version: "1", service: "bbws-order" },
      attributes: {
        number: { type: "string", required: true },
        tenantId: { type: "string", required: true },
        orderId: { type: "string", required: true },
      },
      indexes: { byNumber: { pk: key("PK", ["number"], "NUMBER#${number}"), sk: key("SK", [], "UNIQUE") } },
    },
    entityOptions(table),
  );

/** Numbers of a series that were passed over and declared: from `first` to `last`, both included. */
export const gapEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "NumberGap", version: "1", service: "bbws-order" },
      attributes: {
        kind: { type: CustomAttributeType<NumberKind>("string"), required: true },
        year: { type: "string", required: true },
        first: { type: "number", required: true },
        last: { type: "number", required: true },
        at: { type: "string", required: true },
        by: { type: "string", required: true },
      },
      indexes: { byKind: { pk: key("PK", ["kind"], "GAP#${kind}"), sk: key("SK", ["year", "first"], "${year}#${first}") } },
    },
    entityOptions(table),
  );
