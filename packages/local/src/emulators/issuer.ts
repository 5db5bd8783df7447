/** The OIDC issuer: signs Cognito-like access tokens with a key that lives in the state folder. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OAuth2Server } from "oauth2-mock-server";
import { localStage } from "../local-stage.ts";
import { LOOPBACK } from "./ports.ts";

export type TokenRequest = {
  tenantId?: string;
  /** A permitted set of tenants instead of one. */
  tenantIds?: string | string[];
  email?: string;
  sub?: string;
  roles?: string | string[];
  scope?: string;
  /** Seconds; negative for a token that has run out. */
  expiresIn?: number;
  /** Merged last, over everything else; a null removes the claim. */
  claims?: Record<string, unknown>;
};

export type Issuer = {
  jwksUri: string;
  token(request: TokenRequest): Promise<string>;
  stop(): Promise<void>;
};

const ONE_HOUR_S = 3600;

export async function startIssuer(stateDir: string): Promise<Issuer> {
  const server = new OAuth2Server();
  const file = join(stateDir, "issuer-keys.json");
  if (existsSync(file)) {
    for (const key of JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>[]) await server.issuer.keys.add(key);
  }
  if (server.issuer.keys.toJSON().length === 0) {
    await server.issuer.keys.generate("RS256");
    writeFileSync(file, JSON.stringify(server.issuer.keys.toJSON(true)), { mode: 0o600 });
  }
  await server.start(0, LOOPBACK);
  // Its own address changes with every start; the issuer's name must not, or yesterday's token would be refused.
  server.issuer.url = localStage.token.issuer;
  return {
    jwksUri: `http://${LOOPBACK}:${server.address().port}/jwks`,
    token: (request) =>
      server.issuer.buildToken({
        expiresIn: request.expiresIn ?? ONE_HOUR_S,
        scopesOrTransform: (_header, payload) => {
          Object.assign(payload, claimsOf(request), request.claims);
          for (const [name, value] of Object.entries(payload)) if (value === null || value === undefined) delete payload[name];
          // A token that ran out was also issued before it did.
          if (payload.exp < payload.iat) Object.assign(payload, { iat: payload.exp - ONE_HOUR_S, nbf: payload.exp - ONE_HOUR_S });
        },
      }),
    stop: () => server.stop(),
  };
}

function claimsOf({ tenantId, tenantIds, email, sub, roles, scope }: TokenRequest): Record<string, unknown> {
  return {
    sub: sub ?? randomUUID(),
    token_use: "access",
    client_id: localStage.token.audiences[0],
    jti: randomUUID(),
    auth_time: Math.floor(Date.now() / 1000),
    scope: scope ?? "openid",
    email,
    username: email,
    "custom:tenantId": tenantId,
    "custom:tenantIds": tenantIds,
    "custom:roles": roles,
  };
}
