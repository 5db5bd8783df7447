/** The mails that were sent, in the shape tests and tools read. */
import type { StoredMail } from "../emulators/ses.ts";

export type LocalMail = {
  /** All addressees in the To field. */
  to: string[];
  from: string;
  replyTo: string[];
  subject: string;
  html: string;
  text: string;
  attachments: { filename: string; contentType: string; contentBase64: string }[];
};

export const toLocalMail = (mail: StoredMail): LocalMail => ({
  to: mail.destination.to,
  from: mail.from,
  replyTo: mail.replyTo,
  subject: mail.subject,
  html: mail.body.html ?? "",
  text: mail.body.text ?? "",
  attachments: mail.attachments.map((attachment) => ({
    filename: attachment.filename ?? "",
    contentType: attachment.contentType,
    contentBase64: attachment.content,
  })),
});
