import { OrderError } from "@bbws/core/errors.ts";
import type { ApiContext } from "./envelope.ts";

/** Bytes a request body may have. */
export const MAX_BODY_BYTES = 100 * 1024;

/**
 * The request's JSON body, unparsed by any schema yet.
 * @throws OrderError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE or INVALID_JSON.
 */
export async function jsonBody(c: ApiContext): Promise<unknown> {
  const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (mediaType !== "application/json" && !/^application\/[\w.-]+\+json$/.test(mediaType)) {
    throw new OrderError("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json");
  }
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > MAX_BODY_BYTES) throw new OrderError("PAYLOAD_TOO_LARGE", "The body must have at most 100 KB");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new OrderError("INVALID_JSON", "The body is not valid JSON");
  }
}
