import { type Attachment, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { environment } from "./config.ts";
import { ses } from "./ses.ts";

/** Handing one mail to SES. */

const { MAIL_FROM, MAIL_REPLY_TO, MAIL_ALLOW_LIST, SES_CONFIGURATION_SET } = environment(
  "MAIL_FROM",
  "MAIL_REPLY_TO",
  "MAIL_ALLOW_LIST",
  "SES_CONFIGURATION_SET",
);

export type OutgoingMail = {
  to: string[];
  subject: string;
  html: string;
  text: string;
  attachment?: { fileName: string; content: Uint8Array };
};

/**
 * Names of SES refusals that repeating cannot change: rejected, suppressed, unverified, malformed. A missing configuration
 * set is the stage's fault, not the mail's: it is tried again, and redriven once the set is there.
 */
const refusals = ["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"];

/** SES will never take this mail. `name` of the refusal only: its message may quote an address. */
export class MailRefused extends Error {
  override readonly name = "MailRefused";
  readonly refusal: string;
  constructor(refusal: string) {
    super(`SES refused the mail: ${refusal}`);
    this.refusal = refusal;
  }
}

/** True when the stage may write to every address (dev and sit write to their own domains and the SES simulator only). */
export function maySendTo(addresses: readonly string[]): boolean {
  if (MAIL_ALLOW_LIST.length === 0) return true;
  return addresses.every((address) => MAIL_ALLOW_LIST.includes(address.split("@").at(-1)!.toLowerCase()));
}

/**
 * Sends one mail. @returns the SES message id.
 * @throws MailRefused when SES will never take it; the SDK's error when it may later.
 */
export async function sendMail({ to, subject, html, text, attachment }: OutgoingMail): Promise<string> {
  const utf8 = (Data: string) => ({ Data, Charset: "UTF-8" });
  const attachments: Attachment[] = attachment
    ? [
        {
          FileName: attachment.fileName,
          RawContent: attachment.content,
          ContentType: "application/pdf",
          ContentDisposition: "ATTACHMENT",
          ContentTransferEncoding: "BASE64",
        },
      ]
    : [];
  try {
    const { MessageId } = await ses.send(
      new SendEmailCommand({
        FromEmailAddress: headerText(MAIL_FROM),
        ReplyToAddresses: [headerText(MAIL_REPLY_TO)],
        Destination: { ToAddresses: to.map(headerText) },
        Content: { Simple: { Subject: utf8(headerText(subject)), Body: { Html: utf8(html), Text: utf8(text) }, Attachments: attachments } },
        ...(SES_CONFIGURATION_SET && { ConfigurationSetName: SES_CONFIGURATION_SET }),
      }),
    );
    return MessageId ?? "";
  } catch (error) {
    if (error instanceof Error && refusals.includes(error.name)) throw new MailRefused(error.name);
    throw error;
  }
}

/** A header is one line: whatever could start another is gone. */
const headerText = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
