import { createSign, generateKeyPairSync } from "node:crypto";
import { routes } from "@bbws/functions/api/routes.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { call, checkout, newReference, newTenant, type Placed, placed, service, tokenFor } from "../support/contract/service.ts";

/** Who may knock where: every route for every kind of caller. */

const callers = [
  "guest",
  "owner",
  "other customer",
  "member of several",
  "tenantless customer",
  "Support",
  "Admin",
  "System",
  "expired",
  "wrong issuer",
  "wrong audience",
  "alg none",
  "unsigned",
  "foreign key",
  "garbage",
] as const;
type CallerName = (typeof callers)[number];
const unusable: CallerName[] = ["expired", "wrong issuer", "wrong audience", "alg none", "unsigned", "foreign key", "garbage"];

/** Status by caller, on the owner's order; callers whose token is unusable are 401 wherever a token counts. */
type Row = Record<
  Exclude<CallerName, "guest" | "expired" | "wrong issuer" | "wrong audience" | "alg none" | "unsigned" | "foreign key" | "garbage">,
  number
> & {
  guest: number;
};
const row = (
  guest: number,
  owner: number,
  other: number,
  several: number,
  tenantless: number,
  support: number,
  admin: number,
  system: number,
): Row => ({
  guest,
  owner,
  "other customer": other,
  "member of several": several,
  "tenantless customer": tenantless,
  Support: support,
  Admin: admin,
  System: system,
});
// A document that is not there yet is a 404 too: the matrix waits for it first.
const matrix: Record<string, Row> = {
  "POST /v1.0/orders": row(202, 202, 202, 403, 403, 403, 403, 403),
  "POST /v1.0/tenants/{tenantId}/orders": row(401, 202, 403, 202, 403, 403, 202, 403),
  "GET /v1.0/orders/{orderId}": row(401, 200, 404, 200, 403, 200, 200, 403),
  "GET /v1.0/tenants/{tenantId}/orders/{orderId}": row(401, 200, 403, 200, 403, 200, 200, 403),
  "GET /v1.0/orders/{orderId}/invoice": row(401, 302, 404, 302, 403, 302, 302, 403),
  "GET /v1.0/links/orders/{orderId}/status": row(200, 200, 200, 200, 200, 200, 200, 200),
  "GET /v1.0/links/orders/{orderId}/invoice": row(403, 403, 403, 403, 403, 403, 403, 403),
  "GET /v1.0/orders": row(401, 200, 200, 403, 403, 403, 403, 403),
  "GET /v1.0/tenants/{tenantId}/orders": row(401, 200, 403, 200, 403, 200, 200, 403),
  // A change to a stale version: whoever may knock gets the conflict, whoever may not, the refusal.
  "PUT /v1.0/orders/{orderId}": row(401, 409, 404, 409, 403, 409, 409, 409),
  "PUT /v1.0/tenants/{tenantId}/orders/{orderId}": row(401, 409, 403, 409, 403, 409, 409, 409),
  // A wrong amount: only who may confirm learns that.
  "POST /v1.0/orders/{orderId}/paymentconfirmation": row(401, 403, 403, 403, 403, 403, 400, 400),
  "GET /health": row(200, 200, 200, 200, 200, 200, 200, 200),
  "GET /v1.0/openapi.json": row(200, 200, 200, 200, 200, 200, 200, 200),
};

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());

async function tokens({ tenantId, customer }: Placed): Promise<Record<CallerName, string | undefined>> {
  const [header, payload, signature] = customer.split(".") as [string, string, string];
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const forged = createSign("RSA-SHA256").update(`${header}.${payload}`).sign(privateKey, "base64url");
  return {
    guest: undefined,
    owner: customer,
    "other customer": await tokenFor({ tenantId: newTenant() }),
    "member of several": await tokenFor({ tenantIds: [tenantId, newTenant()] }),
    "tenantless customer": await tokenFor({}),
    Support: await tokenFor({ roles: "Support" }),
    Admin: await tokenFor({ roles: ["Customer", "ADMIN"] }),
    System: await tokenFor({ roles: "system" }),
    expired: await tokenFor({ tenantId, roles: "Admin", expiresIn: -60 }),
    "wrong issuer": await tokenFor({ tenantId, roles: "Admin", claims: { iss: "https://issuer.example.com" } }),
    "wrong audience": await tokenFor({ tenantId, roles: "Admin", claims: { client_id: "another-app", aud: "another-app" } }),
    "alg none": `${encode({ alg: "none", typ: "JWT" })}.${payload}.`,
    unsigned: `${header}.${payload}.`,
    "foreign key": `${header}.${encode({ ...decode(payload), "custom:roles": "Admin" })}.${forged || signature}`,
    garbage: "not.a.token",
  };
}

describe.runIf(service.local)("the isolation matrix", () => {
  let order: Placed;
  let held: Record<CallerName, string | undefined>;
  beforeAll(async () => {
    order = await placed();
    held = await tokens(order);
    const ready = async () => (await call({ path: `/v1.0/orders/${order.orderId}/invoice`, token: order.customer })).status === 302;
    while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 100));
  });

  test("has a row for every route of the route table", () => {
    expect(Object.keys(matrix).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  const cells = routes.flatMap((route) => callers.map((caller) => ({ route, caller, name: `${route.method} ${route.path} by ${caller}` })));
  test.each(cells)("$name", async ({ route, caller }) => {
    const expected =
      unusable.includes(caller) && route.auth !== "none"
        ? 401
        : (matrix[`${route.method} ${route.path}`] as Record<string, number>)[caller];
    const link = route.path.includes("/links/");
    const path =
      link && route.path.endsWith("/status")
        ? order.statusUrl
        : route.path.replace("{orderId}", order.orderId).replace("{tenantId}", order.tenantId);
    const bodies: Record<string, unknown> = {
      "POST /v1.0/orders": checkout(),
      "POST /v1.0/tenants/{tenantId}/orders": checkout(),
      "POST /v1.0/orders/{orderId}/paymentconfirmation": {
        paymentReference: newReference(),
        paymentMethod: "eft",
        paymentAmount: 1,
        paymentCurrency: "ZAR",
      },
      "PUT /v1.0/orders/{orderId}": { status: "PAYMENT_PENDING", version: 999 },
      "PUT /v1.0/tenants/{tenantId}/orders/{orderId}": { status: "PAYMENT_PENDING", version: 999 },
    };
    const body = bodies[`${route.method} ${route.path}`];
    const answer = await call({ method: route.method, path, token: held[caller], body });
    expect(answer.status, answer.text.slice(0, 300)).toBe(expected ?? (link ? matrix[`${route.method} ${route.path}`]!.guest : 200));
    if (answer.status >= 400) expect(answer.text).not.toContain(order.tenantId);
  });

  test("is blind to tenant and role in headers and body", async () => {
    const headers = { "x-tenant-id": order.tenantId, "x-user-role": "Admin", "x-amzn-oidc-data": order.customer };
    const answer = await call({ path: `/v1.0/orders/${order.orderId}`, token: held["other customer"], headers });
    expect(answer.status).toBe(404);
  });
});
