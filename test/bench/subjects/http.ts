/** A warm call that asks nobody: our middleware around the smallest route, beside Hono alone and a bare handler. */
import type { Context } from "aws-lambda";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { finish, progress } from "../harness/report-back.ts";
import { takeTurns } from "../harness/rounds.ts";

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const [mode, bundle] = process.argv.slice(2);
const { handler: ours } = (await import(bundle!)) as { handler: Handler };
const answer = { status: "ok", service: "bbws-order", version: "1", stage: "local" };
const hono = handle(new Hono().get("/health", (c) => c.json(answer))) as unknown as Handler;
const bare: Handler = async () => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(answer),
});

/** As an HTTP API delivers it. */
const event = (i: number) => ({
  version: "2.0",
  routeKey: "GET /health",
  rawPath: "/health",
  rawQueryString: "",
  headers: {
    accept: "application/json",
    "accept-encoding": "gzip, deflate, br",
    host: "orders-api.kimmyai.io",
    origin: "https://portal.kimmyai.io",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "x-correlation-id": `checkout-${i}`,
    "x-forwarded-for": "196.25.1.1",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
  },
  requestContext: {
    accountId: "000000000000",
    apiId: "api",
    domainName: "orders-api.kimmyai.io",
    domainPrefix: "orders-api",
    http: { method: "GET", path: "/health", protocol: "HTTP/1.1", sourceIp: "196.25.1.1", userAgent: "Mozilla/5.0" },
    requestId: `r-${i}`,
    routeKey: "GET /health",
    stage: "$default",
    time: "24/Nov/2026:08:00:00 +0000",
    timeEpoch: 1_795_507_200_000,
  },
  isBase64Encoded: false,
});
const context = { awsRequestId: "00000000-0000-4000-8000-000000000000", functionName: "bbws-order-local-GetOrder" } as Context;

await finish(
  await takeTurns(
    [
      { name: "ours", run: (i) => ours(event(i), context) },
      { name: "hono", run: (i) => hono(event(i), context) },
      { name: "bare", run: (i) => bare(event(i), context) },
    ],
    { rounds: mode === "quick" ? 20 : 100, perSample: 200, onRound: (done, of) => progress(`round ${done} of ${of}`) },
  ),
);
