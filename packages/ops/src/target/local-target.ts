import { createReadStream, existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { readStackFile } from "@bbws/local/state/stack-file.ts";
import { OpsError } from "../exit-code.ts";
import { failuresIn } from "./failures.ts";
import type { FailureLog, LoggedFailure, Target } from "./target.ts";

/** The stack that runs on a state folder of this machine. @throws OpsError when none does. */
export async function localTarget(state: string): Promise<Target> {
  const folder = resolve(state);
  const stack = readStackFile(folder);
  if (!stack || !(await answers(stack.url))) {
    throw new OpsError(`no stack runs on ${folder}: npm start, or name its folder with --state, or a stage with --stage`);
  }
  const { region, credentials, endpoints, queueUrls, buckets } = stack;
  const client = { region, credentials, maxAttempts: 3 };
  const dynamodb = new DynamoDBClient({ ...client, endpoint: endpoints.dynamodb });
  const sqs = new SQSClient({ ...client, endpoint: endpoints.sqs });
  const s3 = new S3Client({ ...client, endpoint: endpoints.s3, forcePathStyle: true });
  const named = (names: Record<string, string>, component: string) => {
    const name = names[component];
    if (!name) throw new OpsError(`the stack on ${folder} has no ${component}: it was started by another version`);
    return name;
  };
  return {
    stage: "local",
    guarded: false,
    by: `local ${userInfo().username}`,
    table: { client: dynamodb, table: stack.table },
    sqs,
    queueUrl: (component) => named(queueUrls, component),
    polling: { waitSeconds: 0, emptyLooks: 1 },
    exactDepths: true,
    documents: { s3, name: named(buckets, "DocumentsBucket"), versioned: false },
    documentReplica: undefined,
    templates: { s3, name: named(buckets, "TemplatesBucket"), versioned: false },
    failures: fileLog(join(folder, "logs", "functions.log")),
    close() {
      for (const each of [dynamodb, sqs, s3]) each.destroy();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/_local/queues`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

function fileLog(file: string): FailureLog {
  return {
    async lastOf(_functionName, messageIds) {
      const wanted = new Set(messageIds);
      const found = new Map<string, LoggedFailure>();
      if (wanted.size === 0 || !existsSync(file)) return found;
      for await (const line of createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY })) {
        for (const [id, failure] of failuresIn([line], wanted)) found.set(id, failure);
      }
      return found;
    },
  };
}
