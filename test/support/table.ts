/** A table of one test file's own, exactly as the infrastructure deploys it, and ways to look into it. */
import { randomUUID } from "node:crypto";
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from "@aws-sdk/client-dynamodb-streams";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { createTable } from "@bbws/local/emulators/table.ts";
import { credentials, REGION } from "@bbws/local/local-stage.ts";
import { toLambdaRecord } from "@bbws/local/pollers/stream-record.ts";
import type { DynamoDBRecord } from "aws-lambda";
import { inject } from "vitest";

export type Item = Record<string, unknown> & { PK: string; SK: string };

export type TestTable = Awaited<ReturnType<typeof openTable>>;

export async function openTable() {
  const endpoint = inject("dynamodb");
  const client = new DynamoDBClient({ region: REGION, credentials, endpoint });
  const streams = new DynamoDBStreamsClient({ region: REGION, credentials, endpoint });
  const table = `orders-${randomUUID()}`;
  const stream = await createTable(client, table);

  /** Every item, in no order. */
  async function items(): Promise<Item[]> {
    const found: Item[] = [];
    let start: Record<string, never> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: start }),
      );
      found.push(...Items.map((item) => unmarshall(item) as Item));
      start = LastEvaluatedKey as Record<string, never> | undefined;
    } while (start);
    return found;
  }

  async function item(PK: string, SK: string): Promise<Item | undefined> {
    const { Item: found } = await client.send(new GetItemCommand({ TableName: table, Key: marshall({ PK, SK }), ConsistentRead: true }));
    return found && (unmarshall(found) as Item);
  }

  async function put(whole: Item): Promise<void> {
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(whole, { removeUndefinedValues: true }) }));
  }

  async function remove(PK: string, SK: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: table, Key: marshall({ PK, SK }) }));
  }

  /** Every change since the table was made, as the stream's readers get them. */
  async function changes(): Promise<DynamoDBRecord[]> {
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: stream }));
    const found: StreamRecord[] = [];
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      const { ShardIterator } = await streams.send(
        new GetShardIteratorCommand({ StreamArn: stream, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
      );
      let iterator = ShardIterator;
      while (iterator) {
        const { Records = [], NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
        if (Records.length === 0) break;
        found.push(...Records);
        iterator = NextShardIterator;
      }
    }
    return found.map((record) => toLambdaRecord(record, stream));
  }

  /**
   * From now on calls of one kind come to nothing known: before the call, or after it took place, `error` is thrown. Below the client's retries (`finalizeRequest`) the client tries again by itself, above (`initialize`) not.
   * @returns what ends it
   */
  function loseAnswers(
    commandName: string,
    { step, phase, error, times = 1 }: { step: "initialize" | "finalizeRequest"; phase: "before" | "after"; error: Error; times?: number },
    meanwhile: () => Promise<unknown> = async () => undefined,
  ): () => void {
    let left = times;
    const middleware =
      (next: (args: never) => Promise<unknown>, context: { commandName?: string }) =>
      async (args: never): Promise<unknown> => {
        if (context.commandName !== commandName || left === 0) return next(args);
        left -= 1;
        if (phase === "after") await next(args);
        await meanwhile();
        throw error;
      };
    client.middlewareStack.add(middleware as never, { step, priority: "low", name: "loseAnswers", override: true } as never);
    return () => void client.middlewareStack.remove("loseAnswers");
  }

  return { client, table, endpoint, loseAnswers, items, item, put, remove, changes };
}
