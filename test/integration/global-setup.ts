import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Endpoint of the DynamoDB Local that all integration tests share; each file has a table of its own. */
    dynamodb: string;
  }
}

/** One DynamoDB Local for the whole folder. */
export async function setup({ provide }: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), "bbws-order-test-"));
  const dynamodb = await startDynamoDb(folder, true);
  provide("dynamodb", dynamodb.endpoint);
  return async () => {
    await dynamodb.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
