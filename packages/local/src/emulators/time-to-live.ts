/**
 * Deletes items whose time is over, as TTL does on AWS. DynamoDB Local has a sweeper of its own, but it gives up for good at
 * the first overdue item that is not in every index, and none of ours is.
 */
import { type AttributeValue, DeleteItemCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { table } from "../../../../infra/settings.ts";
import { tableName } from "../local-stage.ts";
import type { Poller } from "../pollers/queue-poller.ts";

type Options = { dynamodb: DynamoDBClient; onError(message: string): void };
type Key = Record<string, AttributeValue>;

const EVERY_MS = 2_000;
/** Items looked at each time. A large table is gone through page by page: TTL promises no moment. */
const PAGE = 250;
/** What is overdue for longer is left alone, as on AWS. */
const FIVE_YEARS_SECONDS = 5 * 366 * 86_400;

const ttl = { "#ttl": table.timeToLive };
const keyOf = (item: Key): Key => ({ [table.partitionKey]: item[table.partitionKey]!, [table.sortKey]: item[table.sortKey]! });

export function startTimeToLive({ dynamodb, onError }: Options): Poller {
  let from: Key | undefined;

  async function sweepPage(): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new ScanCommand({
        TableName: tableName,
        Limit: PAGE,
        ExclusiveStartKey: from,
        FilterExpression: "#ttl BETWEEN :oldest AND :now",
        ExpressionAttributeNames: ttl,
        ExpressionAttributeValues: { ":oldest": { N: String(now - FIVE_YEARS_SECONDS) }, ":now": { N: String(now) } },
      }),
    );
    from = LastEvaluatedKey;
    for (const item of Items) await remove(keyOf(item), now);
  }

  /** Unless it was given more time since it was read. */
  async function remove(Key: Key, now: number): Promise<void> {
    const given = {
      ConditionExpression: "#ttl <= :now",
      ExpressionAttributeNames: ttl,
      ExpressionAttributeValues: { ":now": { N: String(now) } },
    };
    await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key, ...given })).catch((error: Error) => {
      if (error.name !== "ConditionalCheckFailedException") throw error;
    });
  }

  let sweeping = Promise.resolve();
  let isFree = true;
  const timer = setInterval(() => {
    if (!isFree) return;
    isFree = false;
    sweeping = sweepPage()
      .catch((error: Error) => onError(`time to live: ${error.message}`))
      .finally(() => {
        isFree = true;
      });
  }, EVERY_MS);

  return {
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
