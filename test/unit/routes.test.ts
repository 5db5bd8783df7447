import { defaultRouteFunction, matchesPath, methodsOf, routes } from "@bbws/functions/api/routes.ts";
import { describe, expect, it } from "vitest";

/** The routes of the service's design, written here a second time. */
const design = [
  "POST /v1.0/orders CreateOrder optional-token",
  "POST /v1.0/tenants/{tenantId}/orders CreateOrder token",
  "GET /v1.0/orders/{orderId} GetOrder token",
  "GET /v1.0/tenants/{tenantId}/orders/{orderId} GetOrder token",
  "GET /v1.0/links/orders/{orderId}/status GetOrder none",
  "GET /v1.0/orders/{orderId}/invoice GetOrder token",
  "GET /v1.0/links/orders/{orderId}/invoice GetOrder none",
  "GET /v1.0/tenants/{tenantId}/orders ListOrders token",
  "GET /v1.0/orders ListOrders token",
  "PUT /v1.0/orders/{orderId} UpdateOrder token",
  "PUT /v1.0/tenants/{tenantId}/orders/{orderId} UpdateOrder token",
  "POST /v1.0/orders/{orderId}/paymentconfirmation UpdateOrder token",
  "GET /health GetOrder none",
  "GET /v1.0/openapi.json GetOrder none",
];

describe("the route table", () => {
  it("has the design's routes, each with its function and who may knock", () => {
    expect(routes.map((route) => `${route.method} ${route.path} ${route.function} ${route.auth}`).sort()).toEqual([...design].sort());
  });

  it("lets nobody in without a token but guests, links and the service's own pages", () => {
    expect(routes.filter(({ auth }) => auth === "none").map(({ path }) => path)).toEqual([
      "/v1.0/links/orders/{orderId}/status",
      "/v1.0/links/orders/{orderId}/invoice",
      "/health",
      "/v1.0/openapi.json",
    ]);
    expect(routes.filter(({ auth }) => auth === "optional-token").map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1.0/orders",
    ]);
  });

  it("sends everything else to GetOrder", () => {
    expect(defaultRouteFunction).toBe("GetOrder");
  });
});

describe("the methods of a path", () => {
  it.each([
    ["/v1.0/orders", ["GET", "POST"]],
    ["/v1.0/orders/order_1", ["GET", "PUT"]],
    ["/v1.0/orders/order_1/", []],
    ["/v1.0/tenants/t1/orders/order_1", ["GET", "PUT"]],
    ["/v1.0/orders/order_1/paymentconfirmation", ["POST"]],
    ["/v1.0/orders/order_1/nothing", []],
    ["/v2.0/orders", []],
    ["/", []],
    ["", []],
  ])("%s are %j", (path, methods) => {
    expect([...methodsOf(path)].sort()).toEqual(methods);
  });

  it("match segment by segment", () => {
    expect(matchesPath({ path: "/v1.0/orders/{orderId}" }, "/v1.0/orders/a/b")).toBe(false);
    expect(matchesPath({ path: "/v1.0/orders/{orderId}" }, "/v1.0/orders")).toBe(false);
  });
});
