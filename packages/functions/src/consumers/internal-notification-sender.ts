import { internalMailOf, type Mail } from "@bbws/core/mail/mails.ts";
import { OrderEvent } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { environment } from "../runtime/config.ts";
import type { OutgoingMail } from "../runtime/mailer.ts";
import { batch } from "./batch.ts";
import { mailHandler, merged } from "./mail.ts";

const { INTERNAL_RECIPIENTS } = environment("INTERNAL_RECIPIENTS");

async function compose(order: Order, mail: Mail): Promise<OutgoingMail> {
  return { to: mail.request?.to ? [mail.request.to] : INTERNAL_RECIPIENTS, ...(await merged(order, mail)) };
}

export const handler = batch({
  queue: "InternalNotificationQueue",
  deadLetterQueue: "InternalNotificationDLQ",
  schema: OrderEvent,
  handle: mailHandler({ mailOf: internalMailOf, compose }),
});
