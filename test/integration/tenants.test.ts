import { sha256 } from "@bbws/core/id.ts";
import { tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { NOW } from "../support/order.ts";
import { openTable, type TestTable } from "../support/table.ts";

let table: TestTable;
let tenants: ReturnType<typeof tenantsOf>;
let now = NOW;

beforeAll(async () => {
  table = await openTable();
  tenants = tenantsOf(table, () => now);
});

describe("a guest's e-mail", () => {
  it("seen for the first time makes a tenant that is not validated, and keeps the address out of the keys", async () => {
    const { tenantId, status } = await tenants.resolveGuest("first@example.co.za");
    expect(status).toBe("UNVALIDATED");
    expect(tenantId).toMatch(/^tenant_[0-9a-f-]{36}$/);
    expect(await table.item(`EMAIL#${sha256("first@example.co.za")}`, "TENANT")).toMatchObject({ tenantId });
    expect(await table.item(`TENANT#${tenantId}`, "METADATA")).toMatchObject({
      id: tenantId,
      email: "first@example.co.za",
      status: "UNVALIDATED",
      active: true,
      dateCreated: NOW.toISOString(),
      dateLastUpdated: NOW.toISOString(),
    });
    const keys = (await table.items()).flatMap(({ PK, SK }) => [PK, SK]);
    expect(keys.filter((key) => key.includes("first@"))).toEqual([]);
  });

  it("written in another way is the same tenant", async () => {
    const { tenantId } = await tenants.resolveGuest("same@example.co.za");
    expect(await tenants.resolveGuest("  SAME@Example.co.ZA ")).toEqual({ tenantId, status: "UNVALIDATED" });
    expect(await tenants.ofEmail("Same@example.co.za")).toEqual({ tenantId, status: "UNVALIDATED" });
  });

  it("seen by ten at once makes one tenant", async () => {
    const found = await Promise.all(Array.from({ length: 10 }, () => tenantsOf(table, () => now).resolveGuest("race@example.co.za")));
    expect(new Set(found.map(({ tenantId }) => tenantId)).size).toBe(1);
    const made = (await table.items()).filter(({ SK, email }) => SK === "METADATA" && email === "race@example.co.za");
    expect(made).toHaveLength(1);
  });

  it("nobody has ordered with belongs to nobody", async () => {
    expect(await tenants.ofEmail("unknown@example.co.za")).toBeUndefined();
  });

  it("whose tenant has lost its item still has its tenant", async () => {
    await table.put({
      PK: `EMAIL#${sha256("bare@example.co.za")}`,
      SK: "TENANT",
      entityType: "EmailLock",
      entityVersion: "1",
      emailHash: sha256("bare@example.co.za"),
      tenantId: "bare",
    });
    expect(await tenants.resolveGuest("bare@example.co.za")).toEqual({ tenantId: "bare", status: "UNVALIDATED" });
  });
});

describe("a tenant", () => {
  it("without an item is not suspended", async () => {
    expect(await tenants.status("no-item")).toBeUndefined();
    expect(await tenants.isSuspended("no-item")).toBe(false);
  });

  it("can be suspended and reactivated, with or without an item before", async () => {
    await tenants.setStatus("portal-tenant", "SUSPENDED");
    expect(await tenants.isSuspended("portal-tenant")).toBe(true);
    await tenants.setStatus("portal-tenant", "REGISTERED");
    expect(await tenants.status("portal-tenant")).toBe("REGISTERED");

    const { tenantId } = await tenants.resolveGuest("suspended@example.co.za");
    await tenants.setStatus(tenantId, "SUSPENDED");
    expect(await tenants.resolveGuest("suspended@example.co.za")).toEqual({ tenantId, status: "SUSPENDED" });
    expect(await table.item(`TENANT#${tenantId}`, "METADATA")).toMatchObject({ email: "suspended@example.co.za" });
  });
});

describe("a guest's limit", () => {
  // Far enough ahead that the emulator's time-to-live sweep never takes a counter away under a test.
  it("lets so many orders an hour through and then says how long to wait", async () => {
    now = new Date("2037-11-24T08:20:00.000Z");
    const answers = [];
    for (let n = 0; n < 4; n++) answers.push(await tenants.countGuestOrder("Limit@example.co.za", 3));
    expect(answers).toEqual([undefined, undefined, undefined, 40 * 60]);
    // A minute before the hour is full.
    now = new Date("2037-11-24T08:59:00.000Z");
    expect(await tenants.countGuestOrder("limit@example.co.za", 3)).toBe(60);
    now = new Date("2037-11-24T09:00:00.000Z");
    expect(await tenants.countGuestOrder("limit@example.co.za", 3)).toBeUndefined();
  });

  it("counts each address by itself and forgets by time to live", async () => {
    now = new Date("2037-11-24T10:30:00.000Z");
    expect(await tenants.countGuestOrder("a@example.co.za", 1)).toBeUndefined();
    expect(await tenants.countGuestOrder("b@example.co.za", 1)).toBeUndefined();
    expect(await table.item(`GUEST#${sha256("a@example.co.za")}`, "2037-11-24T10")).toMatchObject({
      count: 1,
      expiresAt: Date.parse("2037-11-24T12:00:00.000Z") / 1000,
    });
  });

  it("of many at once lets exactly the limit through", async () => {
    now = new Date("2037-11-24T12:00:00.000Z");
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => tenantsOf(table, () => now).countGuestOrder("burst@example.co.za", 5)),
    );
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(5);
  });
});
