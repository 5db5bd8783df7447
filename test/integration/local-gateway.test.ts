import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Issuer, startIssuer } from "@bbws/local/emulators/issuer.ts";
import { createAuthoriser } from "@bbws/local/gateway/authoriser.ts";
import { createCors } from "@bbws/local/gateway/cors.ts";
import type { HttpApiEvent } from "@bbws/local/gateway/event.ts";
import { createGateway } from "@bbws/local/gateway/gateway.ts";
import { type HttpServer, listen } from "@bbws/local/gateway/server.ts";
import { FunctionError } from "@bbws/local/lambda/pool.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "gateway-test-"));
let issuer: Issuer;
let server: HttpServer;
let url: string;
/** What the next call answers, and what the last one was. */
let answer: () => unknown;
let invoked: { name: string; event: HttpApiEvent }[];

beforeAll(async () => {
  issuer = await startIssuer(folder);
  server = await listen(0);
  url = `http://127.0.0.1:${server.port}`;
  const gateway = createGateway({
    cors: createCors([url]),
    authorise: createAuthoriser(issuer.jwksUri),
    async invoke(name, event) {
      invoked.push({ name, event: event as HttpApiEvent });
      return answer();
    },
  });
  server.serve(gateway);
});

afterAll(async () => {
  await server.stop();
  await issuer.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  invoked = [];
  answer = () => ({ statusCode: 200, body: "ok" });
});

const lastEvent = () => invoked.at(-1)?.event as HttpApiEvent;
const bearer = async (request: Parameters<Issuer["token"]>[0] = {}) => ({ authorization: `Bearer ${await issuer.token(request)}` });

/** Sends bytes as they are, for requests that no HTTP client would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}

describe("the event of payload format 2.0", () => {
  it("carries route, decoded path, raw query and path parameters", async () => {
    await fetch(`${url}/v1.0/links/orders/a%20b%C3%A9/status?expires=1&signature=x%2By&signature=z&empty`);
    expect(invoked[0]?.name).toBe("GetOrder");
    expect(lastEvent()).toMatchObject({
      version: "2.0",
      routeKey: "GET /v1.0/links/orders/{orderId}/status",
      rawPath: "/v1.0/links/orders/a bé/status",
      rawQueryString: "expires=1&signature=x%2By&signature=z&empty",
      queryStringParameters: { expires: "1", signature: "x+y,z", empty: "" },
      pathParameters: { orderId: "a bé" },
      requestContext: { http: { method: "GET", path: "/v1.0/links/orders/a bé/status", sourceIp: "127.0.0.1" }, stage: "$default" },
    });
    expect(lastEvent()).not.toHaveProperty("body");
    expect(lastEvent()).not.toHaveProperty("cookies");
    expect(lastEvent().requestContext).not.toHaveProperty("authorizer");
  });

  it("joins repeated headers by a comma, in lower case, and lists cookies apart", async () => {
    await raw(
      "GET /health HTTP/1.1\r\nHost: h\r\nX-Thing: 1\r\nx-thing: 2\r\nCookie: a=1; b=2\r\nCookie: c=3\r\nConnection: close\r\n\r\n",
    );
    expect(lastEvent().headers).toMatchObject({ host: "h", "x-thing": "1,2", "x-forwarded-proto": "http" });
    expect(lastEvent().headers).not.toHaveProperty("cookie");
    expect(lastEvent().cookies).toEqual(["a=1", "b=2", "c=3"]);
  });

  it("passes text bodies as they are and any other as base64", async () => {
    const post = (contentType: string, body: BodyInit) =>
      fetch(`${url}/v1.0/orders`, { method: "POST", headers: { "content-type": contentType }, body });
    await post("application/json; charset=utf-8", '{"name":"Zoë"}');
    expect(lastEvent()).toMatchObject({ body: '{"name":"Zoë"}', isBase64Encoded: false });
    await post("application/octet-stream", Buffer.from([0, 255]));
    expect(lastEvent()).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  });

  it.each([
    ["an unknown path", "GET", "/nothing/here"],
    ["a known path with another method", "DELETE", "/v1.0/orders"],
    ["HEAD, which no route names", "HEAD", "/health"],
    ["a trailing slash", "GET", "/health/"],
    ["OPTIONS that is no preflight", "OPTIONS", "/v1.0/orders"],
  ])("goes to $default for %s", async (_, method, path) => {
    expect((await fetch(url + path, { method })).status).toBe(200);
    expect(invoked[0]?.name).toBe("GetOrder");
    expect(lastEvent().routeKey).toBe("$default");
  });
});

describe("the token authoriser", () => {
  it("passes claims as strings, lists in brackets, and no scopes", async () => {
    const headers = await bearer({ tenantIds: ["t1", "t2"], roles: ["Admin", "Support"], email: "a@b.co", claims: { n: 5, yes: true } });
    expect((await fetch(`${url}/v1.0/orders`, { headers })).status).toBe(200);
    const jwt = lastEvent().requestContext.authorizer?.jwt;
    expect(jwt?.claims).toMatchObject({
      token_use: "access",
      "custom:tenantIds": "[t1 t2]",
      "custom:roles": "[Admin Support]",
      n: "5",
      yes: "true",
    });
    expect(jwt?.claims.exp).toMatch(/^\d+$/);
    expect(jwt?.scopes).toBeNull();
  });

  it("accepts a token without the scheme, as an HTTP API does", async () => {
    const { authorization } = await bearer();
    expect((await fetch(`${url}/v1.0/orders`, { headers: { authorization: authorization.slice(7) } })).status).toBe(200);
  });

  it("accepts an audience instead of a client", async () => {
    const headers = await bearer({ claims: { aud: ["bbws-portal-dev", "other"], client_id: null } });
    expect((await fetch(`${url}/v1.0/orders`, { headers })).status).toBe(200);
  });

  it.each([
    ["no token", async () => ({})],
    ["rubbish", async () => ({ authorization: "Bearer rubbish" })],
    ["a token that has run out", () => bearer({ expiresIn: -60 })],
    ["another issuer", () => bearer({ claims: { iss: "https://elsewhere.example" } })],
    ["another client", () => bearer({ claims: { client_id: "other" } })],
    ["another audience", () => bearer({ claims: { aud: "other" } })],
    ["a token of the future", () => bearer({ claims: { nbf: Math.floor(Date.now() / 1000) + 600 } })],
    [
      "a changed payload",
      async () => {
        const [head, , signature] = (await issuer.token({})).split(".");
        const payload = Buffer.from(JSON.stringify({ sub: "x" })).toString("base64url");
        return { authorization: `Bearer ${head}.${payload}.${signature}` };
      },
    ],
  ] as [string, () => Promise<Record<string, string>>][])("answers %s with its own 401 and asks no function", async (_, headers) => {
    const response = await fetch(`${url}/v1.0/orders`, { headers: await headers() });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('{"message":"Unauthorized"}');
    expect(invoked).toEqual([]);
  });

  it("leaves optional tokens to the function", async () => {
    const response = await fetch(`${url}/v1.0/orders`, { method: "POST", headers: { authorization: "Bearer rubbish" }, body: "{}" });
    expect(response.status).toBe(200);
    expect(lastEvent().headers.authorization).toBe("Bearer rubbish");
    expect(lastEvent().requestContext).not.toHaveProperty("authorizer");
  });
});

describe("answers", () => {
  it("carry status, headers, cookies and decoded base64", async () => {
    answer = () => ({
      statusCode: 302,
      headers: { Location: "/x", ETag: '"1-0"' },
      cookies: ["a=1", "b=2"],
      body: Buffer.from("zoë").toString("base64"),
      isBase64Encoded: true,
    });
    const response = await fetch(`${url}/health`, { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/x");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("zoë");
  });

  it("without a status are the body of a 200", async () => {
    answer = () => ({ hello: "you" });
    const response = await fetch(`${url}/health`);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({ hello: "you" });
  });

  it.each([
    [
      "a function error",
      () => Promise.reject(new FunctionError({ errorType: "E", errorMessage: "m", trace: [] })),
      500,
      "Internal Server Error",
    ],
    ["nothing", () => null, 500, "Internal Server Error"],
    ["no usable status", () => ({ statusCode: "abc" }), 500, "Internal Server Error"],
    ["no function to ask", () => Promise.reject(new Error("stopping")), 503, "Service Unavailable"],
  ] as [string, () => unknown, number, string][])("are the gateway's own for %s", async (_, result, status, message) => {
    answer = result;
    const response = await fetch(`${url}/health`, { headers: { origin: "https://dev.kimmyai.io" } });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message });
    expect(response.headers.get("access-control-allow-origin")).toBe("https://dev.kimmyai.io");
  });

  it("refuse a body over 10 MB and keep the connection usable", async () => {
    const response = await fetch(`${url}/v1.0/orders`, { method: "POST", body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ message: "Request Entity Too Large" });
    expect(invoked).toEqual([]);
  });

  it.each(["/v1.0/orders/%E0%A4%A", "/%", "*", "http://[bad"])("call the target %s a bad request and go on", async (target) => {
    expect(await raw(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it("call bytes that are not HTTP a bad request", async () => {
    expect(await raw("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("CORS", () => {
  const preflight = (origin: string) =>
    fetch(`${url}/v1.0/orders`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });

  it("answers a preflight of an allowed origin without asking a function", async () => {
    const response = await preflight("https://dev.kimmyai.io");
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://dev.kimmyai.io");
    expect(response.headers.get("access-control-allow-methods")).toBe("GET,POST,PUT");
    expect(response.headers.get("access-control-allow-headers")).toContain("idempotency-key");
    expect(response.headers.get("access-control-max-age")).toMatch(/^\d+$/);
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(invoked).toEqual([]);
  });

  it("allows its own pages and tells other origins nothing", async () => {
    expect((await preflight(url)).headers.get("access-control-allow-origin")).toBe(url);
    const refused = await preflight("https://evil.example");
    expect(refused.status).toBe(204);
    expect([...refused.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("marks ordinary answers, refusals included, and overrides the function's own headers", async () => {
    answer = () => ({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" }, body: "" });
    const headers = { origin: "https://portal.dev.kimmyai.io" };
    const open = await fetch(`${url}/health`, { headers });
    expect(open.headers.get("access-control-allow-origin")).toBe("https://portal.dev.kimmyai.io");
    expect(open.headers.get("access-control-expose-headers")).toBe("Location,ETag,Retry-After,X-Request-Id,Idempotent-Replayed");
    const refused = await fetch(`${url}/v1.0/orders`, { headers });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("access-control-allow-origin")).toBe("https://portal.dev.kimmyai.io");
    expect((await fetch(`${url}/health`)).headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("the issuer", () => {
  it("keeps its key, so that a token outlives a restart", async () => {
    const token = await issuer.token({ sub: "s" });
    const again = await startIssuer(folder);
    const jwt = await createAuthoriser(again.jwksUri)(`Bearer ${token}`);
    await again.stop();
    expect(jwt?.claims.sub).toBe("s");
  });
});

describe("the port", () => {
  it("that is taken is named together with the way out", async () => {
    await expect(listen(server.port)).rejects.toThrow(`port ${server.port} is already in use: choose another with --port N or PORT=N`);
  });
});
