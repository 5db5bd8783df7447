/** The mails of one order: what the send ledger says of each occasion, with the mail itself where SES has it. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { mailLedger } from "@bbws/core/mail/ledger.ts";
import type { AwsLocal } from "../emulators/aws.ts";
import { tableName } from "../local-stage.ts";
import { type LocalMail, toLocalMail } from "./mails.ts";

export type OrderMail = {
  kind: string;
  /** Version of the order the mail speaks of; with `#` and an id when an operator asked for it. */
  orderVersion: string;
  state: "CLAIMED" | "SENT" | "REFUSED";
  /** Time of the last change of `state`. */
  at: string;
  refusal?: string;
  mail?: LocalMail;
};

export function orderMails(aws: AwsLocal, dynamodb: DynamoDBClient): (orderId: string) => Promise<OrderMail[]> {
  const ledger = mailLedger({ client: dynamodb, table: tableName }, () => new Date());
  return async (orderId) => {
    if (!orderId) return [];
    const [occasions, mails] = await Promise.all([ledger.ofOrder(orderId), aws.mails()]);
    return occasions.map(({ kind, orderVersion, state, at, refusal, sesMessageId }) => {
      const mail = sesMessageId && mails.find(({ messageId }) => messageId === sesMessageId);
      return { kind, orderVersion, state, at, ...(refusal && { refusal }), ...(mail && { mail: toLocalMail(mail) }) };
    });
  };
}
