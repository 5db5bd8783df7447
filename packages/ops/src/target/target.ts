import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Table } from "@bbws/core/table.ts";
import type { FunctionName } from "../../../../infra/settings.ts";

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
  /** Whether the numbers of messages a queue tells are exact; SQS's own are approximate. */
  exactDepths: boolean;
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
