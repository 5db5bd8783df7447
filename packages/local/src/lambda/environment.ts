/** The environment a function sees: what Lambda and SST give it, plus where this machine's emulators listen. */
import { buckets, type FunctionName, functionEnvironment, functions, links, table } from "../../../../infra/settings.ts";
import {
  credentials,
  functionPhysicalName,
  localStage,
  physicalBuckets,
  physicalQueues,
  REGION,
  STAGE_NAME,
  tableName,
  version,
} from "../local-stage.ts";

export type LocalResources = {
  apiUrl: string;
  queueUrl(physical: string): string;
  secrets: Record<string, string>;
  endpoints: { dynamodb: string; sqs: string; s3: string; ses: string; jwks: string };
  timeScale: number;
};

/**
 * Least time a mail's lease lasts here, in seconds. A lease must outlive its holder, which on AWS the function's time-out
 * sees to; the time scale does not touch time-outs, and a busy machine holds a function up for seconds.
 */
const LEAST_LEASE_SECONDS = 8;

/** Everything in `process.env` of one function; nothing of this process's own environment leaks in. */
export function environmentOf(name: FunctionName, resources: LocalResources): Record<string, string> {
  const facts = { stageName: STAGE_NAME, apiUrl: resources.apiUrl, version, configurationSet: `bbws-order-${STAGE_NAME}` };
  return {
    ...lambdaVariables(name),
    ...adapted(functionEnvironment(name, localStage, facts), resources.timeScale),
    ...linkVariables(name, resources),
    DYNAMODB_ENDPOINT: resources.endpoints.dynamodb,
    SQS_ENDPOINT: resources.endpoints.sqs,
    S3_ENDPOINT: resources.endpoints.s3,
    SES_ENDPOINT: resources.endpoints.ses,
    TOKEN_JWKS_URI: resources.endpoints.jwks,
    TIME_SCALE: String(resources.timeScale),
  };
}

/** What this machine needs otherwise: a long lease, and templates that count from the next mail on once they are published. */
function adapted(variables: Record<string, string>, timeScale: number): Record<string, string> {
  const { MAIL_LEASE_SECONDS: seconds, TEMPLATE_CACHE_SECONDS: cached } = variables;
  return {
    ...variables,
    ...(seconds && { MAIL_LEASE_SECONDS: String(Math.max(Number(seconds), LEAST_LEASE_SECONDS * timeScale)) }),
    ...(cached && { TEMPLATE_CACHE_SECONDS: "0" }),
  };
}

function lambdaVariables(name: FunctionName): Record<string, string> {
  const physical = functionPhysicalName(name);
  return {
    PATH: process.env.PATH ?? "",
    LANG: "en_US.UTF-8",
    TZ: "UTC",
    _HANDLER: "bundle.handler",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
    AWS_LAMBDA_FUNCTION_NAME: physical,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(functions[name].memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${physical}`,
    AWS_LAMBDA_LOG_FORMAT: "JSON",
  };
}

/** `SST_RESOURCE_{Component}` for the app and for each link, as `sst` gives them: only these are readable through `Resource`. */
function linkVariables(name: FunctionName, resources: LocalResources): Record<string, string> {
  const variables: Record<string, string> = { SST_RESOURCE_App: JSON.stringify({ name: "bbws-order", stage: STAGE_NAME }) };
  for (const component of links[name]) variables[`SST_RESOURCE_${component}`] = JSON.stringify(linkOf(component, resources));
  return variables;
}

function linkOf(component: string, { secrets, queueUrl }: LocalResources): Record<string, string> {
  if (component === table.component) return { name: tableName, type: "sst.aws.Dynamo" };
  const queue = physicalQueues[component];
  if (queue) return { url: queueUrl(queue), type: "sst.aws.Queue" };
  if (component in buckets) return { name: physicalBuckets[component] ?? "", type: "sst.aws.Bucket" };
  const value = secrets[component];
  if (value === undefined) throw new Error(`no such resource to link: ${component}`);
  return { value, type: "sst.sst.Secret" };
}
