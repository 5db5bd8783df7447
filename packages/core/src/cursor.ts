import { epochSeconds } from "./clock.ts";
import { OrderError } from "./errors.ts";
import { isSignedBy, type SigningKeys, sign } from "./signing.ts";

/** Seconds a page token stays valid: a day. */
export const CURSOR_SECONDS = 24 * 3600;

/** Where a page ended, bound to whose list it is and how it was filtered. */
export type CursorScope = { tenantId: string; filters: string };

/** An opaque page token: the position, its expiry and a signature over both and the scope. */
export function encodeCursor(keys: SigningKeys, scope: CursorScope, position: string, now: Date): string {
  const expires = epochSeconds(now) + CURSOR_SECONDS;
  const payload = Buffer.from(JSON.stringify([position, expires])).toString("base64url");
  return `${payload}.${sign(keys, parts(scope, payload))}`;
}

/**
 * The position inside a page token.
 * @throws OrderError INVALID_PAGINATION_TOKEN when it was tampered with, belongs to another list or filter, or is too old.
 */
export function decodeCursor(keys: SigningKeys, scope: CursorScope, token: string, now: Date): string {
  const invalid = () => new OrderError("INVALID_PAGINATION_TOKEN", "startAt is not a page token of this list; start from the first page");
  const [payload = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0 || !isSignedBy(keys, parts(scope, payload), signature)) throw invalid();
  const [position, expires] = JSON.parse(Buffer.from(payload, "base64url").toString()) as [string, number];
  if (expires <= epochSeconds(now)) throw invalid();
  return position;
}

const parts = (scope: CursorScope, payload: string) => ["cursor", scope.tenantId, scope.filters, payload];
