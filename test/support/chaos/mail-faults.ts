/** Sabotage of mails. */
import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import { tableName } from "@bbws/local/local-stage.ts";
import type { FunctionName } from "../../../infra/settings.ts";
import { REFUSED_DOMAIN } from "./journey.ts";

/** SES never takes a mail to the refused domain. */
export const refusing = (name: FunctionName): readonly Sabotage[] =>
  name === "CustomerOrderConfirmationSender"
    ? [{ call: 1, name: "ses SendEmail", about: `@${REFUSED_DOMAIN}`, phase: "before", how: "reject" }]
    : [];

/** The call that notes a mail, and the table that takes no note of it for as long as its sender lives. */
export const NOTE = `dynamodb UpdateItem ${tableName}`;
export const unnotable = { about: '"SENT"', phase: "before", how: "unavailable" } as const;
