import { createHmac, timingSafeEqual } from "node:crypto";

/** Keys that sign links and page tokens: the current one signs, the previous one is still accepted during a rotation. */
export type SigningKeys = { current: string; previous?: string };

/** HMAC-SHA-256 of the parts, base64url. Parts are joined by a character that no part contains. */
export function sign(keys: SigningKeys, parts: readonly string[]): string {
  return hmac(keys.current, parts).toString("base64url");
}

/** True when the signature is one of ours; compared in constant time. */
export function isSignedBy(keys: SigningKeys, parts: readonly string[], signature: string): boolean {
  const given = Buffer.from(signature, "base64url");
  // base64url ignores stray bits and characters: only the canonical spelling is ours.
  if (given.toString("base64url") !== signature) return false;
  return [keys.current, keys.previous].some((key) => {
    if (!key) return false;
    const expected = hmac(key, parts);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}

const hmac = (key: string, parts: readonly string[]) => createHmac("sha256", key).update(parts.join("\n")).digest();
