/** Lets an order's timer run out now, the way TTL does it: the item is overdue, then it is gone. */
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { table } from "../../../../infra/settings.ts";
import { tableName } from "../local-stage.ts";

/** @returns false when the order has no timer */
export async function expire(dynamodb: DynamoDBClient, orderId: string): Promise<boolean> {
  const Key = { [table.partitionKey]: { S: `ORDER#${orderId}` }, [table.sortKey]: { S: "EXPIRY" } };
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key,
        // The readers of the removal look at this attribute in the old image.
        UpdateExpression: "SET #ttl = :past",
        ConditionExpression: "attribute_exists(#pk)",
        ExpressionAttributeNames: { "#ttl": table.timeToLive, "#pk": table.partitionKey },
        ExpressionAttributeValues: { ":past": { N: String(Math.floor(Date.now() / 1000) - 1) } },
      }),
    );
  } catch (error) {
    if ((error as Error).name === "ConditionalCheckFailedException") return false;
    throw error;
  }
  await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key }));
  return true;
}
