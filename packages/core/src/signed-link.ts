import { epochSeconds } from "./clock.ts";
import { OrderError } from "./errors.ts";
import { isSignedBy, type SigningKeys, sign } from "./signing.ts";

/** What a link lets its holder see. A link for one purpose is worthless for another. */
export type LinkPurpose = "status" | "invoice";

/** Seconds a link stays valid: 7 days. */
export const LINK_SECONDS = 7 * 24 * 3600;

/** Path and query of a signed link, e.g. `/v1.0/links/orders/{id}/status?expires=…&signature=…`. */
export function signedLink(keys: SigningKeys, purpose: LinkPurpose, orderId: string, now: Date): string {
  const expires = String(epochSeconds(now) + LINK_SECONDS);
  return `/v1.0/links/orders/${orderId}/${purpose}?expires=${expires}&signature=${sign(keys, parts(purpose, orderId, expires))}`;
}

/**
 * Accepts a link's query or throws.
 * @throws OrderError FORBIDDEN when it is not ours or was tampered with, LINK_EXPIRED when its time is over.
 */
export function verifyLink(
  keys: SigningKeys,
  purpose: LinkPurpose,
  orderId: string,
  query: { expires?: string; signature?: string },
  now: Date,
): void {
  const { expires = "", signature = "" } = query;
  if (!/^\d{1,12}$/.test(expires) || !isSignedBy(keys, parts(purpose, orderId, expires), signature)) {
    throw new OrderError("FORBIDDEN", "This link is not valid");
  }
  if (Number(expires) <= epochSeconds(now)) throw new OrderError("LINK_EXPIRED", "This link has expired");
}

const parts = (purpose: LinkPurpose, orderId: string, expires: string) => ["link", purpose, orderId, expires];
