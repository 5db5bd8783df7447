import { CustomAttributeType, Entity } from "electrodb";
import { entityOptions, key, type Table } from "../table.ts";
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
