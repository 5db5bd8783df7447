import { CustomAttributeType, Entity } from "electrodb";
import { entityOptions, key, type Table } from "../table.ts";

/** An order of which something personal had to stay. */
export type KeptOrder = { orderId: string; orderNumber: string; invoiceNumber: string; keptUntil: string };

/** That a tenant's personal data was erased: when, by whom, and what the law kept. It holds nothing personal of the tenant. */
export const erasureEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "Erasure", version: "1", service: "bbws-order" },
      attributes: {
        tenantId: { type: "string", required: true },
        at: { type: "string", required: true },
        /** The operator: an AWS principal, or who ran it on the one-machine stack. */
        by: { type: "string", required: true },
        ordersErased: { type: "number", required: true },
        kept: { type: CustomAttributeType<KeptOrder[]>("any"), required: true },
        objectsDeleted: { type: "number", required: true },
      },
      indexes: { byTenant: { pk: key("PK", ["tenantId"], "TENANT#${tenantId}"), sk: key("SK", ["at"], "ERASURE#${at}") } },
    },
    entityOptions(table),
  );
