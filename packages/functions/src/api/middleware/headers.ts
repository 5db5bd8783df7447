import { ValidationError } from "@bbws/core/errors.ts";
import type { ApiContext } from "./envelope.ts";

/** The Idempotency-Key header: 1 to 128 printable ASCII characters. @throws ValidationError */
export function idempotencyKey(c: ApiContext): string | undefined {
  // As the gateway delivered it: the adapter leaves empty headers out and rewrites what is not ASCII.
  const key = (c.env.event.headers as Record<string, string | undefined> | undefined)?.["idempotency-key"];
  if (key === undefined) return undefined;
  if (/^[\x20-\x7e]{1,128}$/.test(key) && key.trim()) return key;
  throw new ValidationError([{ field: "Idempotency-Key", message: "Idempotency-Key must have 1 to 128 printable ASCII characters" }]);
}

/** The version in `If-Match`: `"3"` or a whole entity tag `"3-1"`; undefined without the header or for `*`. @throws ValidationError */
export function ifMatchVersion(c: ApiContext): number | undefined {
  const header = c.req.header("if-match")?.trim();
  if (header === undefined || header === "*") return undefined;
  const version = /^(?:W\/)?"(\d{1,9})(?:-\d+)?"$/.exec(header)?.[1];
  if (version) return Number(version);
  throw new ValidationError([{ field: "If-Match", message: 'If-Match must be an entity tag such as "3" or "3-1"' }]);
}

/** True when one of the tags in `If-None-Match` is the given one (weak comparison, RFC 9110 s 13.1.2). */
export function noneMatch(c: ApiContext, entityTag: string): boolean {
  const header = c.req.header("if-none-match");
  if (header === undefined) return false;
  return header.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === entityTag);
}
