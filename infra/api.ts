/** The HTTP API: every route of the route table to its one function, who may call it, and how fast. */
import { defaultRouteFunction, type Route, routes } from "../packages/functions/src/api/routes.ts";
import { authOf, authoriser } from "./auth.ts";
import { stage, stageName } from "./context.ts";
import { retention } from "./defaults.ts";
import { createDomain } from "./domain.ts";
import { createFunction } from "./functions.ts";
import { cors, type FunctionName } from "./settings.ts";

/** Guests share this route, so it is throttled apart; signed-in callers use the tenant's route. */
const guestRouteKey = "POST /v1.0/orders";

/** What API Gateway writes per call. Never a header, a query string or a token: signed links carry their signature there. */
const accessLogFields = {
  time: "$context.requestTime",
  requestId: "$context.requestId",
  method: "$context.httpMethod",
  routeKey: "$context.routeKey",
  path: "$context.path",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
  integrationStatus: "$context.integrationStatus",
  authoriserError: "$context.authorizer.error",
  error: "$context.error.messageString",
  sourceIp: "$context.identity.sourceIp",
};

// The stage's route settings may name only a route that exists, so the stage waits for it.
const guestRoute = Promise.withResolvers<$util.Output<string>>();
const domain = createDomain();

export const api = new sst.aws.ApiGatewayV2("Api", {
  accessLog: { retention },
  domain: domain?.settings,
  cors: {
    allowOrigins: stage.corsOrigins,
    allowMethods: [...cors.methods],
    allowHeaders: [...cors.requestHeaders],
    exposeHeaders: [...cors.responseHeaders],
    allowCredentials: false,
    maxAge: `${cors.maxAgeSeconds} seconds`,
  },
  transform: {
    api: { name: `bbws-order-${stageName}` },
    stage: (args) => {
      args.accessLogSettings = $output(args.accessLogSettings).apply((settings) => ({
        destinationArn: settings!.destinationArn,
        format: JSON.stringify(accessLogFields),
      }));
      args.defaultRouteSettings = {
        detailedMetricsEnabled: true,
        throttlingRateLimit: stage.throttle.rate,
        throttlingBurstLimit: stage.throttle.burst,
      };
      args.routeSettings = [
        {
          routeKey: $output(guestRoute.promise),
          detailedMetricsEnabled: true,
          throttlingRateLimit: stage.throttle.guestRate,
          throttlingBurstLimit: stage.throttle.guestBurst,
        },
      ];
    },
  },
});

domain?.watch(api);

/**
 * Where callers find the API. Not `api.url`: that waits for the stage, which waits for a route, which waits for its
 * function, which is told this URL.
 */
export const apiUrl = stage.domain ? $output(`https://${stage.domain}`) : api.nodes.api.apiEndpoint;

const authoriserId = api.addAuthorizer(authoriser).id;
const names = [...new Set(routes.map((route) => route.function))];

/** The API's functions by name. */
export const apiFunctions = Object.fromEntries(names.map((name) => [name, createFunction(name, apiUrl)])) as Record<
  Route["function"] & FunctionName,
  sst.aws.Function
>;

for (const route of routes) {
  const key = `${route.method} ${route.path}`;
  const created = api.route(key, apiFunctions[route.function].arn, { auth: authOf(route, authoriserId) });
  if (key === guestRouteKey) guestRoute.resolve(created.nodes.route.apply((resource) => resource.routeKey));
}
api.route("$default", apiFunctions[defaultRouteFunction].arn);
