/** What became of every mail, as its senders wrote it down while they lived. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { MailNote } from "@bbws/local/lambda/protocol.ts";

/** One mail's hand-overs to SES, by how they ended. */
export type HandOvers = {
  /** The ledger noted it. */
  noted: number;
  /** Its sender died, or its answer was lost, between SES and the note: the mail may go out once more for each. */
  interrupted: number;
  /** The table took no note of it: the mail may go out once more if its event comes before its letter is redriven. */
  givenUp: number;
  /** Nothing explains why it was not noted. */
  unexplained: number;
};

const EVERYBODY = "*";

/** Writes down that the whole stack was killed: every sender died with what it had not noted. */
export function noteEverybodyDied(file: string): void {
  appendFileSync(file, `${JSON.stringify({ sender: EVERYBODY, at: Date.now(), step: "died" } satisfies MailNote)}\n`);
}

/** By mail (addressees and subject). */
export function readMailJournal(file: string): Map<string, HandOvers> {
  const notes = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  const history = new Map<string, HandOvers>();
  const ofMail = (mail: string) => {
    const known = history.get(mail) ?? { noted: 0, interrupted: 0, givenUp: 0, unexplained: 0 };
    history.set(mail, known);
    return known;
  };
  /** Mails between SES and the note, by sender. */
  const open = new Map<string, string[]>();
  const close = (sender: string, mail: string) => {
    const mails = open.get(sender) ?? [];
    const index = mails.indexOf(mail);
    if (index >= 0) mails.splice(index, 1);
  };
  for (const line of notes) {
    const note = JSON.parse(line) as MailNote;
    switch (note.step) {
      case "handed over":
        open.set(note.sender, [...(open.get(note.sender) ?? []), note.mail]);
        break;
      case "noted":
        close(note.sender, note.mail);
        ofMail(note.mail).noted += 1;
        break;
      case "answer lost":
        close(note.sender, note.mail);
        ofMail(note.mail).interrupted += 1;
        break;
      case "given up":
        close(note.sender, note.mail);
        ofMail(note.mail).givenUp += 1;
        break;
      case "died":
        for (const [sender, mails] of open) {
          if (note.sender !== EVERYBODY && note.sender !== sender) continue;
          for (const mail of mails) ofMail(mail).interrupted += 1;
          open.delete(sender);
        }
    }
  }
  for (const mails of open.values()) for (const mail of mails) ofMail(mail).unexplained += 1;
  return history;
}

/**
 * What is wrong with the mails that were sent: each goes out once, and once more at most for every hand-over that was
 * interrupted between SES and the note, or could not be noted.
 * @param sent every mail in the inbox, by addressees and subject
 */
export function mailProblems(sent: readonly string[], history: ReadonlyMap<string, HandOvers>): string[] {
  const problems: string[] = [];
  const copies = Map.groupBy(sent, (mail) => mail);
  for (const [mail, { length }] of copies) {
    const { noted, interrupted, givenUp, unexplained } = history.get(mail) ?? { noted: 0, interrupted: 0, givenUp: 0, unexplained: 0 };
    const most = 1 + interrupted + givenUp;
    if (length > most)
      problems.push(`"${mail}" went out ${length} times, ${interrupted} interruptions and ${givenUp} missing notes explain ${most}`);
    if (noted > 1) problems.push(`"${mail}" was sent and noted ${noted} times`);
    if (unexplained > 0) problems.push(`"${mail}" was handed over and not noted, and nobody died`);
  }
  for (const [mail, { noted }] of history) if (noted > 0 && !copies.has(mail)) problems.push(`"${mail}" was noted and never arrived`);
  return problems;
}
