import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Target } from "../target/target.ts";

export type Depth = { waiting: number; inFlight: number };

/** What lies in a queue: what waits to be received (or will later), and what a consumer holds. On AWS both are approximate. */
export async function depth(target: Target, component: string): Promise<Depth> {
  const { Attributes = {} } = await target.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: target.queueUrl(component),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"],
    }),
  );
  const count = (name: keyof typeof Attributes) => Number(Attributes[name] ?? 0);
  return {
    waiting: count("ApproximateNumberOfMessages") + count("ApproximateNumberOfMessagesDelayed"),
    inFlight: count("ApproximateNumberOfMessagesNotVisible"),
  };
}
