import { type ErrorCode, errorStatus } from "@bbws/core/errors.ts";
import { type Route, routes } from "../routes.ts";
import { createRequest, paymentRequest, responseExamples, updateRequest } from "./examples.ts";
import { type Answer, type HeaderName, type Operation, operations, type Refusal } from "./operations.ts";
import { componentSchemas, type JsonSchema, reference } from "./schemas.ts";

/** The API as an OpenAPI 3.1 document: the route table, the schemas and the operations' table put together. */

type Json = Record<string, unknown>;

/** The document. @throws Error when a route has no operation, an operation no route, or a note no field. */
export async function openApiDocument(): Promise<Json> {
  const shared = { responses: {}, parameters: {} };
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const operation = operations[keyOf(route)];
    if (!operation) throw new Error(`${keyOf(route)} has no operation`);
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describe(route, operation, shared) };
  }
  const orphan = Object.keys(operations).find((key) => !routes.some((route) => keyOf(route) === key));
  if (orphan) throw new Error(`${orphan} has no route`);
  return {
    openapi: "3.1.0",
    info: {
      title: "BBWS order service",
      version: "1.0",
      description:
        "Orders of the BBWS customer portal. Money is a JSON number in rand, times are ISO 8601 UTC. Every answer carries `X-Request-Id`; an `X-Correlation-Id` sent along is carried through logs and events.",
      contact: { name: "BBWS support", email: "support@kimmyai.io" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "Checkout", description: "From the cart to an accepted order" },
      { name: "Orders", description: "Reading and changing orders, opening their documents" },
      { name: "Payments", description: "For the payment service" },
      { name: "Service" },
    ],
    paths,
    components: {
      schemas: componentSchemas(),
      ...shared,
      headers,
      examples: await examples(),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "A Cognito token (RS256) of the portal's user pool." },
      },
    },
  };
}

/** What several operations have in common, filled while they are described: it keeps the document small. */
type Shared = { responses: Record<string, Json>; parameters: Record<string, Json> };

const keyOf = ({ method, path }: Route) => `${method} ${path}`;

const headers: Record<HeaderName | "X-Request-Id", { description: string; schema: JsonSchema }> = {
  "X-Request-Id": { description: "Names this request in the logs.", schema: { type: "string" } },
  Location: { description: "Where to go.", schema: { type: "string" } },
  ETag: { description: "Version of the order and how many documents are issued.", schema: { type: "string" } },
  "Retry-After": { description: "Seconds after which to try again.", schema: { type: "integer" } },
  "Idempotent-Replayed": { description: "`true` when this key was answered before.", schema: { type: "string", enum: ["true"] } },
};
const headerReference = (name: string) => ({ $ref: `#/components/headers/${name}` });

const security: Record<Route["auth"], Json[]> = { none: [], token: [{ token: [] }], "optional-token": [{}, { token: [] }] };

const pathParameters: Record<string, Json> = {
  orderId: { description: "Id of the order.", schema: { type: "string", pattern: "^order_[A-Za-z0-9-]{1,64}$" } },
  tenantId: { description: "Id of the tenant.", schema: { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" } },
};

function describe(route: Route, operation: Operation, shared: Shared): Json {
  const { operationId, tag, summary, description, body } = operation;
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name!,
    in: "path",
    required: true,
    ...pathParameters[name!],
  }));
  const parameters = [...inPath, ...(operation.parameters ?? [])].map((parameter) =>
    share(shared, "parameters", parameter.name, parameter),
  );
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: security[route.auth],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: reference(body.schema), examples: exampleReferences(body.example) } },
      },
    }),
    responses: responsesOf(route, operation, shared),
  };
}

/** Puts a part into the components once. @returns the reference to it @throws Error when another part has its name */
function share(shared: Shared, kind: keyof Shared, name: string, part: Json): { $ref: string } {
  const taken = shared[kind][name];
  if (taken && JSON.stringify(taken) !== JSON.stringify(part)) throw new Error(`two different ${kind} are called ${name}`);
  shared[kind][name] = part;
  return { $ref: `#/components/${kind}/${name}` };
}

const exampleReferences = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }]));

function responsesOf(route: Route, { answers, refusals }: Operation, shared: Shared): Json {
  const byStatus: [number, Json][] = [
    ...answers.map((answer): [number, Json] => [answer.status, answered(answer)]),
    ...refused(route, refusals, shared),
  ];
  return Object.fromEntries(byStatus.sort(([a], [b]) => a - b).map(([status, response]) => [String(status), response]));
}

function answered({ status, description, data, bare, example, headers: names = [] }: Answer): Json {
  const envelope = {
    type: "object",
    properties: { success: { const: true }, data: data && reference(data) },
    required: ["success", "data"],
  };
  const schema = data ? (bare ? reference(data) : envelope) : { type: "object" };
  const hasBody = status !== 302 && status !== 304;
  return {
    description,
    headers: Object.fromEntries(["X-Request-Id", ...names].map((name) => [name, headerReference(name)])),
    ...(hasBody && { content: { "application/json": { schema, ...(example && { examples: exampleReferences(example) }) } } }),
  };
}

/** Every example by name: requests, answers in their envelope, and one refusal for each code. */
async function examples(): Promise<Json> {
  const { health, ...enveloped } = await responseExamples();
  const values = {
    createRequest,
    updateRequest,
    paymentRequest,
    health,
    ...Object.fromEntries(Object.entries(enveloped).map(([name, data]) => [name, { success: true, data }])),
    ...Object.fromEntries((Object.keys(errorStatus) as ErrorCode[]).map((code) => [code, errorExample(code)])),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

/** What the gateway says by itself, in its own words. */
const gatewayAnswers: Record<number, string> = {
  429: "Too many requests.",
  500: "Something went wrong on our side.",
  503: "Not available at the moment; repeat the request.",
};
const gatewayUnauthorized: Record<number, string> = { 401: "No token, or one that is not valid." };
const retryable = new Set([429, 503]);

function refused(route: Route, refusals: readonly Refusal[], shared: Shared): [number, Json][] {
  const codes = new Map<number, ErrorCode[]>();
  for (const refusal of [...refusals, "INTERNAL_SERVER_ERROR"] as Refusal[]) {
    const { code, status } = typeof refusal === "string" ? { code: refusal, status: errorStatus[refusal] } : refusal;
    codes.set(status, [...(codes.get(status) ?? []), code].sort());
  }
  const fromGateway: Record<number, string> = { ...gatewayAnswers, ...(route.auth === "token" ? gatewayUnauthorized : {}) };
  const statuses = new Set([...codes.keys(), ...Object.keys(fromGateway).map(Number)]);
  return [...statuses].map((status) => {
    const own = codes.get(status) ?? [];
    const name = [status, ...own, ...(fromGateway[status] ? ["Gateway"] : [])].join(".");
    return [status, share(shared, "responses", name, refusalOf(status, own, fromGateway[status]))];
  });
}

function refusalOf(status: number, codes: readonly ErrorCode[], gatewayText: string | undefined): Json {
  const own: JsonSchema = { allOf: [reference("Error"), { properties: { error: { enum: codes } } }] };
  const schema = codes.length === 0 ? reference("GatewayError") : gatewayText ? { anyOf: [own, reference("GatewayError")] } : own;
  const names = ["X-Request-Id", ...(retryable.has(status) || codes.includes("ORDER_NOT_FOUND") ? ["Retry-After"] : [])];
  return {
    description: codes.length > 0 ? codes.join(", ") : gatewayText,
    headers: Object.fromEntries(names.map((name) => [name, headerReference(name)])),
    content: { "application/json": { schema, ...(codes.length > 0 && { examples: exampleReferences(...codes) }) } },
  };
}

/** Facts that come with a refusal, for the codes whose facts a caller acts on. */
const detailExamples: Partial<Record<ErrorCode, { message: string; details: unknown }>> = {
  VALIDATION_ERROR: {
    message: "items[0].quantity: quantity must be a whole number from 1 to 99",
    details: [{ field: "items[0].quantity", message: "quantity must be a whole number from 1 to 99" }],
  },
  PRICE_CHANGED: { message: "The prices have changed; please show the new total", details: { expected: 1380, received: 1200.5 } },
  MIN_ORDER_TOTAL: { message: "The order's total must exceed R50.00", details: { minimum: 50, total: 28.75 } },
  INVALID_STATUS_TRANSITION: {
    message: "An order that is CANCELLED cannot become PROCESSING",
    details: { currentStatus: "CANCELLED", allowedStatuses: [] },
  },
  VERSION_CONFLICT: { message: "The order has changed since it was read", details: { currentVersion: 4 } },
  PAYMENT_AMOUNT_MISMATCH: {
    message: "The payment's amount or currency is not the order's",
    details: { orderTotal: 1380, paymentAmount: 1000 },
  },
  ORDER_ALREADY_PAID: {
    message: "The order has already been paid",
    details: { currentStatus: "PAID", paymentConfirmedAt: "2026-11-24T08:20:11.004Z" },
  },
};

function errorExample(code: ErrorCode): Json {
  const { message, details } = detailExamples[code] ?? { message: sentence(code), details: undefined };
  return {
    success: false,
    error: code,
    message,
    ...(details !== undefined && { details }),
    requestId: "7f4d2c1a-0b9e-4a53-8d57-2f6c1e9b3a40",
  };
}

/** `ORDER_NOT_FOUND` -> `Order not found`. */
const sentence = (code: ErrorCode) => `${code[0]}${code.slice(1).toLowerCase().replaceAll("_", " ")}`;
