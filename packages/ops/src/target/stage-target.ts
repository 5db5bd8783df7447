import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { buckets, type FunctionName, functionName, physicalQueues, table } from "../../../../infra/settings.ts";
import { isPersonal, recoveryStageOf, type Stage, sharedAccounts, stageOf } from "../../../../infra/stage.ts";
import { OpsError, usageError } from "../exit-code.ts";
import { failuresIn } from "./failures.ts";
import type { Bucket, FailureLog, LoggedFailure, Target } from "./target.ts";

/**
 * A stage on AWS, with the caller's credentials.
 * @throws OpsError when they are another account's: names are the same in every account, so only the account tells stages apart.
 */
export async function stageTarget(name: string): Promise<Target> {
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) throw usageError(`${name} is not the name of a stage`);
  const stage = stageOf(name);
  const { region } = stage;
  const { account, arn } = await identity(region);
  checkAccount(name, stage, account);

  const dynamodb = new DynamoDBClient({ region, maxAttempts: 5 });
  const sqs = new SQSClient({ region, maxAttempts: 5 });
  const s3 = new S3Client({ region, maxAttempts: 5 });
  const logs = new CloudWatchLogsClient({ region, maxAttempts: 5 });
  const physical = physicalQueues(name);
  const bucketStage = isPersonal(name) ? `${name}-${account}` : name;
  const replica = replicaOf(name, stage);
  return {
    stage: name,
    guarded: stage.protect,
    by: arn,
    table: { client: dynamodb, table: table.physical(stage.recoveryOf ?? name) },
    sqs,
    queueUrl(component) {
      const queue = physical[component];
      if (!queue) throw new OpsError(`there is no queue ${component}`);
      return `https://sqs.${region}.amazonaws.com/${account}/${queue}`;
    },
    polling: { waitSeconds: 1, emptyLooks: 3 },
    exactDepths: false,
    documents: { s3, name: buckets.DocumentsBucket.physical(bucketStage), versioned: true },
    documentReplica: replica,
    templates: { s3, name: buckets.TemplatesBucket.physical(bucketStage), versioned: true },
    failures: cloudWatch(logs, name),
    close() {
      for (const each of [dynamodb, sqs, s3, logs, ...(replica ? [replica.s3] : [])]) each.destroy();
    },
  };
}

async function identity(region: string): Promise<{ account: string; arn: string }> {
  const sts = new STSClient({ region, maxAttempts: 2 });
  try {
    const { Account = "", Arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn };
  } catch (error) {
    throw new OpsError(`AWS does not know who asks: ${(error as Error).name}. Sign in first (aws sso login, or AWS_PROFILE)`);
  } finally {
    sts.destroy();
  }
}

/** @throws OpsError when a stage must not be operated from that account. */
export function checkAccount(name: string, { account: expected }: Pick<Stage, "account">, account: string): void {
  if (expected !== undefined && expected !== account) {
    throw new OpsError(`refused: these credentials are account ${account}'s, ${name} lives in ${expected}`);
  }
  if (expected === undefined && sharedAccounts.includes(account)) {
    throw new OpsError(`refused: account ${account} is a shared stage's, and ${name} is none of those`);
  }
}

/** Where this stage's documents are copied to. The standby of a stage operates on the copies, and the stage itself has the originals. */
function replicaOf(name: string, { recoveryRegion, recoveryOf }: Stage): Bucket | undefined {
  const other = recoveryOf ?? recoveryStageOf(name);
  if (other === undefined) return undefined;
  const region = recoveryOf === undefined ? recoveryRegion : stageOf(recoveryOf).region;
  return { s3: new S3Client({ region, maxAttempts: 5 }), name: buckets.DocumentsBucket.physical(other), versioned: true };
}

/** Ids in one filter pattern: it may have 1024 characters. */
const IDS_IN_PATTERN = 12;

function cloudWatch(logs: CloudWatchLogsClient, stage: string): FailureLog {
  return {
    async lastOf(name: FunctionName, messageIds, since) {
      const found = new Map<string, LoggedFailure>();
      for (let i = 0; i < messageIds.length; i += IDS_IN_PATTERN) {
        const ids = messageIds.slice(i, i + IDS_IN_PATTERN).filter((id) => /^[\w-]+$/.test(id));
        if (ids.length === 0) continue;
        const lines: string[] = [];
        let nextToken: string | undefined;
        do {
          const page = await logs.send(
            new FilterLogEventsCommand({
              logGroupName: `/aws/lambda/${functionName(name, stage)}`,
              startTime: since.getTime(),
              filterPattern: `{ ${ids.map((id) => `$.messageId = "${id}"`).join(" || ")} }`,
              nextToken,
            }),
          );
          lines.push(...(page.events ?? []).map(({ message }) => message ?? ""));
          nextToken = page.nextToken;
        } while (nextToken);
        for (const [id, failure] of failuresIn(lines, new Set(ids))) found.set(id, failure);
      }
      return found;
    },
  };
}
