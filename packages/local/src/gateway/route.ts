/** Which route of the shared table answers a request, matched as an HTTP API matches. */
import { defaultRouteFunction, type Route, type RouteAuth, routes } from "@bbws/functions/api/routes.ts";

export type RouteMatch = {
  routeKey: string;
  function: Route["function"];
  auth: RouteAuth;
  pathParameters: Record<string, string> | undefined;
};

/** @param path decoded; a trailing slash is another path, a `{name}` is one non-empty segment */
export function matchRoute(method: string, path: string): RouteMatch {
  for (const route of routes) {
    if (route.method !== method) continue;
    const pathParameters = parametersOf(route.path, path);
    if (pathParameters) return { routeKey: `${route.method} ${route.path}`, function: route.function, auth: route.auth, pathParameters };
  }
  return { routeKey: "$default", function: defaultRouteFunction, auth: "none", pathParameters: undefined };
}

function parametersOf(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split("/");
  const actual = path.split("/");
  if (expected.length !== actual.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, segment] of expected.entries()) {
    const value = actual[i] ?? "";
    if (!segment.startsWith("{")) {
      if (segment !== value) return undefined;
      continue;
    }
    if (value === "") return undefined;
    parameters[segment.slice(1, -1)] = value;
  }
  return parameters;
}
