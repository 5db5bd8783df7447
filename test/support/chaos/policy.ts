/** Compares the AWS calls of functions with what their policies allow. */
import type { RecordedCall } from "@bbws/local/lambda/protocol.ts";
import { physicalBuckets, physicalQueues, tableName } from "@bbws/local/local-stage.ts";
import type { Grant } from "../../../infra/permissions.ts";

/** Rights that no run of the functions shows, and why they are there. */
const exceptions: { right: RegExp; why: string }[] = [
  { right: /sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)/, why: "Lambda's event source mapping uses the function's role" },
  { right: /dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)/, why: "Lambda's event source mapping too" },
  { right: /ses:SendRawEmail/, why: "SES asks for it when a mail has an attachment" },
  { right: /s3:ListBucket/, why: "turns the 403 of a missing key into 404; it is no call" },
  { right: /dynamodb:ConditionCheckItem/, why: "a transaction with conditions may be checked for it" },
  { right: /^CreateOrder: OrdersTable dynamodb:UpdateItem/, why: "the guest limit, which this machine's stage does not have" },
  { right: /^GetOrder: DocumentsBucket\/\* s3:GetObject/, why: "the right a presigned link lends; signing it is no call" },
  {
    right: /^OrderPDFCreator: DocumentsBucket\/\* s3:GetObject/,
    why: "HeadObject after a refused If-None-Match, which fauxqs does not know",
  },
  { right: /sqs:ChangeMessageVisibility/, why: "only where a message failed and is retried, which a short run may not have" },
  { right: /DLQ sqs:SendMessage/, why: "letters are written by test/integration; chaos has no poison" },
];

const byPhysical = (names: Record<string, string>) =>
  Object.fromEntries(Object.entries(names).map(([component, physical]) => [physical, component]));
const queueComponents = byPhysical(physicalQueues);
const bucketComponents = byPhysical(physicalBuckets);

const actionNames: Record<string, string> = { SendMessageBatch: "SendMessage", HeadObject: "GetObject" };
const transactionParts: Record<string, string> = {
  Put: "PutItem",
  Update: "UpdateItem",
  ConditionCheck: "ConditionCheckItem",
  Delete: "DeleteItem",
};

/** The rights one call needs, as `Component service:Action`. */
function rightsOf({ service, action, resources }: RecordedCall): string[] {
  if (service === "catalogue") return [];
  if (service === "ses") return [`mail ses:${action}`];
  const name = actionNames[action] ?? action;
  if (service === "sqs") return resources.map((queue) => `${queueComponents[queue] ?? queue} sqs:${name}`);
  if (service === "s3") return resources.filter((part) => part in bucketComponents).map((part) => `${bucketComponents[part]}/* s3:${name}`);
  if (action === "TransactWriteItems") {
    return resources.flatMap((part) => (transactionParts[part] ? [`OrdersTable dynamodb:${transactionParts[part]}`] : []));
  }
  const index = resources.find((part) => part !== tableName && part.endsWith("Index"));
  return [`OrdersTable${index ? `/${index}` : ""} dynamodb:${name}`];
}

/** @returns rights that calls needed and the policy lacks, and rights that no call needed (the commented exceptions aside) */
export function differences(calls: readonly RecordedCall[], permissions: Record<string, readonly Grant[]>) {
  const needed = new Set(calls.flatMap((call) => rightsOf(call).map((right) => `${call.function}: ${right}`)));
  const granted = new Set(
    Object.entries(permissions).flatMap(([name, grants]) =>
      grants.flatMap(({ on, actions }) => actions.map((action) => `${name}: ${on} ${action}`)),
    ),
  );
  return {
    lacking: [...needed].filter((right) => !granted.has(right)).sort(),
    unused: [...granted].filter((right) => !needed.has(right) && !exceptions.some((exception) => exception.right.test(right))).sort(),
  };
}
