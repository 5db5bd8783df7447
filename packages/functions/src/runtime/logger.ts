import { Logger } from "@aws-lambda-powertools/logger";

/** JSON log lines. Never an e-mail, a name, an address or a token: ids and codes only. */
export const logger = new Logger();

/**
 * What a log may say of an error. Messages of the SDK and of validators may quote input, so only our own errors
 * speak; of others the name, the AWS code and the place are kept.
 */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const { name, stack } = error;
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number; requestId?: string } };
  const cause = error.cause instanceof Error ? { cause: errorFacts(error.cause) } : {};
  return {
    errorName: name,
    ...((typeof code === "string" || typeof code === "number") && { errorCode: code }),
    ...($metadata && { awsStatus: $metadata.httpStatusCode, awsRequestId: $metadata.requestId }),
    at: stack
      ?.split("\n")
      .filter((line) => line.startsWith("    at "))
      .slice(0, 4)
      .map((line) => line.trim()),
    ...cause,
  };
}
