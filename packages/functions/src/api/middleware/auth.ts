import { OrderError } from "@bbws/core/errors.ts";
import { type Caller, type Claims, callerOf } from "../caller.ts";
import type { ApiContext } from "./envelope.ts";

type AuthorizedEvent = { requestContext?: { authorizer?: { jwt?: { claims?: Claims; scopes?: string[] | null } } } };

/** The caller whose token the API's JWT authoriser has verified. @throws OrderError UNAUTHORIZED when there is none. */
export function authorizedCaller(c: ApiContext): Caller {
  const claims = (c.env.event as AuthorizedEvent).requestContext?.authorizer?.jwt?.claims;
  if (!claims) throw new OrderError("UNAUTHORIZED", "Send a valid token in the Authorization header");
  return callerOf(claims);
}
