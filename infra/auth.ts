/** Who may knock at the API's door: the JWT authoriser, from the stage's token issuer and audiences. */
import type { Route } from "../packages/functions/src/api/routes.ts";
import { stage } from "./context.ts";

export const authoriser = {
  name: "Token",
  jwt: { issuer: stage.token.issuer, audiences: stage.token.audiences },
};

/** SST's `auth` of a route. An authoriser cannot be optional, so `optional-token` routes are verified by their handler. */
export function authOf(route: Pick<Route, "auth">, authoriserId: $util.Input<string>) {
  return route.auth === "token" ? { jwt: { authorizer: authoriserId } } : undefined;
}
