import type { components } from "./schema.ts";

export type ErrorBody = components["schemas"]["Error"];
/** A code of the service, or NETWORK_ERROR when no answer came. */
export type ErrorCode = ErrorBody["error"] | "NETWORK_ERROR";
export type FieldProblem = { field: string; message: string };

/** Facts that come with a code; of every other code they are absent. */
export type ErrorDetails = {
  VALIDATION_ERROR: FieldProblem[];
  PRICE_CHANGED: { expected: number; received: number };
  MIN_ORDER_TOTAL: { minimum: number; total: number };
  CAMPAIGN_INVALID: { field: string; campaignCode: string };
  PRODUCT_NOT_FOUND: { field: string; productId: string };
  PRODUCT_NOT_ORDERABLE: { field: string; productId: string };
  INVALID_STATUS_TRANSITION: { currentStatus: string; allowedStatuses: string[] };
  VERSION_CONFLICT: { currentVersion?: number };
  PAYMENT_AMOUNT_MISMATCH: { orderTotal: number; paymentAmount: number };
  ORDER_ALREADY_PAID: { currentStatus: string; paymentConfirmedAt?: string };
  METHOD_NOT_ALLOWED: { allowed: string[] };
};
type DetailsOf<Code> = Code extends keyof ErrorDetails ? ErrorDetails[Code] : unknown;

type Facts<Code> = {
  code: Code;
  /** HTTP status; 0 when no answer came. */
  status: number;
  details?: DetailsOf<Code>;
  /** Names the request in the service's logs: tell it to support. */
  requestId?: string;
  /** Seconds after which to try again, where the service says so. */
  retryAfterSeconds?: number;
};

/** A refusal of the service, or its silence. */
export class OrderClientError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "OrderClientError";
  readonly code: Code;
  readonly status: number;
  readonly details: DetailsOf<Code> | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { code, status, details, requestId, retryAfterSeconds }: Facts<Code>, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.details = details;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** True for an error of this client, and of the given code where one is given: then `details` has that code's facts. */
export function isOrderClientError<Code extends ErrorCode = ErrorCode>(error: unknown, code?: Code): error is OrderClientError<Code> {
  return error instanceof OrderClientError && (code === undefined || error.code === code);
}

/** What the gateway in front of the service means by a status that it answers in its own words. */
const gatewayCodes: Record<number, ErrorCode> = {
  400: "VALIDATION_ERROR",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  413: "PAYLOAD_TOO_LARGE",
  429: "RATE_LIMITED",
  503: "TRY_AGAIN",
};

/** The error of an answer, in the service's envelope or the gateway's `{"message"}`. */
export function errorOf(answer: Response, body: unknown): OrderClientError {
  const { error, message, details, requestId } = (typeof body === "object" && body !== null ? body : {}) as Partial<ErrorBody>;
  const { status, headers } = answer;
  return new OrderClientError<ErrorCode>(message ?? `The order service answered ${status}`, {
    code: error ?? gatewayCodes[status] ?? "INTERNAL_SERVER_ERROR",
    status,
    details,
    requestId: requestId ?? headers.get("x-request-id") ?? undefined,
    retryAfterSeconds: secondsOf(headers.get("retry-after")),
  });
}

/** `Retry-After` as seconds: it may also be a date (RFC 9110 s 10.2.3). */
function secondsOf(header: string | null): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
