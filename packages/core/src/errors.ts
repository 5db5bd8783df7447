/** Every machine code the API and the consumers can answer with, and its HTTP status (api.md, Errors). */
export const errorStatus = {
  VALIDATION_ERROR: 400,
  INVALID_JSON: 400,
  CAMPAIGN_INVALID: 400,
  PRODUCT_NOT_FOUND: 400,
  PRODUCT_NOT_ORDERABLE: 400,
  MIN_ORDER_TOTAL: 400,
  PAYMENT_AMOUNT_MISMATCH: 400,
  INVALID_PAGINATION_TOKEN: 400,
  INVALID_STATUS_TRANSITION: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  TENANT_ACCESS_DENIED: 403,
  TENANT_CLAIM_MISSING: 403,
  ACCOUNT_SUSPENDED: 403,
  LINK_EXPIRED: 403,
  ORDER_NOT_FOUND: 404,
  INVOICE_NOT_READY: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  VERSION_CONFLICT: 409,
  ORDER_ALREADY_PAID: 409,
  PAYMENT_REFERENCE_USED: 409,
  PRICE_CHANGED: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  INTERNAL_SERVER_ERROR: 500,
  QUEUE_UNAVAILABLE: 503,
  UPSTREAM_UNAVAILABLE: 503,
  TRY_AGAIN: 503,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof errorStatus;

/** One thing that is wrong with one field of a request, e.g. `items[0].quantity`. */
export type FieldProblem = { field: string; message: string };

export type ErrorDetails = FieldProblem[] | Record<string, unknown>;

type Options = { status?: number; details?: ErrorDetails; retryAfterSeconds?: number; cause?: unknown };

/** A refusal with a machine code. HTTP maps it to its status; a consumer maps it to retry or dead-letter. */
export class OrderError extends Error {
  override readonly name: string = "OrderError";
  readonly code: ErrorCode;
  /** HTTP status; the code's own unless a case differs (INVALID_STATUS_TRANSITION is 422 for a payment). */
  readonly status: number;
  readonly details: ErrorDetails | undefined;
  /** Seconds after which the caller should try again (`Retry-After`). */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: Options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? errorStatus[code];
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** A request whose shape is wrong: 400 VALIDATION_ERROR naming every field. */
export class ValidationError extends OrderError {
  override readonly name = "ValidationError";

  constructor(problems: FieldProblem[]) {
    super("VALIDATION_ERROR", problems.map((p) => (p.field ? `${p.field}: ${p.message}` : p.message)).join("; "), { details: problems });
  }
}

/** Work that can never succeed, however often it is tried: a consumer dead-letters it at once with this reason. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}
