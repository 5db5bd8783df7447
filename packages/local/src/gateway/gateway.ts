/** The front door: CORS, routing, authorisation, the function, and API Gateway's own answers when one of them says no. */
import type { FunctionName } from "../../../../infra/settings.ts";
import { FunctionError } from "../lambda/pool.ts";
import type { Authorise } from "./authoriser.ts";
import type { CorsPolicy } from "./cors.ts";
import { gatewayAnswer, type HttpRequest, type HttpResponse, headersOf, splitTarget, toEvent, toResponse } from "./event.ts";
import { matchRoute } from "./route.ts";

/** API Gateway gives an integration 30 seconds, whatever the function's own time-out. */
const INTEGRATION_LIMIT_MS = 30_000;

export type Gateway = (request: HttpRequest) => Promise<HttpResponse>;

export type GatewayOptions = {
  cors: CorsPolicy;
  authorise: Authorise;
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
};

export function createGateway({ cors, authorise, invoke }: GatewayOptions): Gateway {
  return async (request) => {
    const { headers } = headersOf(request.rawHeaders);
    if (cors.isPreflight(request.method, headers)) return { status: 204, headers: cors.preflight(headers), body: Buffer.alloc(0) };
    const answer = await answerTo(request, headers);
    return { ...answer, headers: { ...withoutCors(answer.headers), ...cors.answer(headers) } };
  };

  async function answerTo(request: HttpRequest, headers: Record<string, string>): Promise<HttpResponse> {
    const target = splitTarget(request.target);
    if (!target) return gatewayAnswer(400, "Bad Request");
    const route = matchRoute(request.method, target.path);
    const jwt = route.auth === "token" ? await authorise(headers.authorization) : undefined;
    if (route.auth === "token" && !jwt) return unauthorized(headers.authorization);
    const event = toEvent(request, { routeKey: route.routeKey, pathParameters: route.pathParameters, jwt, now: new Date() });
    try {
      const result = await withinLimit(invoke(route.function, event));
      return toResponse(result) ?? gatewayAnswer(500, "Internal Server Error");
    } catch (error) {
      return error instanceof FunctionError ? gatewayAnswer(500, "Internal Server Error") : gatewayAnswer(503, "Service Unavailable");
    }
  }
}

function unauthorized(authorization: string | undefined): HttpResponse {
  const challenge = authorization ? 'Bearer scope="" error="invalid_token"' : "Bearer";
  return gatewayAnswer(401, "Unauthorized", { "www-authenticate": challenge });
}

function withoutCors(headers: HttpResponse["headers"]): HttpResponse["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("access-control-")));
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("integration time-out")), INTEGRATION_LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
