import { CustomAttributeType, Entity } from "electrodb";
import { entityOptions, key, type Table } from "../table.ts";
import type { TenantStatus } from "./tenant.ts";

export const tenantEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "Tenant", version: "1", service: "bbws-order" },
      attributes: {
        id: { type: "string", required: true },
        email: { type: "string" },
        status: { type: CustomAttributeType<TenantStatus>("string"), required: true },
        /** What a reactivation gives back. */
        statusBeforeSuspension: { type: CustomAttributeType<TenantStatus>("string") },
        organizationName: { type: "string" },
        dateCreated: { type: "string", required: true },
        dateLastUpdated: { type: "string", required: true },
        active: { type: "boolean", required: true },
      },
      indexes: { byId: { pk: key("PK", ["id"], "TENANT#${id}"), sk: key("SK", [], "METADATA") } },
    },
    entityOptions(table),
  );

/** Decides which tenant an e-mail belongs to; the hash keeps the e-mail itself out of the key. */
export const emailLockEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "EmailLock", version: "1", service: "bbws-order" },
      attributes: {
        emailHash: { type: "string", required: true },
        tenantId: { type: "string", required: true },
      },
      indexes: { byEmail: { pk: key("PK", ["emailHash"], "EMAIL#${emailHash}"), sk: key("SK", [], "TENANT") } },
    },
    entityOptions(table),
  );

/** Orders a guest e-mail has placed within one hour. */
export const guestLimitEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "GuestLimit", version: "1", service: "bbws-order" },
      attributes: {
        emailHash: { type: "string", required: true },
        hour: { type: "string", required: true },
        count: { type: "number", required: true },
        expiresAt: { type: "number", required: true },
      },
      indexes: { byHour: { pk: key("PK", ["emailHash"], "GUEST#${emailHash}"), sk: key("SK", ["hour"], "${hour}") } },
    },
    entityOptions(table),
  );
