import { createHash } from "node:crypto";
import { v4, v7 } from "uuid";

/** `order_` and a UUID v7: ids of one millisecond still sort by creation. */
export const newOrderId = () => `order_${v7()}`;
export const newItemId = () => `item_${v4()}`;
export const newTenantId = () => `tenant_${v4()}`;

/** Hex SHA-256, used where a key must not carry personal data (an e-mail, an idempotency key). */
export const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/** JSON with sorted keys, so that two bodies that mean the same hash the same. Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/**
 * JSON for a queue. A message may hold any text of the order, but SQS refuses U+FFFE and U+FFFF and its emulators what
 * lies beyond U+FFFF: these are escaped, as JSON allows.
 */
export function queueJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
