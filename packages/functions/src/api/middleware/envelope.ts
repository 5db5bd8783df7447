import { OrderError } from "@bbws/core/errors.ts";
import type { Context } from "hono";
import type { LambdaContext, LambdaEvent } from "hono/aws-lambda";
import { routePath } from "hono/route";
import { Hono } from "hono/tiny";
import { errorFacts, logger } from "../../runtime/logger.ts";
import { flushMetrics } from "../../runtime/metrics.ts";
import { methodsOf } from "../routes.ts";

/** What every answer has: the envelope, a request id, the security headers, one log line. */

export type Env = {
  Bindings: { event: LambdaEvent; lambdaContext: LambdaContext };
  Variables: { requestId: string; correlationId: string };
};
export type ApiContext = Context<Env>;

const CORRELATION_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** A Hono app with the house rules: every API function starts from one. */
export function api(): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    const startedAt = performance.now();
    const requestId = c.env?.lambdaContext?.awsRequestId ?? crypto.randomUUID();
    const given = c.req.header("x-correlation-id") ?? "";
    c.set("requestId", requestId);
    c.set("correlationId", CORRELATION_ID.test(given) ? given : requestId);
    await next();
    const { headers } = c.res;
    headers.set("X-Request-Id", requestId);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
    if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
    logger.info("request", {
      function: c.env?.lambdaContext?.functionName,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      requestId,
      correlationId: c.get("correlationId"),
      durationMs: Math.round(performance.now() - startedAt),
    });
    flushMetrics();
  });
  app.onError((error, c) => problem(c, error));
  app.notFound((c) => problem(c, unknownRoute(c.req.method, c.req.path)));
  return app;
}

/** `{"success":true,"data":…}` */
export function success(c: ApiContext, data: unknown, status: 200 | 202 = 200, headers: Record<string, string> = {}) {
  return c.json({ success: true, data }, status, headers);
}

/** The one mapper from errors to HTTP: our own speak for themselves, everything else is a 500 that says nothing. */
function problem(c: ApiContext, error: unknown) {
  const known = error instanceof OrderError ? error : undefined;
  if (!known || known.status >= 500) {
    logger.error("request failed", { requestId: c.get("requestId"), correlationId: c.get("correlationId"), ...errorFacts(error) });
  }
  const refusal = known ?? new OrderError("INTERNAL_SERVER_ERROR", "Something went wrong on our side; please try again");
  return c.json(
    {
      success: false,
      error: refusal.code,
      message: refusal.message,
      ...(refusal.details && { details: refusal.details }),
      requestId: c.get("requestId"),
    },
    refusal.status as 400,
    {
      ...(refusal.code === "METHOD_NOT_ALLOWED" && { Allow: methodsOf(c.req.path).join(", ") }),
      ...(refusal.retryAfterSeconds !== undefined && { "Retry-After": String(refusal.retryAfterSeconds) }),
    } as Record<string, string>,
  );
}

function unknownRoute(method: string, path: string): OrderError {
  const methods = methodsOf(path);
  if (methods.length === 0) return new OrderError("NOT_FOUND", "There is nothing here");
  return new OrderError("METHOD_NOT_ALLOWED", `${method.slice(0, 10).replace(/[^A-Z]/g, "")} is not possible here`, {
    details: { allowed: methods },
  });
}
