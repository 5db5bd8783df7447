/**
 * A token for the smoke of a stage: `smoke-token.ts --stage sit`, for the client that the issuer keeps for it, in
 * SMOKE_CLIENT_ID and SMOKE_CLIENT_SECRET. Prints the token alone; without a client nothing, and on stderr why.
 */
import { parseArgs } from "node:util";
import { type Stage, stageOf } from "../../infra/stage.ts";
import { type Claims, callerOf, refuseSystem, soleTenant } from "../../packages/functions/src/api/caller.ts";

export type Client = { id: string; secret: string };

/**
 * An access token by the client-credentials grant (RFC 6749, 4.4), from the endpoint that the issuer's discovery names.
 * @throws Error when the issuer gives none, or one with which the stage's API would not let a customer order
 */
export async function smokeToken({ issuer, audiences }: Stage["token"], { id, secret }: Client): Promise<string> {
  const { token_endpoint } = await ask(`${issuer}/.well-known/openid-configuration`);
  const { access_token } = await ask(String(token_endpoint), {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const claims = claimsOf(String(access_token));
  const held = [claims.aud ?? claims.client_id].flat();
  if (!held.some((audience) => audiences.includes(String(audience))))
    throw new Error(`its token is for ${held.join(", ")}, which infra/stage.ts does not name among the stage's token.audiences`);
  const caller = callerOf(claims);
  refuseSystem(caller);
  soleTenant(caller);
  return String(access_token);
}

/** @throws Error naming the address and what it answered */
async function ask(url: string, request: RequestInit = {}): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

/** What the token says; whether it is genuine is the API's matter. */
function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { stage: { type: "string", default: "" } } });
  const { SMOKE_CLIENT_ID: id, SMOKE_CLIENT_SECRET: secret } = process.env;
  if (!id || !secret) {
    console.error(`no client for the smoke of ${values.stage}: it orders as a guest, and tells what it did not see`);
    process.exit(0);
  }
  try {
    console.log(await smokeToken(stageOf(values.stage).token, { id, secret }));
  } catch (error) {
    console.error(`no token for the smoke of ${values.stage}: ${(error as Error).message}`);
    process.exit(1);
  }
}
