/** What must be true of the whole system once it is quiet, told as a list of what is not. */
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { sha256 } from "@bbws/core/id.ts";
import { gapsOf, gapText, type KnownMail } from "@bbws/core/order/completeness.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import type { StackFacts } from "@bbws/local/state/stack-file.ts";
import { redrive } from "@bbws/ops/dead-letter/redrive.ts";
import { openTarget } from "@bbws/ops/target/open.ts";
import { clientsOf, mailsOf, queuesOf } from "../stack.ts";
import type { Accepted, Journey } from "./journey.ts";
import { mailProblems, readMailJournal } from "./mail-journal.ts";

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

export type Expected = {
  /** Every order that was answered 202: each must be there exactly once, and nothing else. */
  accepted: readonly Accepted[];
  /** Bodies of the messages that nobody can handle, by dead-letter queue: each must lie there with its reason. */
  poison?: Record<string, readonly string[]>;
};

export type Item = Record<string, unknown> & { PK: string; SK: string };

const finalStatus: Record<Journey, string> = {
  plain: "PENDING",
  cancel: "CANCELLED",
  refund: "REFUNDED",
  complete: "COMPLETED",
  expire: "EXPIRED",
  suspended: "CANCELLED",
  refused: "PENDING",
};
const documentsOf: Record<Journey, string[]> = {
  plain: ["order"],
  cancel: ["order"],
  refund: ["creditNote", "order", "taxInvoice"],
  complete: ["order", "taxInvoice"],
  expire: ["order"],
  suspended: [],
  refused: ["order"],
};
/** Mails per order, as the ledger has them: new order to customer and staff, and what the journey adds. */
const mailsOfJourney: Record<Journey, string[]> = {
  plain: ["internal_new", "order_confirmation"],
  cancel: ["internal_cancelled", "internal_new", "order_cancelled", "order_confirmation"],
  refund: ["internal_new", "internal_paid", "internal_refunded", "order_confirmation", "order_status_update", "payment_received"],
  complete: [
    "internal_new",
    "internal_paid",
    "order_confirmation",
    "order_confirmation",
    "order_status_update",
    "order_status_update",
    "payment_received",
  ],
  expire: ["internal_new", "order_confirmation", "order_status_update"],
  suspended: ["internal_cancelled"],
  refused: ["internal_new", "order_confirmation (REFUSED)"],
};

const same = (a: readonly unknown[], b: readonly unknown[]) => JSON.stringify(a) === JSON.stringify(b);

type DeadLetter = { body: string; attributes: Record<string, string> };

/**
 * Looks at table, bucket, inbox and queues of a stack.
 * @param journal file in which the senders of mails write down what they do
 */
export function inspector(stack: StackFacts, journal: string) {
  const { dynamodb, s3 } = clientsOf(stack);
  const Bucket = stack.buckets.DocumentsBucket!;

  async function items(): Promise<Item[]> {
    const found: Item[] = [];
    let start: Record<string, never> | undefined;
    do {
      const page = await dynamodb.send(new ScanCommand({ TableName: stack.table, ConsistentRead: true, ExclusiveStartKey: start }));
      found.push(...(page.Items ?? []).map((item) => unmarshall(item) as Item));
      start = page.LastEvaluatedKey as Record<string, never> | undefined;
    } while (start);
    return found;
  }

  async function objectKeys(): Promise<string[]> {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return found;
  }

  async function documentProblems(order: StoredOrder): Promise<string[]> {
    const problems: string[] = [];
    for (const [type, document] of Object.entries(order.documents)) {
      if (!document?.key) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: document.key }));
      const hash = sha256(await Body!.transformToByteArray());
      if (hash !== document.sha256) problems.push(`${type} of ${order.id}: stored bytes differ from the noted hash`);
    }
    return problems;
  }

  const lettersOf = async (dlq: string) => (await (await fetch(`${stack.url}/_local/dead-letters?queue=${dlq}`)).json()) as DeadLetter[];

  async function letterProblems(dlq: string, poison: readonly string[]): Promise<string[]> {
    const letters = await lettersOf(dlq);
    const missing = poison.filter((expected) => !letters.some(({ body }) => body.includes(expected)));
    const foreign = letters.filter(
      ({ body, attributes }) => !attributes.errorReason || !poison.some((expected) => body.includes(expected)),
    );
    return [
      ...missing.map((body) => `${dlq} lacks the letter ${body}`),
      ...foreign.map(
        ({ body, attributes }) => `${dlq} holds a letter (${attributes.errorReason ?? "without a reason"}): ${body.slice(0, 200)}`,
      ),
    ];
  }

  async function inspect({ accepted, poison = {} }: Expected): Promise<Verdict> {
    const problems: string[] = [];
    const all = await items();
    const orders = all.filter((item) => item.entityType === "Order") as unknown as StoredOrder[];
    const mailItems = all.filter(({ SK }) => SK.startsWith("MAIL#")) as unknown as (KnownMail & { orderId: string })[];

    const ids = orders.map(({ id }) => id).sort();
    if (!same(ids, accepted.map(({ orderId }) => orderId).sort())) {
      problems.push(`${accepted.length} orders were accepted, ${ids.length} are recorded, or others`);
    }
    problems.push(...numberProblems(all, orders));
    const references = all.filter(({ PK }) => PK.startsWith("PAYMENT#")).length;
    const payments = orders.filter(({ paymentDetails }) => paymentDetails).length;
    if (references !== payments) problems.push(`${references} payment references are taken, ${payments} orders are paid`);

    const keys = await objectKeys();
    const noted = orders.flatMap(({ documents }) => Object.values(documents).flatMap((document) => document?.key ?? []));
    if (!same([...keys].sort(), noted.sort())) problems.push(`${keys.length} objects are stored, ${noted.length} are noted, or others`);

    for (const order of orders) {
      const mails = mailItems.filter(({ orderId }) => orderId === order.id);
      const timer = all.find(({ PK, SK }) => PK === `ORDER#${order.id}` && SK === "EXPIRY") as { expiresAt: number } | undefined;
      for (const gap of gapsOf(order, { mails, timer }, new Date())) problems.push(`${order.id} lacks: ${gapText(gap)}`);
      const journey = accepted.find(({ orderId }) => orderId === order.id)?.journey;
      if (!journey) continue;
      if (order.status !== finalStatus[journey]) problems.push(`${order.id} is ${order.status} after ${journey}`);
      const kinds = mails.map(({ kind, state }) => (state === "SENT" ? kind : `${kind} (${state})`)).sort();
      if (!same(kinds, mailsOfJourney[journey])) problems.push(`${order.id} (${journey}) has the mails ${kinds.join(" ")}`);
      const documents = Object.keys(order.documents).sort();
      if (!same(documents, documentsOf[journey])) problems.push(`${order.id} (${journey}) has the documents ${documents.join(" ")}`);
    }
    problems.push(...(await Promise.all(orders.map(documentProblems))).flat());

    const mails = (await mailsOf(stack)).map(({ to, subject }) => `${to.join()} ${subject}`);
    const history = readMailJournal(journal);
    problems.push(...mailProblems(mails, history));
    const distinct = new Set(mails).size;
    const sent = mailItems.filter(({ state }) => state === "SENT").length;
    if (distinct !== sent) problems.push(`${distinct} different mails were sent, the ledger has ${sent}`);

    for (const [queue, { depth, inFlight, dlqDepth }] of Object.entries(await queuesOf(stack))) {
      if (depth + inFlight > 0) problems.push(`${queue} still holds ${depth + inFlight}`);
      const dlq = queue.replace(/Queue$/, "DLQ");
      if (dlqDepth + (poison[dlq]?.length ?? 0) > 0) problems.push(...(await letterProblems(dlq, poison[dlq] ?? [])));
    }
    const sum = (count: "interrupted" | "givenUp") => [...history.values()].reduce((total, handOvers) => total + handOvers[count], 0);
    return {
      problems,
      orders: orders.length,
      mails: mails.length,
      duplicateMails: mails.length - distinct,
      interruptedMails: sum("interrupted"),
      unnotedMails: sum("givenUp"),
      documents: keys.length,
    };
  }

  /** What an operator does about mails that could not be noted. @returns how many letters there were */
  async function redriveUnnoted(): Promise<number> {
    const target = await openTarget({ stage: "local", state: stack.folder });
    try {
      let letters = 0;
      for (const dlq of ["InternalNotificationDLQ", "CustomerNotificationDLQ"]) {
        for (const { body, attributes } of await lettersOf(dlq)) {
          if (!attributes.sesMessageId) continue;
          const { orderId } = JSON.parse(body) as { orderId: string };
          letters += 1;
          await redrive(target, dlq, { order: orderId });
        }
      }
      return letters;
    } finally {
      target.close();
    }
  }

  /** Asks until all is well twice in a row, or the time is over: the last verdict tells what was not. */
  async function quiet(expected: Expected, timeoutMs: number): Promise<Verdict> {
    const deadline = performance.now() + timeoutMs;
    let calm = 0;
    for (;;) {
      const queues = Object.values(await queuesOf(stack));
      const idle = queues.every(({ depth, inFlight }) => depth + inFlight === 0) && (await redriveUnnoted()) === 0;
      if (idle || performance.now() > deadline) {
        const verdict = await inspect(expected);
        calm = verdict.problems.length === 0 ? calm + 1 : 0;
        if (calm === 2 || performance.now() > deadline) return verdict;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  return {
    inspect,
    quiet,
    close() {
      dynamodb.destroy();
      s3.destroy();
    },
  };
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
