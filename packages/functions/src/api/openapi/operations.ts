import type { ErrorCode } from "@bbws/core/errors.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "@bbws/core/order/list-query.ts";
import { documentTypes, orderStatuses } from "@bbws/core/order/order.ts";
import type { JsonSchema, SchemaName } from "./schemas.ts";

/** What each route of the route table is for, takes and answers: the part of the API's description that no schema holds. */

export type Parameter = {
  name: string;
  in: "query" | "header";
  description: string;
  schema: JsonSchema;
  required?: boolean;
  explode?: boolean;
};

/** An error code, or a code that comes with another status than its own. */
export type Refusal = ErrorCode | { code: ErrorCode; status: number };

export type Answer = { status: number; description: string; data?: SchemaName; bare?: boolean; example?: string; headers?: HeaderName[] };

export type HeaderName = "Location" | "ETag" | "Retry-After" | "Idempotent-Replayed";

export type Operation = {
  operationId: string;
  tag: "Checkout" | "Orders" | "Payments" | "Service";
  summary: string;
  description?: string;
  parameters?: Parameter[];
  body?: { schema: SchemaName; example: string };
  answers: Answer[];
  refusals: Refusal[];
};

const text = (keywords: JsonSchema = {}): JsonSchema => ({ type: "string", ...keywords });

const idempotencyKey: Parameter = {
  name: "Idempotency-Key",
  in: "header",
  description: "A key of the caller's choice. Repeating a request with its key gives the same order; kept 24 h.",
  schema: text({ minLength: 1, maxLength: 128, pattern: "^[\\x20-\\x7e]+$" }),
};
const ifMatch: Parameter = {
  name: "If-Match",
  in: "header",
  description: "Entity tag the change is based on; only its version counts. A stale one is VERSION_CONFLICT.",
  schema: text({ examples: ['"3-1"'] }),
};
const ifNoneMatch: Parameter = {
  name: "If-None-Match",
  in: "header",
  description: "Entity tag of the copy at hand; unchanged is 304.",
  schema: text({ examples: ['"3-1"'] }),
};
const documentType: Parameter = {
  name: "type",
  in: "query",
  description: "Which document; the latest issued when missing.",
  schema: text({ enum: documentTypes }),
};
const includeInactive: Parameter = {
  name: "includeInactive",
  in: "query",
  description: "Removed orders too; heeded for an Admin.",
  schema: text({ enum: ["true", "false"], default: "false" }),
};
const signedLink: Parameter[] = [
  { name: "expires", in: "query", required: true, description: "Seconds since the epoch.", schema: text({ pattern: "^\\d{1,12}$" }) },
  { name: "signature", in: "query", required: true, description: "HMAC-SHA-256, base64url.", schema: text() },
];
const dateFilter = (name: string, end: string): Parameter => ({
  name,
  in: "query",
  description: `${end} \`dateCreated\`, inclusive: an ISO 8601 timestamp, or a date (yyyy-mm-dd) of Africa/Johannesburg.`,
  schema: text({ examples: ["2026-11-24", "2026-11-24T08:15:30.250Z"] }),
});

const listing = {
  tag: "Orders" as const,
  parameters: [
    {
      name: "pageSize",
      in: "query" as const,
      description: "Orders per page.",
      schema: { type: "integer", minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE },
    },
    {
      name: "startAt",
      in: "query" as const,
      description: "Page token: `startAt` of the page before, with the same filters.",
      schema: text(),
    },
    {
      name: "status",
      in: "query" as const,
      explode: true,
      description: "Repeatable, or a comma list, in any case.",
      schema: { type: "array", items: { type: "string", enum: orderStatuses } },
    },
    dateFilter("fromDate", "Earliest"),
    dateFilter("toDate", "Latest"),
    includeInactive,
  ],
  answers: [{ status: 200, description: "A page, newest first.", data: "OrderList" as const, example: "list" }],
};

const creating = {
  tag: "Checkout" as const,
  parameters: [idempotencyKey],
  body: { schema: "CreateOrderRequest" as const, example: "createRequest" },
  answers: [
    {
      status: 202,
      description: "Accepted and durable; the record follows within a second or so.",
      data: "AcceptedOrder" as const,
      example: "accepted",
      headers: ["Location" as const, "Idempotent-Replayed" as const],
    },
  ],
};
const bodyRefusals: Refusal[] = ["VALIDATION_ERROR", "INVALID_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"];
const createRefusals: Refusal[] = [
  ...bodyRefusals,
  "CAMPAIGN_INVALID",
  "PRODUCT_NOT_FOUND",
  "PRODUCT_NOT_ORDERABLE",
  "MIN_ORDER_TOTAL",
  "FORBIDDEN",
  "TENANT_CLAIM_MISSING",
  "ACCOUNT_SUSPENDED",
  "PRICE_CHANGED",
  "IDEMPOTENCY_KEY_REUSED",
  "QUEUE_UNAVAILABLE",
  "UPSTREAM_UNAVAILABLE",
  "TRY_AGAIN",
];

const showing = {
  tag: "Orders" as const,
  parameters: [ifNoneMatch, includeInactive],
  answers: [
    { status: 200, description: "The order.", data: "Order" as const, example: "order", headers: ["ETag" as const] },
    { status: 304, description: "Unchanged.", headers: ["ETag" as const] },
  ],
};
const readRefusals: Refusal[] = ["FORBIDDEN", "TENANT_CLAIM_MISSING", "ORDER_NOT_FOUND"];

const updating = {
  tag: "Orders" as const,
  description:
    "A customer may cancel an unpaid order and remove an unpaid or finished one; Support may cancel an unpaid one; an Admin may make every legal transition except PAID. The same status again changes nothing.",
  parameters: [ifMatch],
  body: { schema: "UpdateOrderRequest" as const, example: "updateRequest" },
  answers: [
    { status: 200, description: "The order as it is now.", data: "Order" as const, example: "cancelled", headers: ["ETag" as const] },
  ],
};
const updateRefusals: Refusal[] = [
  ...bodyRefusals,
  ...readRefusals,
  "ACCOUNT_SUSPENDED",
  "INVALID_STATUS_TRANSITION",
  "VERSION_CONFLICT",
  "TRY_AGAIN",
];

const opening = {
  answers: [
    {
      status: 200,
      description: "Where the PDF is, for a caller that names `application/json` in Accept.",
      data: "InvoiceLocation" as const,
      example: "invoiceLocation",
    },
    { status: 302, description: "To the PDF, for everybody else.", headers: ["Location" as const] },
  ],
};
const openRefusals: Refusal[] = ["VALIDATION_ERROR", "FORBIDDEN", "ORDER_NOT_FOUND", "INVOICE_NOT_READY"];

/** By `METHOD path`, one for each route of the route table. */
export const operations: Record<string, Operation> = {
  "POST /v1.0/orders": {
    ...creating,
    operationId: "createOrder",
    summary: "Place an order, as a guest or for the token's tenant",
    description:
      "Without an Authorization header the order is a guest's; with a token it is the token's tenant's. A bad token is refused, never a guest.",
    refusals: [...createRefusals, "UNAUTHORIZED", "RATE_LIMITED"],
  },
  "POST /v1.0/tenants/{tenantId}/orders": {
    ...creating,
    operationId: "createTenantOrder",
    summary: "Place an order for a tenant",
    refusals: [...createRefusals, "TENANT_ACCESS_DENIED"],
  },
  "GET /v1.0/orders/{orderId}": { ...showing, operationId: "getOrder", summary: "Show an order", refusals: readRefusals },
  "GET /v1.0/tenants/{tenantId}/orders/{orderId}": {
    ...showing,
    operationId: "getTenantOrder",
    summary: "Show an order of a tenant",
    refusals: [...readRefusals, "VALIDATION_ERROR", "TENANT_ACCESS_DENIED"],
  },
  "GET /v1.0/orders/{orderId}/invoice": {
    ...opening,
    operationId: "getInvoice",
    tag: "Orders",
    summary: "Open a document of an order",
    parameters: [documentType, includeInactive],
    refusals: [...openRefusals, "TENANT_CLAIM_MISSING"],
  },
  "GET /v1.0/links/orders/{orderId}/status": {
    operationId: "getOrderStatus",
    tag: "Checkout",
    summary: "Public status of an order, by the signed link of the 202",
    parameters: signedLink,
    answers: [{ status: 200, description: "The status and nothing personal.", data: "PublicStatus", example: "publicStatus" }],
    refusals: ["FORBIDDEN", "LINK_EXPIRED"],
  },
  "GET /v1.0/links/orders/{orderId}/invoice": {
    ...opening,
    operationId: "getInvoiceByLink",
    tag: "Orders",
    summary: "Open a document by the signed link of a mail",
    parameters: [...signedLink, documentType],
    refusals: [...openRefusals, "LINK_EXPIRED"],
  },
  "GET /v1.0/orders": {
    ...listing,
    operationId: "listOrders",
    summary: "List the orders of the token's tenant",
    refusals: ["VALIDATION_ERROR", "INVALID_PAGINATION_TOKEN", "FORBIDDEN", "TENANT_CLAIM_MISSING"],
  },
  "GET /v1.0/tenants/{tenantId}/orders": {
    ...listing,
    operationId: "listTenantOrders",
    summary: "List the orders of a tenant",
    refusals: ["VALIDATION_ERROR", "INVALID_PAGINATION_TOKEN", "FORBIDDEN", "TENANT_CLAIM_MISSING", "TENANT_ACCESS_DENIED"],
  },
  "PUT /v1.0/orders/{orderId}": { ...updating, operationId: "updateOrder", summary: "Change an order", refusals: updateRefusals },
  "PUT /v1.0/tenants/{tenantId}/orders/{orderId}": {
    ...updating,
    operationId: "updateTenantOrder",
    summary: "Change an order of a tenant",
    refusals: [...updateRefusals, "TENANT_ACCESS_DENIED"],
  },
  "POST /v1.0/orders/{orderId}/paymentconfirmation": {
    operationId: "confirmPayment",
    tag: "Payments",
    summary: "Confirm a payment",
    description:
      "For the payment service: role System or Admin, or scope `orders/payment.confirm`. The same reference again answers what is stored and changes nothing.",
    body: { schema: "PaymentConfirmationRequest", example: "paymentRequest" },
    answers: [
      {
        status: 200,
        description: "The order is paid and has its tax-invoice number.",
        data: "PaymentConfirmation",
        example: "payment",
        headers: ["ETag"],
      },
    ],
    refusals: [
      ...bodyRefusals,
      "PAYMENT_AMOUNT_MISMATCH",
      "FORBIDDEN",
      "ORDER_NOT_FOUND",
      "ORDER_ALREADY_PAID",
      "PAYMENT_REFERENCE_USED",
      { code: "INVALID_STATUS_TRANSITION", status: 422 },
      "TRY_AGAIN",
    ],
  },
  "GET /health": {
    operationId: "getHealth",
    tag: "Service",
    summary: "Is the service there",
    answers: [{ status: 200, description: "It is.", data: "Health", bare: true, example: "health" }],
    refusals: [],
  },
  "GET /v1.0/openapi.json": {
    operationId: "getOpenApi",
    tag: "Service",
    summary: "This document",
    answers: [{ status: 200, description: "OpenAPI 3.1." }],
    refusals: [],
  },
};
