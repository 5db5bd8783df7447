/**
 * The functions as they are deployed, each by itself: built as SST builds it, copied alone into an empty directory, started
 * by a fresh Node with nothing but Lambda's environment, against real emulators.
 */
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { changeToEvents } from "@bbws/core/order/events.ts";
import { orders } from "@bbws/core/order/orders.ts";
import { bundleFunction } from "@bbws/local/bundle.ts";
import { startAws } from "@bbws/local/emulators/aws.ts";
import { startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import { createTable } from "@bbws/local/emulators/table.ts";
import { environmentOf } from "@bbws/local/lambda/environment.ts";
import { credentials, REGION, tableName } from "@bbws/local/local-stage.ts";
import type { FunctionName } from "../../infra/settings.ts";
import { acceptedOrder } from "./order.ts";
import { runAlone } from "./run-alone.ts";

/** @param folder outside of the repository: what is built and started lies there */
export async function startAlone(folder: string) {
  const [dynamodb, aws] = await Promise.all([startDynamoDb(join(folder, "dynamodb"), true), startAws({ folder: undefined, timeScale: 1 })]);
  const client = new DynamoDBClient({ endpoint: dynamodb.endpoint, region: REGION, credentials });
  await createTable(client);
  const repository = orders({ client, table: tableName }, () => new Date());

  const build = (name: FunctionName) => bundleFunction(name, join(folder, "build"));

  /** Invokes a function once, with these variables changed. @returns its answer, ms, and the most memory of its process in bytes */
  async function invoke(name: FunctionName, event: unknown, changed: Record<string, string> = {}) {
    const { file } = await build(name);
    return runAlone(file, event, {
      folder,
      env: {
        ...environmentOf(name, {
          apiUrl: "http://127.0.0.1:1",
          queueUrl: aws.queueUrl,
          secrets: { LinkSigningKey: "bundle-test-key", PreviousLinkSigningKey: "" },
          endpoints: { dynamodb: dynamodb.endpoint, ...aws.endpoints, jwks: "http://127.0.0.1:1/jwks" },
          timeScale: 1,
        }),
        ...changed,
      },
    });
  }

  /** An order in the table, and the event its recording made. */
  async function recorded(changes: Parameters<typeof acceptedOrder>[0] = {}) {
    const order = acceptedOrder(changes);
    await repository.record([{ order, correlationId: "c-1" }]);
    const stored = (await repository.get(order.tenantId, order.id))!;
    return { stored, event: changeToEvents(undefined, stored)[0]! };
  }

  return {
    aws,
    repository,
    build,
    invoke,
    recorded,
    async stop() {
      client.destroy();
      await Promise.all([dynamodb.stop(), aws.stop()]);
    },
  };
}
