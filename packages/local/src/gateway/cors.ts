/** CORS as an HTTP API with a CORS configuration does it: it answers every preflight itself and ignores the functions' own headers. */
import { cors } from "../../../../infra/settings.ts";
import { localStage } from "../local-stage.ts";

export type CorsPolicy = {
  isPreflight(method: string, headers: Record<string, string>): boolean;
  preflight(headers: Record<string, string>): Record<string, string>;
  /** Headers added to the answer to an ordinary request. */
  answer(headers: Record<string, string>): Record<string, string>;
};

/** @param ownOrigins origins of the pages this stack serves itself */
export function createCors(ownOrigins: readonly string[]): CorsPolicy {
  const allowed = new Set([...localStage.corsOrigins, ...ownOrigins]);
  const originOf = (headers: Record<string, string>) => (headers.origin && allowed.has(headers.origin) ? headers.origin : undefined);
  return {
    isPreflight: (method, headers) =>
      method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined,
    preflight(headers): Record<string, string> {
      const origin = originOf(headers);
      if (!origin) return {};
      return {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": cors.methods.join(","),
        "access-control-allow-headers": cors.requestHeaders.join(","),
        "access-control-expose-headers": cors.responseHeaders.join(","),
        "access-control-max-age": String(cors.maxAgeSeconds),
      };
    },
    answer(headers): Record<string, string> {
      const origin = originOf(headers);
      if (!origin) return {};
      return { "access-control-allow-origin": origin, "access-control-expose-headers": cors.responseHeaders.join(",") };
    },
  };
}
