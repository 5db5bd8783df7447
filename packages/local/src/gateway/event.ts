/** HTTP to API Gateway's payload format 2.0 and back, as an HTTP API does it. */
import { randomUUID } from "node:crypto";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { ACCOUNT } from "../local-stage.ts";

/** Content types whose body reaches the function as text; every other body arrives base64-encoded. */
const TEXT = /^(text\/|application\/(json|.*\+json|xml|.*\+xml|javascript|x-www-form-urlencoded)\b)/i;

export type HttpRequest = {
  method: string;
  /** As sent: path and query, undecoded. */
  target: string;
  /** Alternating names and values as on the wire (`IncomingMessage.rawHeaders`). */
  rawHeaders: readonly string[];
  body: Buffer;
  httpVersion: string;
  sourceIp: string;
};

export type JwtContext = { claims: Record<string, string>; scopes: string[] | null };

export type EventOptions = {
  routeKey: string;
  pathParameters: Record<string, string> | undefined;
  jwt: JwtContext | undefined;
  now: Date;
};

/** An API Gateway event; `body` and the optional parts are absent, not empty, as in the real one. */
export type HttpApiEvent = APIGatewayProxyEventV2 & { requestContext: { authorizer?: { jwt: JwtContext } } };

/**
 * Splits a request target. The path is decoded, as HTTP APIs deliver it.
 * @returns undefined when the path is not valid percent-encoding or the target is not a path
 */
export function splitTarget(target: string): { path: string; query: string } | undefined {
  if (!target.startsWith("/")) return undefined;
  const mark = target.indexOf("?");
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  try {
    return { path: decodeURIComponent(rawPath), query: mark < 0 ? "" : target.slice(mark + 1) };
  } catch {
    return undefined;
  }
}

export function toEvent(request: HttpRequest, options: EventOptions): HttpApiEvent {
  const { path, query } = splitTarget(request.target) ?? { path: request.target, query: "" };
  const { headers, cookies } = headersOf(request.rawHeaders);
  const host = headers.host ?? "localhost";
  const encoded = request.body.length > 0 && !TEXT.test(headers["content-type"] ?? "");
  const parameters = queryParameters(query);
  return {
    version: "2.0",
    routeKey: options.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers: {
      ...headers,
      "x-amzn-trace-id": `Root=1-${Math.floor(options.now.getTime() / 1000).toString(16)}-${randomUUID().replaceAll("-", "").slice(0, 24)}`,
      "x-forwarded-for": headers["x-forwarded-for"] ? `${headers["x-forwarded-for"]}, ${request.sourceIp}` : request.sourceIp,
      "x-forwarded-port": host.split(":")[1] ?? "80",
      "x-forwarded-proto": "http",
    },
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    ...(options.pathParameters && Object.keys(options.pathParameters).length > 0 && { pathParameters: options.pathParameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: "local",
      ...(options.jwt && { authorizer: { jwt: options.jwt } }),
      domainName: host,
      domainPrefix: host.split(".")[0] ?? host,
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: options.routeKey,
      stage: "$default",
      time: commonLogTime(options.now),
      timeEpoch: options.now.getTime(),
    },
    ...(request.body.length > 0 && { body: request.body.toString(encoded ? "base64" : "utf8") }),
    isBase64Encoded: encoded,
  } as HttpApiEvent;
}

/** Lower-case names, repeated headers joined by a comma, cookies apart. */
export function headersOf(rawHeaders: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = Object.create(null);
  const cookies: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = rawHeaders[i + 1] ?? "";
    if (name === "cookie") {
      cookies.push(...value.split(/;\s*/).filter(Boolean));
      continue;
    }
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { headers, cookies };
}

function queryParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  }
  return parameters;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** e.g. `09/Apr/2026:12:34:56 +0000` */
function commonLogTime(now: Date): string {
  const iso = now.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[now.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

export type HttpResponse = { status: number; headers: Record<string, string | string[]>; body: Buffer };

/**
 * A function's answer as HTTP. Without `statusCode` it is the body of a 200, as payload format 2.0 infers it.
 * @returns undefined when it is nothing an HTTP API can use: the caller answers 500
 */
export function toResponse(result: unknown): HttpResponse | undefined {
  if (result === null || result === undefined) return undefined;
  if (typeof result !== "object" || !("statusCode" in result)) {
    const body = typeof result === "string" ? result : JSON.stringify(result);
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(body) };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as APIGatewayProxyStructuredResultV2;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const names: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers ?? {})) names[name.toLowerCase()] = String(value);
  if (cookies?.length) names["set-cookie"] = cookies;
  if (body !== undefined && names["content-type"] === undefined) names["content-type"] = "text/plain;charset=utf-8";
  return { status, headers: names, body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8") };
}

/** What the gateway itself answers: API Gateway's own one-field body, not our envelope. */
export function gatewayAnswer(status: number, message: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(JSON.stringify({ message })) };
}
