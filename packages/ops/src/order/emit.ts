import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import type { OrderEvent, OrderEventQueue } from "@bbws/core/order/events.ts";
import { OpsError } from "../exit-code.ts";
import type { Target } from "../target/target.ts";

/** An event on its way to one queue. */
export type Emission = { queue: OrderEventQueue; event: OrderEvent };

/** Entries SQS takes in one call. */
const BATCH = 10;

/** Sends events to their queues. @throws OpsError when SQS did not take one: sending all again does no harm. */
export async function emit(target: Target, emissions: readonly Emission[]): Promise<void> {
  for (const [queue, letters = []] of Object.entries(Object.groupBy(emissions, (emission) => emission.queue))) {
    for (let i = 0; i < letters.length; i += BATCH) {
      const { Failed = [] } = await target.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: target.queueUrl(queue),
          Entries: letters.slice(i, i + BATCH).map(({ event }, n) => ({ Id: String(n), MessageBody: JSON.stringify(event) })),
        }),
      );
      if (Failed.length > 0) throw new OpsError(`${queue} did not take ${Failed.length} messages (${Failed[0]?.Code}): run it again`);
    }
  }
}
