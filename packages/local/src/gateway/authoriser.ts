/** The JWT authoriser of an HTTP API: signature, issuer, audience or client, times; claims as strings. */
import { JwtRsaVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { localStage } from "../local-stage.ts";
import type { JwtContext } from "./event.ts";

export type Authorise = (authorization: string | undefined) => Promise<JwtContext | undefined>;

/** aws-jwt-verify fetches keys over https only; this issuer speaks http, on this machine. */
const loopbackFetcher = {
  async fetch(uri: string): Promise<ArrayBuffer> {
    if (new URL(uri).hostname !== "127.0.0.1") throw new Error(`keys are fetched from this machine only, not from ${uri}`);
    const response = await fetch(uri);
    if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
    return response.arrayBuffer();
  },
};

/** @returns a check that yields the claims, or undefined for anything the deployed authoriser would refuse with 401 */
export function createAuthoriser(jwksUri: string): Authorise {
  const { issuer, audiences } = localStage.token;
  const verifier = JwtRsaVerifier.create(
    {
      issuer,
      jwksUri,
      // `aud` where the token has one, else Cognito's `client_id`.
      audience: null,
      customJwtCheck({ payload }) {
        const claimed = payload.aud ?? payload.client_id;
        const held = (Array.isArray(claimed) ? claimed : [claimed]).filter((value) => typeof value === "string");
        if (!held.some((value) => audiences.includes(value))) throw new Error("audience");
        if (typeof payload.exp !== "number") throw new Error("exp");
        if (typeof payload.iat === "number" && payload.iat > Date.now() / 1000 + 1) throw new Error("iat");
      },
    },
    { jwksCache: new SimpleJwksCache({ fetcher: loopbackFetcher }) },
  );
  return async (authorization) => {
    // The scheme is optional, as in an HTTP API.
    const token = (authorization ?? "").replace(/^bearer\s+/i, "").trim();
    if (token === "") return undefined;
    try {
      const payload = (await verifier.verify(token)) as Record<string, unknown>;
      // `scopes` lists what the route asks for, and none of ours asks for any; the token's own are in `claims.scope`.
      return { claims: claimsOf(payload), scopes: null };
    } catch {
      return undefined;
    }
  };
}

/** Claims reach the function as strings: arrays as `[a b]`, numbers and booleans in their plain form. */
export function claimsOf(payload: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, claimText(value)]));
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(" ")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([name, inner]) => `${name}:${claimText(inner)}`);
    return `map[${fields.join(" ")}]`;
  }
  return String(value);
}
