/**
 * The route table: the one place that says which function answers which route and who may knock. The API's
 * infrastructure, the local gateway, the `$default` route (404 or 405) and the tests read it. Pure data.
 */

export type RouteAuth = "none" | "token" | "optional-token";

export type Route = {
  method: "GET" | "POST" | "PUT";
  /** API Gateway syntax: `{name}` is one path segment. */
  path: string;
  function: "CreateOrder" | "GetOrder" | "ListOrders" | "UpdateOrder";
  /** `token`: the gateway's JWT authoriser. `optional-token`: verified in the handler, because an authoriser cannot be optional. */
  auth: RouteAuth;
};

export const routes: readonly Route[] = [
  { method: "POST", path: "/v1.0/orders", function: "CreateOrder", auth: "optional-token" },
  { method: "POST", path: "/v1.0/tenants/{tenantId}/orders", function: "CreateOrder", auth: "token" },
  { method: "GET", path: "/v1.0/orders/{orderId}", function: "GetOrder", auth: "token" },
  { method: "GET", path: "/v1.0/tenants/{tenantId}/orders/{orderId}", function: "GetOrder", auth: "token" },
  { method: "GET", path: "/v1.0/orders/{orderId}/invoice", function: "GetOrder", auth: "token" },
  { method: "GET", path: "/v1.0/links/orders/{orderId}/status", function: "GetOrder", auth: "none" },
  { method: "GET", path: "/v1.0/links/orders/{orderId}/invoice", function: "GetOrder", auth: "none" },
  { method: "GET", path: "/v1.0/orders", function: "ListOrders", auth: "token" },
  { method: "GET", path: "/v1.0/tenants/{tenantId}/orders", function: "ListOrders", auth: "token" },
  { method: "PUT", path: "/v1.0/orders/{orderId}", function: "UpdateOrder", auth: "token" },
  { method: "PUT", path: "/v1.0/tenants/{tenantId}/orders/{orderId}", function: "UpdateOrder", auth: "token" },
  { method: "POST", path: "/v1.0/orders/{orderId}/paymentconfirmation", function: "UpdateOrder", auth: "token" },
  { method: "GET", path: "/health", function: "GetOrder", auth: "none" },
  { method: "GET", path: "/v1.0/openapi.json", function: "GetOrder", auth: "none" },
];

/** The function behind API Gateway's `$default` route: it answers everything else with 404 or 405 in our envelope. */
export const defaultRouteFunction = "GetOrder" as const;

/** As API Gateway sees a path: a trailing slash makes another one. */
const segments = (path: string) => path.split("/").slice(1);

/** True when `path` (decoded, without query) is an instance of the route's pattern. */
export function matchesPath(route: Pick<Route, "path">, path: string): boolean {
  const pattern = segments(route.path);
  const actual = segments(path);
  return (
    pattern.length === actual.length && pattern.every((segment, i) => (segment.startsWith("{") ? actual[i] !== "" : segment === actual[i]))
  );
}

/** Methods that exist for a path, in the table's order; empty when the path is unknown. */
export function methodsOf(path: string): Route["method"][] {
  return routes.filter((route) => matchesPath(route, path)).map((route) => route.method);
}
