/** Compares the AWS calls of functions with what their policies allow. */
import type { RecordedCall } from "@bbws/local/lambda/protocol.ts";
import { physicalBuckets, physicalQueues, tableName } from "@bbws/local/local-stage.ts";
import type { Grant, Target } from "../../../infra/permissions.ts";
import type { FunctionName } from "../../../infra/settings.ts";

/** Rights that no run of the functions shows, each of one function, and why it is there. */
const polling = "Lambda polls the queue with the function's role";
const reading = "Lambda reads the stream with the function's role";
const poll = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const read = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
const exceptions: { function: FunctionName; on: Target; actions: readonly string[]; why: string }[] = [
  { function: "OrderCreatorRecord", on: "OrderCreationQueue", actions: poll, why: polling },
  { function: "OrderPDFCreator", on: "InvoiceQueue", actions: poll, why: polling },
  { function: "OrderInternalNotificationSender", on: "InternalNotificationQueue", actions: poll, why: polling },
  { function: "CustomerOrderConfirmationSender", on: "CustomerNotificationQueue", actions: poll, why: polling },
  { function: "OrderChangeRouter", on: "OrdersTable/stream", actions: read, why: reading },
  { function: "OrderExpirer", on: "OrdersTable/stream", actions: read, why: reading },
  { function: "OrderPDFCreator", on: "DocumentsBucket", actions: ["s3:ListBucket"], why: "no call: makes a missing key a 404, not a 403" },
  { function: "OrderInternalNotificationSender", on: "mail", actions: ["ses:SendRawEmail"], why: "SES checks it beside SendEmail" },
  {
    function: "CustomerOrderConfirmationSender",
    on: "mail",
    actions: ["ses:SendRawEmail"],
    why: "SES checks it for a mail with a document",
  },
];
const excepted = new Set(exceptions.flatMap((one) => one.actions.map((action) => `${one.function}: ${one.on} ${action}`)));

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

/**
 * @returns rights that calls needed and the policy lacks, and rights that no call needed (the exceptions aside; one that a
 * call did need, or that nobody grants, is itself a difference)
 */
export function differences(calls: readonly RecordedCall[], permissions: Record<string, readonly Grant[]>) {
  const needed = new Set(calls.flatMap((call) => rightsOf(call).map((right) => `${call.function}: ${right}`)));
  const granted = new Set(
    Object.entries(permissions).flatMap(([name, grants]) =>
      grants.flatMap(({ on, actions }) => actions.map((action) => `${name}: ${on} ${action}`)),
    ),
  );
  return {
    lacking: [...needed].filter((right) => !granted.has(right)).sort(),
    unused: [
      ...[...granted].filter((right) => !needed.has(right) && !excepted.has(right)),
      ...[...excepted].filter((right) => needed.has(right) || !granted.has(right)).map((right) => `exception ${right}`),
    ].sort(),
  };
}
