import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Entity, TransactWriteEntity } from "electrodb";

/** The one table and the client to reach it; made once per function, at module scope. */
export type Table = { client: DynamoDBClient; table: string };

/** Attribute names under which ElectroDB notes what an item is. */
export const identifiers = { entity: "entityType", version: "entityVersion" };

/** Options every entity shares. */
export const entityOptions = ({ client, table }: Table) => ({ client, table, identifiers });

/** A key field with its template; ElectroDB lower-cases keys unless told not to, and our ids differ by case. */
export const key = <const Field extends string, const Composite extends readonly string[]>(
  field: Field,
  composite: [...Composite],
  template: string,
) => ({ field, composite, template, casing: "none" as const });

/** An entity as a write transaction offers it. */
export type Writes<E> = E extends Entity<infer A, infer F, infer C, infer S> ? TransactWriteEntity<A, F, C, S> : never;

type AwsError = {
  name?: string;
  message?: string;
  CancellationReasons?: { Code?: string }[];
  $metadata?: { httpStatusCode?: number; attempts?: number };
};

/** The AWS error inside whatever ElectroDB threw. */
export function awsErrorOf(error: unknown): AwsError {
  if (error instanceof Error && error.cause) return awsErrorOf(error.cause);
  return (error ?? {}) as AwsError;
}

/** True when a write's own condition did not hold. */
export function isConditionFailure(error: unknown): boolean {
  return awsErrorOf(error).name === "ConditionalCheckFailedException";
}

/** True when the request itself is wrong and sending it again cannot help. */
export function isInvalidRequest(error: unknown): boolean {
  const { name, $metadata } = awsErrorOf(error);
  return name === "ValidationException" || name === "ItemCollectionSizeLimitExceededException" || $metadata?.httpStatusCode === 413;
}

/** Why a transaction was cancelled: one code per item, `None` where that item was fine. */
export type Cancellation = { cancelled: true; codes: string[] };
export type TransactionOutcome = { cancelled: false } | Cancellation;

type ElectroTransaction = {
  go(options?: { token?: string }): Promise<{ canceled: boolean; data: readonly ({ rejected: boolean; code?: string } | null)[] }>;
};

/**
 * Runs an ElectroDB write transaction. ElectroDB resolves with `canceled: true` instead of throwing, so the outcome
 * must be looked at; every other failure (throttling, time-out, invalid request) is thrown.
 */
export async function commit(transaction: ElectroTransaction, token: string): Promise<TransactionOutcome> {
  const result = await transaction.go({ token });
  if (!result.canceled) return { cancelled: false };
  return { cancelled: true, codes: result.data.map((item) => item?.code ?? "None") };
}

/** True when only contention cancelled it: a lost race or a conflicting transaction. */
export function isContention({ codes }: Cancellation): boolean {
  const harmless = ["None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
  return codes.every((code) => harmless.includes(code));
}
