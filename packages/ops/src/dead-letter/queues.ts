import {
  changesDeadLetterQueue,
  deadLetterQueueName,
  deadLetterQueueOf,
  type FunctionName,
  type QueueName,
  queueDefaults,
  queueName,
  queues,
} from "../../../../infra/settings.ts";
import { usageError } from "../exit-code.ts";

/** A dead-letter queue: its component name, the queue its letters came from (none for the stream's), who consumes that. */
export type DeadLetterQueue = { component: string; source: QueueName | undefined; consumer: FunctionName };

export const deadLetterQueues: DeadLetterQueue[] = [
  ...(Object.keys(queues) as QueueName[]).map((source) => ({
    component: deadLetterQueueOf(source),
    source,
    consumer: queues[source].consumer,
  })),
  { component: changesDeadLetterQueue.component, source: undefined, consumer: "OrderChangeRouter" },
];

export const RETENTION_DAYS = queueDefaults.deadLetterRetentionDays;

/**
 * The queue an operator means: `InvoiceDLQ`, `InvoiceQueue`, `invoice` or the physical name of an alarm, in any case.
 * @throws OpsError (usage) naming the queues there are.
 */
export function deadLetterQueue(given: string, stage: string): DeadLetterQueue {
  const wanted = given.toLowerCase();
  const found = deadLetterQueues.find((queue) => namesOf(queue, stage).some((name) => name.toLowerCase() === wanted));
  if (found) return found;
  throw usageError(`there is no queue ${given}; there are ${deadLetterQueues.map(({ component }) => component).join(", ")}`);
}

function namesOf({ component, source }: DeadLetterQueue, stage: string): string[] {
  const names = [component, component.replace(/DLQ$/, "")];
  if (!source) return [...names, `${changesDeadLetterQueue.physical}-${stage}`];
  return [...names, source, queueName(source, stage), deadLetterQueueName(source, stage)];
}
