/** Compares the AWS calls of functions with what their policies in prod's committed plan allow. */
import type { RecordedCall } from "@bbws/local/lambda/protocol.ts";
import { physicalBuckets, physicalQueues, tableName } from "@bbws/local/local-stage.ts";
import {
  type FunctionName,
  functionName,
  functions,
  physicalBuckets as physicalBucketsOf,
  physicalQueues as physicalQueuesOf,
  table,
} from "../../infra/settings.ts";
import { statementsIn } from "../infra/policies.ts";
import { committedSnapshot } from "../infra/snapshot.ts";

const STAGE = "prod";
const functionNames = Object.keys(functions) as FunctionName[];

/** Rights that no run of the functions shows, each of one function, and why it is there. */
const polling = "Lambda polls the queue with the function's role";
const reading = "Lambda reads the stream with the function's role";
const poll = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const read = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
const exceptions: { function: FunctionName; on: string; actions: readonly string[]; why: string }[] = [
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
  ...functionNames.flatMap((name) => [
    {
      function: name,
      on: "own log",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      why: "Lambda writes the log with the function's role",
    },
    {
      function: name,
      on: "traces",
      actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
      why: "Lambda traces with the function's role",
    },
  ]),
];
const excepted = new Set(exceptions.flatMap((one) => one.actions.map((action) => rightOf(one.function, one.on, action))));

function rightOf(name: string, on: string, action: string): string {
  return `${name}: ${on} ${action}`;
}

const byPhysical = (names: Record<string, string>) =>
  Object.fromEntries(Object.entries(names).map(([component, physical]) => [physical, component]));
const local = { queues: byPhysical(physicalQueues), buckets: byPhysical(physicalBuckets) };
const planned = {
  queues: byPhysical(physicalQueuesOf(STAGE)),
  buckets: byPhysical(physicalBucketsOf(STAGE)),
};

/** What a policy's resource is here: a component, or a part of one. */
function componentOf(arn: string, name: FunctionName): string {
  if (arn === "*") return "traces";
  const [service, resource] = [arn.split(":")[2], arn.split(":").slice(5).join(":")];
  if (service === "ses") return "mail";
  if (service === "logs") return resource === `log-group:/aws/lambda/${functionName(name, STAGE)}:*` ? "own log" : arn;
  if (service === "sqs") return planned.queues[resource] ?? arn;
  const [first, ...rest] = resource.split("/");
  if (service === "s3") return [planned.buckets[first!] ?? arn, ...rest].join("/");
  const [physical, kind, index] = rest;
  if (physical !== table.physical(STAGE)) return arn;
  return [table.component, kind === "index" ? index : kind].filter(Boolean).join("/");
}

/** Every right that the functions' roles in the plan have and are not denied, as `Function: Component service:Action`. */
function grantedRights(): Set<string> {
  const plan = committedSnapshot(STAGE);
  const rights = { Allow: new Set<string>(), Deny: new Set<string>() };
  for (const name of functionNames) {
    const role = plan[`aws:iam/role:Role ${name}Role`] as { inlinePolicies: { policy: string }[] };
    for (const { effect, actions, resources } of role.inlinePolicies.flatMap(({ policy }) => statementsIn(policy))) {
      for (const arn of resources) for (const action of actions) rights[effect].add(rightOf(name, componentOf(arn, name), action));
    }
  }
  return new Set([...rights.Allow].filter((right) => !rights.Deny.has(right)));
}
const granted = grantedRights();

const actionNames: Record<string, string> = { SendMessageBatch: "SendMessage", HeadObject: "GetObject" };
const transactionParts: Record<string, string> = {
  Put: "PutItem",
  Update: "UpdateItem",
  ConditionCheck: "ConditionCheckItem",
  Delete: "DeleteItem",
};

/** The rights one call needs. */
export function rightsOf(call: RecordedCall): string[] {
  return needsOf(call).map(([on, action]) => rightOf(call.function, on, action));
}

function needsOf({ service, action, resources }: RecordedCall): [on: string, action: string][] {
  if (service === "catalogue") return [];
  if (service === "ses") return [["mail", `ses:${action}`]];
  const name = actionNames[action] ?? action;
  if (service === "sqs") return resources.map((queue) => [local.queues[queue] ?? queue, `sqs:${name}`]);
  if (service === "s3") {
    return resources.filter((part) => part in local.buckets).map((part) => [`${local.buckets[part]}/*`, `s3:${name}`]);
  }
  if (action === "TransactWriteItems") {
    return resources.flatMap((part) => (transactionParts[part] ? [[table.component, `dynamodb:${transactionParts[part]}`]] : []));
  }
  const index = resources.find((part) => part !== tableName && part.endsWith("Index"));
  return [[index ? `${table.component}/${index}` : table.component, `dynamodb:${name}`]];
}

/** The rights that calls needed and the plan's policies lack. */
export function lackingOf(needed: Iterable<string>): string[] {
  return [...new Set(needed)].filter((right) => !granted.has(right)).sort();
}

/**
 * The rights that the plan's policies hold and no call needed, the exceptions aside; an exception that a call did need, or
 * that nobody grants, is one too.
 */
export function unusedOf(needed: Iterable<string>): string[] {
  const used = new Set(needed);
  return [
    ...[...granted].filter((right) => !used.has(right) && !excepted.has(right)),
    ...[...excepted].filter((right) => used.has(right) || !granted.has(right)).map((right) => `exception ${right}`),
  ].sort();
}
