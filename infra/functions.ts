/** The ten functions: each created once, with its settings, its links and exactly its permissions. */
import { buckets } from "./buckets.ts";
import { accountId, stage, stageName } from "./context.ts";
import { deniedWhereProtected, type Grant, permissions, type Target } from "./permissions.ts";
import { deadLetterQueues, queues } from "./queues.ts";
import { secrets } from "./secrets.ts";
import {
  bundling,
  type FunctionName,
  functionEnvironment,
  functionName,
  links,
  mailConfigurationSet,
  functions as settings,
} from "./settings.ts";
import { ordersTable } from "./table.ts";

type Statement = {
  effect?: "allow" | "deny";
  actions: string[];
  resources: $util.Input<string>[];
  conditions?: { test: string; variable: string; values: string[] }[];
};

const linkable: Record<string, unknown> = { OrdersTable: ordersTable, ...buckets, ...queues, ...deadLetterQueues, ...secrets };

const mailSender: Partial<Record<FunctionName, string>> = {
  OrderInternalNotificationSender: stage.mail.internalFrom,
  CustomerOrderConfirmationSender: stage.mail.from,
};

/** Creates a function. `apiUrl` is where its mails' links point. */
export function createFunction(name: FunctionName, apiUrl: $util.Input<string>) {
  const { handler, timeoutSeconds, memoryMb } = settings[name];
  return new sst.aws.Function(name, {
    name: functionName(name, stageName),
    description: `${name} of the BBWS order service`,
    handler,
    timeout: `${timeoutSeconds} seconds`,
    memory: `${memoryMb} MB`,
    nodejs: nodejs(),
    link: links[name].map((component) => linkable[component]),
    permissions: [
      ...permissions[name].map((grant) => allow(grant, name)),
      writeLogs(name),
      ...(stage.tracing ? [trace] : []),
      ...(stage.protect ? deniedWhereProtected.map((grant) => ({ ...allow(grant, name), effect: "deny" as const })) : []),
    ],
    environment: $resolve([apiUrl]).apply(([url]) =>
      functionEnvironment(name, stage, {
        stageName,
        apiUrl: url,
        version: process.env.SERVICE_VERSION ?? "unreleased",
        configurationSet: mailConfigurationSet(stageName),
      }),
    ),
    transform: {
      function: (args) => {
        if (stage.tracing) args.tracingConfig = { mode: "Active" };
      },
    },
  });
}

function nodejs(): sst.aws.FunctionArgs["nodejs"] {
  const { minify, sourcemap, plugins, ...esbuild } = bundling;
  return { minify, sourcemap, plugins, esbuild };
}

function allow(grant: Grant, name: FunctionName): Statement {
  const statement = { actions: [...grant.actions], resources: arnsOf(grant.on) };
  if (grant.on !== "mail") return statement;
  return { ...statement, conditions: [{ test: "StringEquals", variable: "ses:FromAddress", values: [mailSender[name]!] }] };
}

function arnsOf(target: Target): $util.Input<string>[] {
  if (target === "mail") {
    const domain = stage.mail.from.split("@")[1];
    return [
      $interpolate`arn:aws:ses:${stage.region}:${accountId}:identity/${domain}`,
      $interpolate`arn:aws:ses:${stage.region}:${accountId}:configuration-set/${mailConfigurationSet(stageName)}`,
    ];
  }
  if (target === "OrdersTable/stream") return [ordersTable.nodes.table.streamArn];
  const [component, part] = target.split("/") as [string, string | undefined];
  const arn = (linkable[component] as { arn: $util.Output<string> }).arn;
  if (part === undefined) return [arn];
  return component === "OrdersTable" ? [$interpolate`${arn}/index/${part}`] : [$interpolate`${arn}/${part}`];
}

function writeLogs(name: FunctionName): Statement {
  return {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [$interpolate`arn:aws:logs:${stage.region}:${accountId}:log-group:/aws/lambda/${functionName(name, stageName)}:*`],
  };
}

/** X-Ray knows no resource to narrow these to. */
const trace: Statement = { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] };
