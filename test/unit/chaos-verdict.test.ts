import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MailKind } from "@bbws/core/mail/kinds.ts";
import type { Order } from "@bbws/core/order/order.ts";
import type { MailNote } from "@bbws/local/lambda/protocol.ts";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Accepted } from "../support/chaos/journey.ts";
import { type HandOvers, mailProblems, noteEverybodyDied, readMailJournal } from "../support/chaos/mail-journal.ts";
import { type Findings, type Item, judge, type Letter } from "../support/chaos/verdict.ts";
import { NOW, order, orderIn } from "../support/order.ts";

/** The judge of the chaos suite: a world that is well, and each way in which it may not be. */

const LATER = new Date(NOW.getTime() + 3_600_000);
const staff = "support@kimmyai.io,sales@kimmyai.io";

const acceptedOf = (id: string, journey: Accepted["journey"]): Accepted => ({
  orderId: id,
  customer: id,
  journey,
  email: `${id}@example.com`,
  copyTo: `accounts-of-${id}@example.com`,
});

const document = (name: string) => ({ key: `${name}.pdf`, sha256: `hash of ${name}`, issuedAt: NOW.toISOString() });
const orderItem = (of: Order): Item => ({ ...of, PK: `TENANT#${of.tenantId}`, SK: `ORDER#${of.id}`, entityType: "Order" });
const mailItem = (orderId: string, kind: MailKind, orderVersion: number): Item => ({
  ...{ PK: `ORDER#${orderId}`, SK: `MAIL#${kind}#${orderVersion}` },
  ...{ orderId, kind, orderVersion: String(orderVersion), state: "SENT", leaseUntil: 0 },
});
const numberItem = (number: string): Item => ({ PK: `NUMBER#${number}`, SK: "UNIQUE" });
const counter = (kind: string, value: number): Item => ({ PK: `COUNTER#${kind}`, SK: "2026", value });
const handOvers = (changes: Partial<HandOvers> = {}): HandOvers => ({ noted: 0, interrupted: 0, givenUp: 0, unexplained: 0, ...changes });

type World = Findings & { items: Item[]; objects: Map<string, string>; mails: string[]; handOvers: Map<string, HandOvers> } & {
  letters: Record<string, Letter[]>;
};

/** One order that waits for its money, one that was refunded, and a message nobody can handle. */
function well(): World {
  const waiting = order({ id: "order_1", documents: { order: document("pro-forma-1") } });
  const numbered = orderIn("REFUNDED").documents;
  const refunded = orderIn("REFUNDED", {
    id: "order_2",
    orderNumber: "ORD-2026-00002",
    documents: {
      order: document("pro-forma-2"),
      taxInvoice: { ...numbered.taxInvoice!, ...document("invoice-1") },
      creditNote: { ...numbered.creditNote!, ...document("credit-note-1") },
    },
  });
  const mails = [
    "order_1@example.com Order Confirmation - #ORD-2026-00001",
    `${staff} New Order Received: ORD-2026-00001`,
    "order_2@example.com Order Confirmation - #ORD-2026-00002",
    `${staff} New Order Received: ORD-2026-00002`,
    `${staff} Order Paid: ORD-2026-00002`,
    "order_2@example.com Payment Received - Tax Invoice INV-2026-00001",
    `${staff} Order Refunded: ORD-2026-00002`,
    "order_2@example.com Order #ORD-2026-00002 - Status Update: Refunded",
  ];
  const documents = ["pro-forma-1", "pro-forma-2", "invoice-1", "credit-note-1"];
  return {
    items: [
      orderItem(waiting),
      { PK: "ORDER#order_1", SK: "EXPIRY", expiresAt: NOW.getTime() / 1000 + 7 * 86_400 },
      mailItem("order_1", "order_confirmation", 1),
      mailItem("order_1", "internal_new", 1),
      orderItem(refunded),
      mailItem("order_2", "order_confirmation", 1),
      mailItem("order_2", "internal_new", 1),
      mailItem("order_2", "internal_paid", 2),
      mailItem("order_2", "payment_received", 2),
      mailItem("order_2", "internal_refunded", 3),
      mailItem("order_2", "order_status_update", 3),
      { PK: "PAYMENT#PF-1", SK: "UNIQUE" },
      ...["ORD-2026-00001", "ORD-2026-00002", "INV-2026-00001", "CRN-2026-00001"].map(numberItem),
      counter("order", 2),
      counter("invoice", 1),
      counter("creditNote", 1),
    ],
    objects: new Map(documents.map((name) => [`${name}.pdf`, `hash of ${name}`])),
    mails,
    handOvers: new Map(mails.map((mail) => [mail, handOvers({ noted: 1 })])),
    queues: { InvoiceQueue: { depth: 0, inFlight: 0, dlqDepth: 1 } },
    letters: { InvoiceDLQ: [{ body: '{"type":"poison"}', attributes: { errorReason: "unknown message: type" } }] },
  };
}

const expected = {
  accepted: [acceptedOf("order_1", "plain"), acceptedOf("order_2", "refund")],
  poison: { InvoiceDLQ: ["poison"] },
};

let world: World;
beforeEach(() => {
  world = well();
});
const problems = (more: Partial<typeof expected> = {}) => judge(world, { ...expected, ...more }, LATER).problems;
const find = (SK: string, PK = "") => world.items.find((item) => item.SK === SK && item.PK.includes(PK))!;
const remove = (SK: string, PK = "") => world.items.splice(world.items.indexOf(find(SK, PK)), 1);
const change = (id: string, changes: object) => Object.assign(find(`ORDER#${id}`), changes);

describe("a world that is well", () => {
  it("has no problem, and is counted", () => {
    expect(judge(world, expected, LATER)).toEqual({
      problems: [],
      orders: 2,
      mails: 8,
      duplicateMails: 0,
      interruptedMails: 0,
      unnotedMails: 0,
      documents: 4,
    });
  });
});

describe("the judge notices", () => {
  it.each<[what: string, damage: () => unknown, says: string]>([
    ["a lost order", () => remove("ORDER#order_1"), "order_1 was accepted and is not recorded"],
    ["an order of nobody", () => world.items.push(orderItem(order({ id: "order_9" }))), "order_9 is recorded and was not accepted"],
    [
      "an order recorded twice",
      () => world.items.push(orderItem(order({ id: "order_1", tenantId: "tenant-b" }))),
      "order_1 is recorded more than once",
    ],
    ["a gap", () => change("order_2", { orderNumber: "ORD-2026-00003" }), "order numbers are not 1..2 without gap or repeat"],
    ["a number given twice", () => change("order_2", { orderNumber: "ORD-2026-00001" }), "order numbers are not 1..2"],
    ["a counter that ran ahead", () => Object.assign(find("2026", "invoice"), { value: 2 }), "the invoice counter says 2, 1 are used"],
    ["a number nobody has", () => world.items.push(numberItem("ORD-2026-00003")), "5 numbers are taken, 4 are used"],
    ["a payment reference of nobody", () => world.items.push({ PK: "PAYMENT#PF-2", SK: "UNIQUE" }), "2 payment references are taken"],
    ["a payment without its reference", () => remove("UNIQUE", "PAYMENT#"), "0 payment references are taken, 1 orders are paid"],
    ["an order that stopped on its way", () => change("order_1", { status: "PAYMENT_PENDING" }), "order_1 is PAYMENT_PENDING after plain"],
    ["an order that is hidden", () => change("order_1", { active: false }), "order_1 (plain) is removed"],
    ["an order that nothing would end", () => remove("EXPIRY"), "order_1 lacks: expiry timer"],
    ["a document that was never made", () => change("order_1", { documents: {} }), "order_1 lacks: order document"],
    [
      "a document nobody asked for",
      () => change("order_1", { documents: { order: document("pro-forma-1"), taxInvoice: document("invoice-2") } }),
      "order_1 (plain) has the documents order taxInvoice",
    ],
    ["a lost document", () => world.objects.delete("invoice-1.pdf"), "invoice-1.pdf is noted and not stored"],
    ["a document that is not noted", () => world.objects.set("stray.pdf", "?"), "stray.pdf is stored and not noted"],
    [
      "a document that was overwritten",
      () => world.objects.set("invoice-1.pdf", "another hash"),
      "taxInvoice of order_2: stored bytes differ from the noted hash",
    ],
    [
      "one document for two orders",
      () => change("order_1", { documents: { order: document("pro-forma-2") } }),
      "pro-forma-2.pdf is noted twice",
    ],
    ["a mail without its note", () => remove("MAIL#internal_paid#2"), "order_2 lacks: mail internal_paid"],
    [
      "a mail that was begun and not sent",
      () => Object.assign(find("MAIL#order_confirmation#1", "order_1"), { state: "CLAIMED" }),
      "order_1 lacks: mail order_confirmation, begun",
    ],
    [
      "a mail that was refused and should not be",
      () => Object.assign(find("MAIL#order_confirmation#1", "order_1"), { state: "REFUSED" }),
      "order_1 (plain) has the mails internal_new SENT, order_confirmation REFUSED",
    ],
    [
      "a mail of another occasion",
      () => world.items.push(mailItem("order_1", "order_cancelled", 2)),
      "order_1 (plain) has the mails internal_new SENT, order_cancelled SENT, order_confirmation SENT",
    ],
    ["a mail that was noted and not sent", () => world.mails.splice(4, 1), `"${staff} Order Paid: ORD-2026-00002" was not sent`],
    [
      "a mail to somebody else",
      () => world.mails.push("order_2@example.com Order Confirmation - #ORD-2026-00001"),
      '"order_2@example.com Order Confirmation - #ORD-2026-00001" was sent and is not due',
    ],
    ["a mail sent twice for no reason", () => world.mails.push(world.mails[0]!), "went out 2 times, 0 interruptions"],
    ["a message that never ends", () => Object.assign(world.queues.InvoiceQueue!, { inFlight: 1 }), "InvoiceQueue still holds 1"],
    ["a letter that got lost", () => world.letters.InvoiceDLQ!.pop(), "InvoiceDLQ lacks the letter poison"],
    [
      "a stray letter",
      () => Object.assign(world.letters, { OrderChangesDLQ: [{ body: "{}", attributes: { errorReason: "why" } }] }),
      "OrderChangesDLQ holds a letter (why): {}",
    ],
    [
      "a letter without a reason",
      () => Object.assign(world.letters.InvoiceDLQ![0]!, { attributes: {} }),
      "InvoiceDLQ holds a letter (without a reason)",
    ],
  ])("%s", (_, damage, says) => {
    damage();
    expect(problems().filter((problem) => problem.includes(says))).toHaveLength(1);
  });

  it("an order that was given to two customers", () => {
    expect(problems({ accepted: [...expected.accepted, acceptedOf("order_1", "plain")] })).toContain("order_1 was given to two customers");
  });

  it("no gap where one was declared", () => {
    change("order_2", { orderNumber: "ORD-2026-00003" });
    world.items.push({ PK: "GAP#order", SK: "2026#2", first: 2, last: 2 });
    Object.assign(find("2026", "order"), { value: 3 });
    expect(problems().filter((problem) => problem.includes("order numbers") || problem.includes("counter"))).toEqual([]);
  });
});

describe("the judge of mails", () => {
  const mail = "thandi@example.com Order Confirmation - #ORD-2026-00001";
  const verdict = (copies: number, changes: Partial<HandOvers>) =>
    mailProblems(Array<string>(copies).fill(mail), new Map([[mail, handOvers(changes)]]));

  it.each<[what: string, copies: number, changes: Partial<HandOvers>, says: string[]]>([
    ["one that went out once", 1, { noted: 1 }, []],
    ["one that was cut off before SES had it", 1, { noted: 1, interrupted: 1 }, []],
    ["one that was cut off after SES had it, and went out again", 2, { noted: 1, interrupted: 1 }, []],
    ["one that could not be noted, and went out again", 2, { noted: 1, givenUp: 1 }, []],
    ["one for each reason", 3, { noted: 1, givenUp: 1, interrupted: 1 }, []],
    ["one whose letter was redriven", 1, { givenUp: 1 }, []],
    ["one too many", 2, { noted: 1 }, [`"${mail}" went out 2 times, 0 interruptions and 0 missing notes explain 1`]],
    [
      "one more than was cut off",
      3,
      { noted: 1, interrupted: 1 },
      [`"${mail}" went out 3 times, 1 interruptions and 0 missing notes explain 2`],
    ],
    ["one that was noted again", 2, { noted: 2, interrupted: 1 }, [`"${mail}" was sent and noted 2 times`]],
    ["one that nobody noted, though nobody died", 1, { unexplained: 1 }, [`"${mail}" was handed over and not noted, and nobody died`]],
    ["one that was noted and never arrived", 0, { noted: 1 }, [`"${mail}" was noted and never arrived`]],
    ["one that never got to SES", 0, { interrupted: 1 }, []],
  ])("of %s", (_, copies, changes, says) => {
    expect(verdict(copies, changes)).toEqual(says);
  });

  it("of one that nobody wrote down", () => {
    expect(mailProblems([mail, mail], new Map())).toEqual([`"${mail}" went out 2 times, 0 interruptions and 0 missing notes explain 1`]);
  });
});

describe("the journal of mails", () => {
  const folder = mkdtempSync(join(tmpdir(), "mail-journal-"));
  const file = join(folder, "mails.jsonl");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  type Step = MailNote["step"];
  const note = (step: Step, mail = "a", sender = "s1") => ({ sender, at: 0, step, ...(step !== "died" && { mail }) }) as MailNote;
  const read = (...notes: MailNote[]) => {
    writeFileSync(file, notes.map((one) => `${JSON.stringify(one)}\n`).join(""));
    return Object.fromEntries(readMailJournal(file));
  };

  it("is empty where nobody sent anything", () => {
    expect(readMailJournal(join(folder, "nothing")).size).toBe(0);
  });

  it.each<[what: string, notes: MailNote[], counts: Partial<HandOvers>]>([
    ["a mail that was noted", [note("handed over"), note("noted")], { noted: 1 }],
    ["a lost answer", [note("handed over"), note("answer lost")], { interrupted: 1 }],
    ["a missing note", [note("handed over"), note("given up")], { givenUp: 1 }],
    ["a sender's death", [note("handed over"), note("died")], { interrupted: 1 }],
    ["a death after the note", [note("handed over"), note("noted"), note("died")], { noted: 1 }],
    ["somebody else's death", [note("handed over"), note("died", "", "s2"), note("noted")], { noted: 1 }],
    ["a mail that was left", [note("handed over")], { unexplained: 1 }],
    ["a note by who did not send it", [note("handed over"), note("noted", "a", "s2")], { noted: 1, unexplained: 1 }],
    [
      "a death, and another attempt",
      [note("handed over"), note("died"), note("handed over", "a", "s2"), note("noted", "a", "s2")],
      { noted: 1, interrupted: 1 },
    ],
  ])("counts %s", (_, notes, counts) => {
    expect(read(...notes)).toEqual({ a: handOvers(counts) });
  });

  it("counts what one sender had in its hands, mail by mail", () => {
    expect(read(note("handed over", "a"), note("handed over", "b"), note("noted", "b"), note("died"))).toEqual({
      a: handOvers({ interrupted: 1 }),
      b: handOvers({ noted: 1 }),
    });
  });

  it("counts every open hand-over when the whole stack was killed", () => {
    writeFileSync(file, [note("handed over", "a", "s1"), note("handed over", "b", "s2")].map((one) => `${JSON.stringify(one)}\n`).join(""));
    noteEverybodyDied(file);
    expect(Object.fromEntries(readMailJournal(file))).toEqual({ a: handOvers({ interrupted: 1 }), b: handOvers({ interrupted: 1 }) });
  });
});
