import { OrderError, ValidationError } from "@bbws/core/errors.ts";
import type { Actor } from "@bbws/core/order/status.ts";
import { TENANT_ID_PATTERN } from "@bbws/core/tenant/tenant.ts";

/** Who is calling, read from a verified token's claims and from nothing else. */

export type Role = Extract<Actor, "Customer" | "Support" | "Admin" | "System">;

export type Caller = {
  sub: string;
  roles: Role[];
  scopes: string[];
  /** Tenants the caller belongs to. */
  tenants: string[];
};

export type Claims = Record<string, unknown>;

const roleNames: readonly Role[] = ["Customer", "Support", "Admin", "System"];

export function callerOf(claims: Claims): Caller {
  const named = [...listOf(claims["custom:roles"]), ...listOf(claims["cognito:groups"])].map((name) => name.toLowerCase());
  const roles = roleNames.filter((role) => named.includes(role.toLowerCase()));
  return {
    sub: typeof claims.sub === "string" && claims.sub ? claims.sub : "unknown",
    roles: roles.length > 0 ? roles : ["Customer"],
    scopes: listOf(claims.scope),
    tenants: tenantsOf(claims),
  };
}

/** First hit of the single claims, then of the lists. */
function tenantsOf(claims: Claims): string[] {
  for (const name of ["custom:tenantId", "custom:tenant_id"]) {
    const [tenant] = listOf(claims[name]);
    if (tenant) return [tenant].filter(isTenantId);
  }
  for (const name of ["custom:tenantIds", "custom:tenant_ids"]) {
    const tenants = listOf(claims[name]).filter(isTenantId);
    if (tenants.length > 0) return [...new Set(tenants)];
  }
  return [];
}

const isTenantId = (text: string) => TENANT_ID_PATTERN.test(text);

/** A claim as a list: an array, a JSON array, API Gateway's `[a b]`, or words separated by commas or spaces. */
function listOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((item) => typeof item === "string");
  if (typeof claim !== "string") return [];
  const text = claim.trim();
  if (text.startsWith("[") && text.includes('"')) {
    try {
      return listOf(JSON.parse(text));
    } catch {
      return [];
    }
  }
  return text
    .replace(/^\[|\]$/g, "")
    .split(/[\s,]+/)
    .filter(Boolean);
}

export const hasRole = (caller: Caller, ...roles: Role[]) => roles.some((role) => caller.roles.includes(role));

/** Support and Admin see every tenant. */
export const seesAllTenants = (caller: Caller) => hasRole(caller, "Support", "Admin");

/** @throws OrderError FORBIDDEN for a caller that is System and nothing else. */
export function refuseSystem(caller: Caller): void {
  if (!hasRole(caller, "Customer", "Support", "Admin")) throw new OrderError("FORBIDDEN", "Your role may not do this");
}

/**
 * The one tenant a request without a tenant in its path is about.
 * @throws OrderError TENANT_CLAIM_MISSING when the token names none, or several.
 */
export function soleTenant(caller: Caller): string {
  const [tenant] = caller.tenants;
  if (tenant && caller.tenants.length === 1) return tenant;
  throw new OrderError(
    "TENANT_CLAIM_MISSING",
    tenant ? "Your token names several tenants; put one in the path" : "Your token names no tenant",
  );
}

/**
 * The tenant in the path, if the caller may use it.
 * @throws ValidationError for a malformed id, OrderError TENANT_ACCESS_DENIED for another's.
 */
export function permittedTenant(caller: Caller, pathTenant: string, crossTenant: boolean): string {
  if (!isTenantId(pathTenant))
    throw new ValidationError([{ field: "tenantId", message: "tenantId may have 1 to 64 letters, digits, '_' and '-'" }]);
  if (crossTenant || caller.tenants.includes(pathTenant)) return pathTenant;
  throw new OrderError("TENANT_ACCESS_DENIED", "You have no access to this tenant");
}
