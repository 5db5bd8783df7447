/** SES v2 by aws-ses-v2-local, with an inbox that outlives the stack. */
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type Ses from "aws-ses-v2-local";
import { LOOPBACK } from "./ports.ts";

/** A mail as aws-ses-v2-local keeps it. */
export type StoredMail = {
  messageId: string;
  from: string;
  replyTo: string[];
  destination: { to: string[]; cc: string[]; bcc: string[] };
  subject: string;
  body: { html?: string; text?: string };
  attachments: { content: string; contentType: string; filename?: string; size: number }[];
  at: number;
};

type Store = {
  saveEmail(mail: StoredMail): void;
  clearStore(): void;
  getStoreReadonly(): { emails: StoredMail[] };
};

export type SesLocal = { port: number; mails(): StoredMail[]; stop(): Promise<void> };

/** @param file where every mail is appended before SES answers its sender; undefined keeps them in memory */
export async function startSes(file: string | undefined): Promise<SesLocal> {
  const require = createRequire(import.meta.url);
  const store = require("aws-ses-v2-local/dist/store.js") as Store;
  const { default: listen } = require("aws-ses-v2-local") as { default: typeof Ses };

  const emails = () => store.getStoreReadonly().emails;
  if (file) for (const mail of readMails(file)) emails().push(mail);
  // Replaced, not wrapped: the original would also forward to a real SMTP server when SMTP_TRANSPORT is set.
  store.saveEmail = (mail) => {
    if (file) appendFileSync(file, `${JSON.stringify(mail)}\n`);
    emails().push(mail);
  };
  const clear = store.clearStore;
  store.clearStore = () => {
    if (file && existsSync(file)) truncateSync(file);
    clear();
  };

  const server = (await listen({ port: 0, host: LOOPBACK })) as Server;
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    mails: () => emails(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A stack killed in the middle of a write leaves half a line: that mail was not acknowledged, so it is cut off. */
function readMails(file: string): StoredMail[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return whole
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as StoredMail);
}
