import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import type { FunctionName } from "../../../infra/settings.ts";
import { REFUSED_DOMAIN } from "./journey.ts";

/** SES never takes a mail to the refused domain. */
export const refusing = (name: FunctionName): readonly Sabotage[] =>
  name === "CustomerOrderConfirmationSender"
    ? [{ call: 1, name: "ses SendEmail", about: `@${REFUSED_DOMAIN}`, phase: "before", how: "reject" }]
    : [];
