/** The built ListOrders function, asked for the newest page of tenants with more and more orders. */
import type { Context } from "aws-lambda";
import { finish, progress } from "../harness/report-back.ts";
import { takeTurns } from "../harness/rounds.ts";

/** Samples in ms and calls of one request, by the tenant's number of orders. */
export type ListFigures = { samples: Record<string, number[]>; calls: Record<string, number> };

type Handler = (event: unknown, context: Context) => Promise<{ statusCode: number; body: string }>;

const PAGE = 10;
const [mode, bundle, ...counts] = process.argv.slice(2);

let asked = 0;
Object.assign(globalThis, {
  [Symbol.for("bbws-order.probe")]: {
    before() {
      asked += 1;
    },
    after() {},
  },
});
const { handler } = (await import(bundle!)) as { handler: Handler };
const context = { awsRequestId: "00000000-0000-4000-8000-000000000000", functionName: "bbws-order-local-ListOrders" } as Context;

/** As an HTTP API delivers it, with what the authoriser found in the token. */
const event = (tenantId: string) => ({
  version: "2.0",
  routeKey: "GET /v1.0/orders",
  rawPath: "/v1.0/orders",
  rawQueryString: `pageSize=${PAGE}`,
  queryStringParameters: { pageSize: String(PAGE) },
  headers: { accept: "application/json", host: "orders-api.kimmyai.io", authorization: "Bearer of-the-authoriser" },
  requestContext: {
    accountId: "000000000000",
    apiId: "api",
    authorizer: {
      jwt: {
        claims: { sub: "user-1", "custom:tenantId": tenantId, "cognito:groups": "Customer" },
        scopes: [],
      },
    },
    domainName: "orders-api.kimmyai.io",
    http: { method: "GET", path: "/v1.0/orders", protocol: "HTTP/1.1", sourceIp: "196.25.1.1", userAgent: "bench" },
    requestId: "r-1",
    routeKey: "GET /v1.0/orders",
    stage: "$default",
    time: "24/Nov/2026:08:00:00 +0000",
    timeEpoch: 1_795_507_200_000,
  },
  isBase64Encoded: false,
});

async function ask(count: string): Promise<void> {
  const { statusCode, body } = await handler(event(`tenant-${count}`), context);
  const found = statusCode === 200 ? (JSON.parse(body) as { data: { count: number } }).data.count : 0;
  if (found !== PAGE) throw new Error(`a page of ${count} orders: ${statusCode} ${body.slice(0, 300)}`);
}

const calls: Record<string, number> = {};
for (const count of counts) {
  asked = 0;
  await ask(count);
  calls[count] = asked;
}
const samples = await takeTurns(
  counts.map((count) => ({ name: count, run: () => ask(count) })),
  { rounds: mode === "quick" ? 30 : 150, onRound: (done, of) => progress(`round ${done} of ${of}`) },
);
await finish({ samples, calls } satisfies ListFigures);
