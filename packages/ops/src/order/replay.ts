import { impliedEvents } from "@bbws/core/order/completeness.ts";
import { isErased } from "@bbws/core/order/erasure.ts";
import { queuesOf } from "@bbws/core/order/events.ts";
import { emitterOf } from "../dead-letter/given-up.ts";
import { exitCode, OpsError } from "../exit-code.ts";
import { columns, paragraphs, plural, type Result } from "../output.ts";
import type { Target } from "../target/target.ts";
import { storeOf } from "./store.ts";

/**
 * Emits the events of an order again; consumers do only what has not been done. A mail whose dead letter says that SES has it
 * is only noted.
 */
export async function replay(target: Target, idOrNumber: string, { dryRun = false }: { dryRun?: boolean }): Promise<Result> {
  const store = storeOf(target);
  const order = await store.get(idOrNumber);
  if (isErased(order)) throw new OpsError("the customer of this order was erased: nothing of it is done again");
  const { mails } = await store.around(order);
  const emissions = impliedEvents(order, mails).flatMap((event) => queuesOf(event).map((queue) => ({ queue, event })));
  if (!dryRun) await (await emitterOf(target, store))(emissions);
  return {
    data: {
      orderId: order.id,
      dryRun,
      emitted: emissions.map(({ queue, event }) => ({ queue, eventId: event.eventId, type: event.type })),
    },
    text: paragraphs(
      columns(
        ["Event", "To"],
        emissions.map(({ queue, event }) => [event.eventId, queue]),
      ),
      `${plural(emissions.length, "message")} ${dryRun ? "would be" : "were"} emitted for ${order.orderNumber}.`,
    ),
    exitCode: exitCode.ok,
  };
}
