/** What must be true of the whole system once it is quiet: a judge of what was found, who looks at nothing himself. */
import { gapsOf, gapText, type KnownMail } from "@bbws/core/order/completeness.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { localStage } from "@bbws/local/local-stage.ts";
import type { QueueDepths } from "../stack.ts";
import type { Accepted } from "./journey.ts";
import { type HandOvers, mailProblems } from "./mail-journal.ts";
import { type DueMail, outcomes } from "./outcomes.ts";

export type Item = Record<string, unknown> & { PK: string; SK: string };

/** A dead letter, with its attributes. */
export type Letter = { body: string; attributes: Record<string, string> };

export type Findings = {
  /** The whole table. */
  items: readonly Item[];
  /** sha256 of the bytes of every stored document, by key. */
  objects: ReadonlyMap<string, string>;
  /** Every mail in the inbox, by addressees and subject. */
  mails: readonly string[];
  /** What the senders of mails wrote down. */
  handOvers: ReadonlyMap<string, HandOvers>;
  queues: QueueDepths;
  /** By dead-letter queue. */
  letters: Readonly<Record<string, readonly Letter[]>>;
};

export type Expected = {
  /** Every order that was answered 202: each must be there exactly once, and nothing else. */
  accepted: readonly Accepted[];
  /** What the bodies of messages hold that nobody can handle, by dead-letter queue: each must lie there with its reason. */
  poison?: Readonly<Record<string, readonly string[]>>;
};

export type Verdict = {
  problems: string[];
  orders: number;
  mails: number;
  /** Mails that went out once more than once, the hand-overs that were cut off between SES and the note, and those the table took no note of. */
  duplicateMails: number;
  interruptedMails: number;
  unnotedMails: number;
  documents: number;
};

/** @returns what is not as it must be, in words that name the order, document, mail or queue */
export function judge(found: Findings, { accepted, poison = {} }: Expected, now: Date): Verdict {
  const { items, objects, mails, handOvers } = found;
  const orders = ordersIn(items);
  const sum = (count: "interrupted" | "givenUp") => [...handOvers.values()].reduce((total, of) => total + of[count], 0);
  return {
    problems: [
      ...acceptanceProblems(orders, accepted),
      ...numberProblems(items, orders),
      ...paymentProblems(items, orders),
      ...orders.flatMap((order) => orderProblems(order, found, accepted, now)),
      ...storageProblems(objects, orders),
      ...mailProblems(mails, handOvers),
      ...addressProblems(mails, orders, accepted),
      ...queueProblems(found, poison),
    ],
    orders: orders.length,
    mails: mails.length,
    duplicateMails: mails.length - new Set(mails).size,
    interruptedMails: sum("interrupted"),
    unnotedMails: sum("givenUp"),
    documents: objects.size,
  };
}

const ordersIn = (items: readonly Item[]) => items.filter(({ entityType }) => entityType === "Order") as unknown as StoredOrder[];

function acceptanceProblems(orders: readonly StoredOrder[], accepted: readonly Accepted[]): string[] {
  const recorded = orders.map(({ id }) => id);
  const known = accepted.map(({ orderId }) => orderId);
  return [
    ...known.filter((id) => !recorded.includes(id)).map((id) => `${id} was accepted and is not recorded`),
    ...recorded.filter((id) => !known.includes(id)).map((id) => `${id} is recorded and was not accepted`),
    ...repeated(recorded).map((id) => `${id} is recorded more than once`),
    ...repeated(known).map((id) => `${id} was given to two customers`),
  ];
}

const repeated = (list: readonly string[]) => [...new Set(list.filter((one, i) => list.indexOf(one) !== i))];

function paymentProblems(items: readonly Item[], orders: readonly StoredOrder[]): string[] {
  const references = items.filter(({ PK }) => PK.startsWith("PAYMENT#")).length;
  const payments = orders.filter(({ paymentDetails }) => paymentDetails).length;
  return references === payments ? [] : [`${references} payment references are taken, ${payments} orders are paid`];
}

/** What an order's own state and its customer's journey say it must have. */
function orderProblems(order: StoredOrder, { items, objects }: Findings, accepted: readonly Accepted[], now: Date): string[] {
  const mails = items.filter(({ SK, orderId }) => SK.startsWith("MAIL#") && orderId === order.id) as unknown as KnownMail[];
  const timer = items.find(({ PK, SK }) => PK === `ORDER#${order.id}` && SK === "EXPIRY") as { expiresAt: number } | undefined;
  const problems = gapsOf(order, { mails, timer }, now).map((gap) => `${order.id} lacks: ${gapText(gap)}`);
  for (const [type, document] of Object.entries(order.documents)) {
    const stored = document?.key && objects.get(document.key);
    if (stored && stored !== document.sha256) problems.push(`${type} of ${order.id}: stored bytes differ from the noted hash`);
  }
  const journey = accepted.find(({ orderId }) => orderId === order.id)?.journey;
  if (!journey) return problems;
  const due = outcomes[journey];
  if (order.status !== due.status) problems.push(`${order.id} is ${order.status} after ${journey}`);
  if (order.active === Boolean(due.removed)) problems.push(`${order.id} (${journey}) is ${order.active ? "not " : ""}removed`);
  const kinds = mails.map(({ kind, state }) => `${kind} ${state}`).sort();
  const dueKinds = due.mails.map(({ kind, isRefused }) => `${kind} ${isRefused ? "REFUSED" : "SENT"}`).sort();
  if (!same(kinds, dueKinds)) problems.push(`${order.id} (${journey}) has the mails ${kinds.join(", ")}`);
  const documents = Object.keys(order.documents).sort();
  if (!same(documents, due.documents)) problems.push(`${order.id} (${journey}) has the documents ${documents.join(" ")}`);
  return problems;
}

const same = (a: readonly unknown[], b: readonly unknown[]) => JSON.stringify(a) === JSON.stringify(b);

function storageProblems(objects: ReadonlyMap<string, string>, orders: readonly StoredOrder[]): string[] {
  const noted = orders.flatMap(({ documents }) => Object.values(documents).flatMap((document) => document?.key ?? []));
  return [
    ...noted.filter((key) => !objects.has(key)).map((key) => `${key} is noted and not stored`),
    ...[...objects.keys()].filter((key) => !noted.includes(key)).map((key) => `${key} is stored and not noted`),
    ...repeated(noted).map((key) => `${key} is noted twice`),
  ];
}

/** Each mail that is due went to whom it is for, and nothing else did. */
function addressProblems(mails: readonly string[], orders: readonly StoredOrder[], accepted: readonly Accepted[]): string[] {
  const due = new Set<string>();
  for (const order of orders) {
    const customer = accepted.find(({ orderId }) => orderId === order.id);
    if (!customer) continue;
    for (const mail of outcomes[customer.journey].mails) if (!mail.isRefused) due.add(textOf(mail, order, customer));
  }
  const sent = new Set(mails);
  return [
    ...[...due].filter((mail) => !sent.has(mail)).map((mail) => `"${mail}" was not sent`),
    ...[...sent].filter((mail) => !due.has(mail)).map((mail) => `"${mail}" was sent and is not due`),
  ];
}

function textOf({ to, subject }: DueMail, order: StoredOrder, { email, copyTo }: Accepted): string {
  const addresses = { customer: email, copy: copyTo, staff: localStage.mail.internalRecipients.join() };
  const text = subject.replace("{order}", order.orderNumber).replace("{invoice}", order.documents.taxInvoice?.number ?? "none");
  return `${addresses[to]} ${text}`;
}

function queueProblems({ queues, letters }: Findings, poison: NonNullable<Expected["poison"]>): string[] {
  const held = Object.entries(queues).filter(([, { depth, inFlight }]) => depth + inFlight > 0);
  return [
    ...held.map(([queue, { depth, inFlight }]) => `${queue} still holds ${depth + inFlight}`),
    ...[...new Set([...Object.keys(poison), ...Object.keys(letters)])].flatMap((dlq) =>
      letterProblems(dlq, letters[dlq] ?? [], poison[dlq] ?? []),
    ),
  ];
}

function letterProblems(dlq: string, letters: readonly Letter[], poison: readonly string[]): string[] {
  const missing = poison.filter((expected) => !letters.some(({ body }) => body.includes(expected)));
  const foreign = letters.filter(({ body, attributes }) => !attributes.errorReason || !poison.some((expected) => body.includes(expected)));
  return [
    ...missing.map((body) => `${dlq} lacks the letter ${body}`),
    ...foreign.map(
      ({ body, attributes }) => `${dlq} holds a letter (${attributes.errorReason ?? "without a reason"}): ${body.slice(0, 200)}`,
    ),
  ];
}

/** Every series runs from 1 to its counter without a repeat or a gap that nobody declared, and each number is on exactly one order. */
export function numberProblems(all: readonly Item[], orders: readonly StoredOrder[]): string[] {
  const used = {
    order: orders.map(({ orderNumber }) => orderNumber),
    invoice: orders.flatMap(({ documents }) => documents.taxInvoice?.number ?? []),
    creditNote: orders.flatMap(({ documents }) => documents.creditNote?.number ?? []),
  };
  const problems: string[] = [];
  for (const [kind, numbers] of Object.entries(used)) {
    const values = numbers.map((number) => Number(number.slice(number.lastIndexOf("-") + 1))).sort((a, b) => a - b);
    const gaps = all.filter(({ PK }) => PK === `GAP#${kind}`) as unknown as { first: number; last: number }[];
    const declared = gaps.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
    const covered = [...values, ...declared.filter((value) => !values.includes(value))].sort((a, b) => a - b);
    if (covered.some((value, i) => value !== i + 1)) problems.push(`${kind} numbers are not 1..${covered.length} without gap or repeat`);
    const counter = all.find(({ PK }) => PK === `COUNTER#${kind}`);
    if ((counter?.value ?? 0) !== covered.length)
      problems.push(`the ${kind} counter says ${counter?.value}, ${covered.length} are used or declared`);
  }
  const taken = all.filter(({ SK, PK }) => SK === "UNIQUE" && PK.startsWith("NUMBER#")).length;
  const expected = Object.values(used).flat().length;
  if (taken !== expected) problems.push(`${taken} numbers are taken, ${expected} are used`);
  return problems;
}
