import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Table } from "@bbws/core/table.ts";
import type { FunctionName } from "../../../../infra/settings.ts";
import { localTarget } from "./local-target.ts";
import { stageTarget } from "./stage-target.ts";

/** A deployment of the service as an operator reaches it: the local stack or a stage on AWS. */
export type Target = {
  stage: string;
  /** True for production and its standby: a change wants the stage's name typed. */
  guarded: boolean;
  /** Who acts, as records of it say. */
  by: string;
  table: Table;
  sqs: SQSClient;
  /** By component name, e.g. `InvoiceDLQ`. */
  queueUrl(component: string): string;
  /** How long one look at a queue waits, in seconds, and how many empty looks mean that it is empty (SQS asks a part of its servers each time). */
  polling: { waitSeconds: number; emptyLooks: number };
  documents: Bucket;
  /** Copies of the documents in another region; they keep what is deleted here. */
  documentReplica: Bucket | undefined;
  templates: Bucket;
  failures: FailureLog;
  close(): void;
};

export type Bucket = { s3: S3Client; name: string; versioned: boolean };

/** What the functions logged when a message failed. */
export type FailureLog = {
  /** The last failure of each message, by message id; messages nobody logged a failure of are missing. */
  lastOf(functionName: FunctionName, messageIds: readonly string[], since: Date): Promise<Map<string, LoggedFailure>>;
};
export type LoggedFailure = { at: string; error: string; correlationId?: string };

export type TargetOptions = { stage: string; state: string };

/** @throws OpsError when no stack runs there, or the credentials are not the stage's. */
export function openTarget({ stage, state }: TargetOptions): Promise<Target> {
  return stage === "local" ? localTarget(state) : stageTarget(stage);
}

/** Reads the functions' JSON log lines. */
export function failuresIn(lines: Iterable<string>, messageIds: ReadonlySet<string>): Map<string, LoggedFailure> {
  const found = new Map<string, LoggedFailure>();
  for (const line of lines) {
    if (!line.includes('"messageId"')) continue;
    const entry = parsed(line);
    const { messageId, outcome, timestamp, errorReason, errorName, errorCode, correlationId } = entry;
    if (!messageId || !messageIds.has(messageId) || (outcome !== "retry" && outcome !== "deadLetter")) continue;
    const error = errorReason ?? [errorName, errorCode].filter(Boolean).join(" ");
    found.set(messageId, { at: timestamp ?? "", error: error || "unknown", ...(correlationId && { correlationId }) });
  }
  return found;
}

type LogLine = Partial<Record<"messageId" | "outcome" | "timestamp" | "errorReason" | "errorName" | "errorCode" | "correlationId", string>>;

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line.slice(line.indexOf("{"))) as LogLine;
  } catch {
    return {};
  }
}
