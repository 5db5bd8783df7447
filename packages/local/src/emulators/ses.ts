/** SES v2 by aws-ses-v2-local, with an inbox that outlives the stack. */
import { existsSync, openSync, readFileSync, readSync, truncateSync, writeSync } from "node:fs";
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
  /** Epoch seconds. */
  at: number;
  /** Epoch ms of the moment it was taken. */
  takenAt: number;
};

/** What is known of a mail without its text. */
export type MailHead = Pick<StoredMail, "subject" | "takenAt"> & { to: string[] };

type Store = {
  saveEmail(mail: StoredMail): void;
  clearStore(): void;
  getStoreReadonly(): { emails: StoredMail[] };
};

export type SesLocal = {
  port: number;
  mails(): StoredMail[];
  /** Of the mails after the first `from`, in sending order. */
  heads(from: number): MailHead[];
  stop(): Promise<void>;
};

/**
 * @param file where every mail is appended before SES answers its sender, and where its text is read from when somebody
 * looks at it; undefined keeps all in memory
 */
export async function startSes(file: string | undefined): Promise<SesLocal> {
  const require = createRequire(import.meta.url);
  const store = require("aws-ses-v2-local/dist/store.js") as Store;
  const { default: listen } = require("aws-ses-v2-local") as { default: typeof Ses };

  const emails = () => store.getStoreReadonly().emails;
  const journal = file === undefined ? undefined : openJournal(file);
  for (const mail of journal?.read() ?? []) emails().push(mail);
  // Replaced, not wrapped: the original would also forward to a real SMTP server when SMTP_TRANSPORT is set.
  store.saveEmail = (received) => {
    const mail = { ...received, takenAt: Date.now() };
    emails().push(journal ? journal.append(mail) : mail);
  };
  const clear = store.clearStore;
  store.clearStore = () => {
    journal?.clear();
    clear();
  };

  const server = (await listen({ port: 0, host: LOOPBACK })) as Server;
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    mails: () => emails(),
    heads: (from) =>
      emails()
        .slice(from)
        .map(({ destination, subject, takenAt }) => ({ to: destination.to, subject, takenAt })),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The file of all mails. Ten thousand orders send a gigabyte of them: only where each lies is kept in memory. */
function openJournal(file: string) {
  const lines = existsSync(file) ? readLines(file) : [];
  const descriptor = openSync(file, "a+");
  let end = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

  /** The mail with its text still in the file. */
  function kept(mail: StoredMail, bytes: number): StoredMail {
    const { body: _body, attachments: _attachments, ...head } = mail;
    const start = end;
    end += bytes;
    const whole = () => {
      const line = Buffer.alloc(bytes);
      readSync(descriptor, line, 0, bytes, start);
      return JSON.parse(line.toString()) as StoredMail;
    };
    return {
      ...head,
      get body() {
        return whole().body;
      },
      get attachments() {
        return whole().attachments;
      },
    };
  }

  return {
    read() {
      end = 0;
      return lines.splice(0).map((line) => kept(JSON.parse(line) as StoredMail, Buffer.byteLength(line) + 1));
    },
    append(mail: StoredMail) {
      const line = Buffer.from(`${JSON.stringify(mail)}\n`);
      writeSync(descriptor, line);
      return kept(mail, line.length);
    },
    clear() {
      truncateSync(file);
      end = 0;
    },
  };
}

/** A stack killed in the middle of a write leaves half a line: that mail was not acknowledged, so it is cut off. */
function readLines(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return whole.split("\n").filter(Boolean);
}
