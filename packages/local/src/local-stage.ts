/** The facts of the stage that lives on this machine: dev's, without the limits that only a shared account needs. */
import { createRequire } from "node:module";
import {
  type FunctionName,
  functionName,
  physicalBuckets as physicalBucketsOf,
  physicalQueues as physicalQueuesOf,
  table,
} from "../../../infra/settings.ts";
import { type Stage, stageOf } from "../../../infra/stage.ts";

export const STAGE_NAME = "local";
/** The account id the emulators sign with. */
export const ACCOUNT = "000000000000";

const dev = stageOf("dev");

export const localStage: Stage = {
  ...dev,
  account: ACCOUNT,
  domain: undefined,
  guestOrdersPerHour: 0,
  catalogueUrl: "",
  campaignUrl: "",
  mail: { ...dev.mail, allowList: [] },
};

export const REGION = localStage.region;

/** Any non-empty pair: the emulators check that a request is signed, not by whom. */
export const credentials = { accessKeyId: "local", secretAccessKey: "local" };

export const tableName = table.physical(STAGE_NAME);

export const functionPhysicalName = (name: FunctionName) => functionName(name, STAGE_NAME);
export const functionArn = (name: FunctionName) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionPhysicalName(name)}`;

/** Physical name of every queue, work queues and dead-letter queues alike, by component name. */
export const physicalQueues = physicalQueuesOf(STAGE_NAME);

/** Physical name of every bucket by component name. */
export const physicalBuckets = physicalBucketsOf(STAGE_NAME);

export const queueArn = (physical: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${physical}`;

const packageFile = createRequire(import.meta.url)("../../../package.json") as { version: string };
/** What `/health` answers as the version. */
export const version = `${packageFile.version}-local`;
