/** UNVALIDATED: made by a guest's order. SUSPENDED: may not order or change orders. */
export const tenantStatuses = ["UNVALIDATED", "VALIDATED", "REGISTERED", "SUSPENDED"] as const;
export type TenantStatus = (typeof tenantStatuses)[number];

/** Tenant ids are part of keys, paths and object names: letters, digits, underscore and hyphen only. */
export const TENANT_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** An e-mail as it is compared: trimmed and lower-cased. */
export const normaliseEmail = (email: string) => email.trim().toLowerCase();
