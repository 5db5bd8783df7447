import { OrderError } from "@bbws/core/errors.ts";
import { callerOf, hasRole, permittedTenant, refuseSystem, seesAllTenants, soleTenant } from "@bbws/functions/api/caller.ts";
import { describe, expect, it } from "vitest";

const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    if (error instanceof OrderError) return error.code;
    throw error;
  }
};

describe("a caller's tenants", () => {
  it.each([
    ["one", { "custom:tenantId": "t1" }, ["t1"]],
    ["one, in the older spelling", { "custom:tenant_id": "t1" }, ["t1"]],
    ["the newer spelling before the older", { "custom:tenantId": "t1", "custom:tenant_id": "t2" }, ["t1"]],
    ["the single claim before the lists", { "custom:tenantId": "t1", "custom:tenantIds": ["t2", "t3"] }, ["t1"]],
    ["a list", { "custom:tenantIds": ["t1", "t2"] }, ["t1", "t2"]],
    ["a list, in the older spelling", { "custom:tenant_ids": ["t1"] }, ["t1"]],
    ["a list as API Gateway writes it", { "custom:tenantIds": "[t1 t2]" }, ["t1", "t2"]],
    ["a list as JSON text", { "custom:tenantIds": '["t1","t2"]' }, ["t1", "t2"]],
    ["a comma list", { "custom:tenantIds": "t1, t2,t1" }, ["t1", "t2"]],
    ["nothing", {}, []],
    ["a blank, so the next claim counts", { "custom:tenantId": " ", "custom:tenant_id": "t2" }, ["t2"]],
    ["an empty list", { "custom:tenantIds": "[]" }, []],
    ["something malformed", { "custom:tenantId": "a#b" }, []],
    ["a path trick", { "custom:tenantIds": ["../t1", "t2"] }, ["t2"]],
    ["one that is too long", { "custom:tenantId": "x".repeat(65) }, []],
    ["broken JSON text", { "custom:tenantIds": '["t1"' }, []],
    ["a number", { "custom:tenantId": 7 }, []],
    ["a list of anything", { "custom:tenantIds": ["t1", 7, null, { a: 1 }] }, ["t1"]],
  ])("are those of a claim with %s", (_, claims, tenants) => {
    expect(callerOf(claims).tenants).toEqual(tenants);
  });
});

describe("a caller's roles", () => {
  it.each([
    ["no claim", {}, ["Customer"]],
    ["one name", { "custom:roles": "Admin" }, ["Admin"]],
    ["any case", { "custom:roles": "SYSTEM" }, ["System"]],
    ["a comma list", { "custom:roles": "support, admin" }, ["Support", "Admin"]],
    ["a JSON array", { "custom:roles": '["customer","admin"]' }, ["Customer", "Admin"]],
    ["an array", { "custom:roles": ["support"] }, ["Support"]],
    ["groups as API Gateway writes them", { "cognito:groups": "[Support Admin]" }, ["Support", "Admin"]],
    ["both claims", { "custom:roles": "support", "cognito:groups": ["system"] }, ["Support", "System"]],
    ["names nobody knows", { "custom:roles": "root,superuser", "cognito:groups": "[portal-users]" }, ["Customer"]],
    ["known and unknown names", { "custom:roles": "root,admin" }, ["Admin"]],
    ["a name that only contains one", { "custom:roles": "notadmin" }, ["Customer"]],
  ])("are read from %s", (_, claims, roles) => {
    expect(callerOf(claims).roles).toEqual(roles);
  });
});

describe("a caller", () => {
  it("is known by its subject, never by an e-mail", () => {
    expect(callerOf({ sub: "user-1", email: "thandi@example.co.za" }).sub).toBe("user-1");
    expect(callerOf({ email: "thandi@example.co.za" }).sub).toBe("unknown");
    expect(callerOf({ sub: "" }).sub).toBe("unknown");
  });

  it("has the scopes of its token", () => {
    expect(callerOf({ scope: "openid orders/payment.confirm" }).scopes).toEqual(["openid", "orders/payment.confirm"]);
    expect(callerOf({}).scopes).toEqual([]);
  });

  it("sees every tenant as Support or Admin only", () => {
    const sees = (roles: string) => seesAllTenants(callerOf({ "custom:roles": roles }));
    expect(["Customer", "Support", "Admin", "System"].filter(sees)).toEqual(["Support", "Admin"]);
  });

  it("that is System and nothing else reads and orders nothing", () => {
    expect(codeOf(() => refuseSystem(callerOf({ "custom:roles": "System" })))).toBe("FORBIDDEN");
    expect(codeOf(() => refuseSystem(callerOf({ "custom:roles": "System,Support" })))).toBeUndefined();
    expect(codeOf(() => refuseSystem(callerOf({})))).toBeUndefined();
    expect(hasRole(callerOf({ "custom:roles": "System" }), "Admin", "System")).toBe(true);
  });
});

describe("without a tenant in the path", () => {
  it("the caller's only tenant is meant", () => {
    expect(soleTenant(callerOf({ "custom:tenantIds": "[t1]" }))).toBe("t1");
  });

  it("a caller of no tenant or of several must name one", () => {
    expect(codeOf(() => soleTenant(callerOf({})))).toBe("TENANT_CLAIM_MISSING");
    expect(codeOf(() => soleTenant(callerOf({ "custom:tenantIds": "[t1 t2]" })))).toBe("TENANT_CLAIM_MISSING");
  });
});

describe("a tenant in the path", () => {
  const caller = callerOf({ "custom:tenantIds": "[t1 t2]" });

  it("is one of the caller's, or any for those who see all", () => {
    expect(permittedTenant(caller, "t2", false)).toBe("t2");
    expect(codeOf(() => permittedTenant(caller, "t3", false))).toBe("TENANT_ACCESS_DENIED");
    expect(permittedTenant(caller, "t3", true)).toBe("t3");
  });

  it.each(["", "a b", "a/b", "a#b", "é", "x".repeat(65), "T1\n"])(
    "is refused when it is written %j, even for those who see all",
    (tenant) => {
      expect(codeOf(() => permittedTenant(caller, tenant, true))).toBe("VALIDATION_ERROR");
    },
  );
});
