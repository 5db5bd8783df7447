import { systemClock } from "@bbws/core/clock.ts";
import { documentFacts, documentFileName } from "@bbws/core/document/document.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { customerMailOf, type Mail } from "@bbws/core/mail/mails.ts";
import { OrderEvent } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { signedLink } from "@bbws/core/signed-link.ts";
import { signingKeys } from "../runtime/config.ts";
import { readDocument } from "../runtime/documents.ts";
import type { OutgoingMail } from "../runtime/mailer.ts";
import { count } from "../runtime/metrics.ts";
import { batch } from "./batch.ts";
import { mailFacts, mailHandler, merged } from "./mail.ts";

const keys = signingKeys();

/** A customer's mail goes to the customer and nobody else. */
async function compose(order: Order, mail: Mail): Promise<OutgoingMail> {
  const invoiceUrl = mailFacts.apiUrl + signedLink(keys, "invoice", order.id, systemClock());
  return {
    to: [mail.request?.to ?? order.customerEmail],
    ...(await merged(order, mail, { invoiceUrl })),
    ...(mail.attachment && { attachment: await attachmentOf(order, mail.attachment) }),
  };
}

async function attachmentOf(order: Order, type: NonNullable<Mail["attachment"]>): Promise<OutgoingMail["attachment"]> {
  const key = order.documents[type]?.key;
  if (!key) throw new OrderError("INVOICE_NOT_READY", `The ${type} is not stored yet`);
  return { fileName: documentFileName(documentFacts(order, type, mailFacts.supplier)), content: await readDocument(key) };
}

/** The promise of the whole service: how long from the accepted order to the confirmation handed over. */
function measure(order: Order, mail: Mail): void {
  if (mail.kind !== "order_confirmation" || mail.request) return;
  count("EndToEndLatency", systemClock().getTime() - Date.parse(order.dateCreated));
}

export const handler = batch({
  queue: "CustomerNotificationQueue",
  deadLetterQueue: "CustomerNotificationDLQ",
  schema: OrderEvent,
  handle: mailHandler({ mailOf: customerMailOf, compose, afterSend: measure }),
});
