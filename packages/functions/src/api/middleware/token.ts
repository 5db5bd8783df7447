import { OrderError } from "@bbws/core/errors.ts";
import { JwtRsaVerifier } from "aws-jwt-verify";
import { type Fetcher, SimpleFetcher } from "aws-jwt-verify/https";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { environment } from "../../runtime/config.ts";
import { errorFacts, logger } from "../../runtime/logger.ts";
import { type Caller, callerOf } from "../caller.ts";

const { TOKEN_ISSUER, TOKEN_AUDIENCES, TOKEN_JWKS_URI } = environment("TOKEN_ISSUER", "TOKEN_AUDIENCES", "TOKEN_JWKS_URI");

/** The verifier insists on https; a key set on this very machine (the one-machine stack) is let through. */
const loopbackFetcher: Fetcher = {
  fetch: async (uri) => {
    const url = new URL(uri);
    if (url.protocol !== "http:" || url.hostname !== "127.0.0.1") return new SimpleFetcher().fetch(uri);
    return (await fetch(url)).arrayBuffer();
  },
};

const verifier = JwtRsaVerifier.create(
  {
    issuer: TOKEN_ISSUER,
    // Cognito's access tokens carry `client_id` instead of `aud`: both are checked below.
    audience: null,
    jwksUri: TOKEN_JWKS_URI ?? `${TOKEN_ISSUER}/.well-known/jwks.json`,
    customJwtCheck: ({ payload }) => {
      const audiences = [payload.aud, payload.client_id].flat();
      if (!TOKEN_AUDIENCES.some((audience) => audiences.includes(audience))) throw new Error("another audience");
      if (payload.token_use !== undefined && payload.token_use !== "access" && payload.token_use !== "id") throw new Error("another use");
    },
  },
  { jwksCache: new SimpleJwksCache({ fetcher: loopbackFetcher }) },
);

/**
 * The caller of an Authorization header on the one route where it is optional. A header that is there must be good.
 * @throws OrderError UNAUTHORIZED
 */
export async function verifiedCaller(authorization: string): Promise<Caller> {
  const token = /^Bearer ([^\s,]+)$/i.exec(authorization.trim())?.[1];
  try {
    if (!token) throw new Error("not a bearer token");
    return callerOf(await verifier.verify(token));
  } catch (error) {
    logger.info("token refused", { reason: errorFacts(error).errorName });
    throw new OrderError("UNAUTHORIZED", "The token is not valid");
  }
}
