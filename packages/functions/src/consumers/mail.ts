import { systemClock } from "@bbws/core/clock.ts";
import { Supplier } from "@bbws/core/document/supplier.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { type MailOccasion, mailLedger, SENT_AS } from "@bbws/core/mail/ledger.ts";
import { type Mail, occasionOf } from "@bbws/core/mail/mails.ts";
import { orderMailData } from "@bbws/core/mail/templates/mail-data.ts";
import { merge } from "@bbws/core/mail/templates/merge.ts";
import { ERASED } from "@bbws/core/order/erasure.ts";
import type { OrderEvent } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { orders as ordersOf } from "@bbws/core/order/orders.ts";
import { backoffMs, sleep } from "@bbws/core/retry.ts";
import * as v from "valibot";
import { environment, tableName } from "../runtime/config.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { errorFacts, logger } from "../runtime/logger.ts";
import { MailRefused, maySendTo, type OutgoingMail, sendMail } from "../runtime/mailer.ts";
import { count } from "../runtime/metrics.ts";
import { templates } from "../runtime/templates.ts";
import { done, failed, type Outcome, type Received } from "./batch.ts";

/** What both mail functions do: one mail per occasion, by the ledger. */

const table = { client: dynamodb, table: tableName() };
const orders = ordersOf(table, systemClock);
const ledger = mailLedger(table, systemClock);
const settings = environment("MAIL_LEASE_SECONDS", "TIME_SCALE", "SUPPLIER", "API_URL", "PORTAL_URL", "ADMIN_URL");
const leaseMs = (settings.MAIL_LEASE_SECONDS * 1000) / settings.TIME_SCALE;

/** Facts of the stage that mails speak of. */
export const mailFacts = {
  supplier: v.parse(Supplier, settings.SUPPLIER),
  apiUrl: settings.API_URL,
  portalUrl: settings.PORTAL_URL,
  adminUrl: settings.ADMIN_URL,
};

/** Subject, HTML and text of a mail, from the stage's current template. */
export async function merged(
  order: Order,
  mail: Mail,
  links: { invoiceUrl?: string } = {},
): Promise<Pick<OutgoingMail, "subject" | "html" | "text">> {
  const { template } = await templates.get(mail.template);
  return merge(template, orderMailData(order, mail, { ...mailFacts, ...links }));
}

type Sender = {
  /** The mail of an event, if it has one for this audience. */
  mailOf: (event: OrderEvent) => Mail | undefined;
  compose: (order: Order, mail: Mail) => Promise<OutgoingMail>;
  afterSend?: (order: Order, mail: Mail) => void;
};

export const mailHandler =
  (sender: Sender) =>
  (messages: Received<OrderEvent>[], deadline: number): Promise<Outcome[]> =>
    Promise.all(messages.map((received) => deliver(received, sender, deadline).catch(failed)));

async function deliver(
  { message: event, attributes }: Received<OrderEvent>,
  { mailOf, compose, afterSend }: Sender,
  deadline: number,
): Promise<Outcome> {
  const mail = mailOf(event);
  if (!mail) return done("no mail");
  const order = await orders.get(event.tenantId, event.orderId);
  if (!order) throw new OrderError("ORDER_NOT_FOUND", "The order is not in the table yet");

  const occasion = occasionOf(event, mail);
  const sentAs = attributes[SENT_AS];
  if (sentAs) {
    await ledger.markSent(occasion, sentAs);
    return done("noted");
  }
  const claim = await ledger.claim(occasion, leaseMs);
  if (claim.state === "done") return done("already sent");
  if (claim.state === "busy") {
    const afterSeconds = Math.max(1, (claim.leaseUntil - systemClock().getTime()) / 1000) * settings.TIME_SCALE;
    return { kind: "retry", error: new OrderError("TRY_AGAIN", "Another sender holds this mail"), afterSeconds };
  }
  let sesMessageId: string;
  try {
    const outgoing = await compose(order, mail);
    if (outgoing.to.includes(ERASED)) {
      await ledger.markRefused(occasion, "CUSTOMER_ERASED");
      return done("the customer was erased");
    }
    if (!maySendTo(outgoing.to)) {
      await ledger.markRefused(occasion, "NOT_ON_ALLOW_LIST");
      return done("not on the stage's allow-list");
    }
    sesMessageId = await sendMail(outgoing);
  } catch (error) {
    if (error instanceof MailRefused) return refused(occasion, error.refusal, event);
    await ledger
      .release(occasion, claim.leaseUntil)
      .catch((cause: unknown) => logger.warn("lease not released", { ...factsOf(occasion, event), ...errorFacts(cause) }));
    throw error;
  }
  const outcome = await noteSent(occasion, sesMessageId, Math.min(deadline, claim.leaseUntil) - RESERVE_MS).then(
    () => done(mail.kind),
    (error: unknown) => unnoted(sesMessageId, error),
  );
  count("MailsSent");
  afterSend?.(order, mail);
  return outcome;
}

/** What a log line says of a mail. */
const factsOf = ({ orderId, kind }: MailOccasion, { correlationId }: OrderEvent) => ({ orderId, kind, correlationId });

/** What the function needs after the last note, in ms: the outcomes of the batch must be told before it times out. */
const RESERVE_MS = 2_000;

/**
 * The mail is out: nothing that goes wrong now may send it again. Its note is tried for as long as the function lives and
 * the claim holds.
 * @param until epoch ms
 * @throws the table's last error
 */
async function noteSent(occasion: MailOccasion, sesMessageId: string, until: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await before(until, ledger.markSent(occasion, sesMessageId));
    } catch (error) {
      const pause = backoffMs(attempt, { baseMs: 200, capMs: 2_000 });
      if (systemClock().getTime() + pause >= until) throw error;
      await sleep(pause);
    }
  }
}

/** Trying again would send the mail again: the letter keeps the id until the table can take it. */
const unnoted = (sesMessageId: string, error: unknown): Outcome => ({
  kind: "deadLetter",
  reason: `SES took the mail as ${sesMessageId}, and the table took no note of it`,
  error,
  attributes: { [SENT_AS]: sesMessageId },
});

/** Waits for work until a moment (epoch ms) and no longer. @throws when it is not finished then */
async function before(until: number, work: Promise<void>): Promise<void> {
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("not finished in time")), until - systemClock().getTime());
  try {
    await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** A mail SES will never take is over: recorded and alarmed, never sent to anybody else instead. */
async function refused(occasion: MailOccasion, refusal: string, event: OrderEvent): Promise<Outcome> {
  await ledger.markRefused(occasion, refusal);
  count("MailsRefused");
  logger.error("mail refused", { ...factsOf(occasion, event), refusal });
  return done("refused");
}
