/** Creates the orders table exactly as `infra/` deploys it: keys, two indexes, stream, TTL. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { table } from "../../../../infra/settings.ts";
import { tableName } from "../local-stage.ts";

/** @returns the ARN of the table's stream */
export async function createTable(dynamodb: DynamoDBClient, name = tableName): Promise<string> {
  const stream = (await describe(dynamodb, name)) ?? (await create(dynamodb, name));
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: name }));
  if (TimeToLiveDescription?.TimeToLiveStatus !== "ENABLED") {
    await dynamodb.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { Enabled: true, AttributeName: table.timeToLive },
      }),
    );
  }
  return stream;
}

async function describe(dynamodb: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    return Table?.LatestStreamArn;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(dynamodb: DynamoDBClient, name: string): Promise<string> {
  const keysOf = (key: { partitionKey: string; sortKey: string }) => [
    { AttributeName: key.partitionKey, KeyType: "HASH" as const },
    { AttributeName: key.sortKey, KeyType: "RANGE" as const },
  ];
  const attributes = [table, ...Object.values(table.indexes)].flatMap((key) => [key.partitionKey, key.sortKey]);
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keysOf(table),
      GlobalSecondaryIndexes: Object.entries(table.indexes).map(([IndexName, key]) => ({
        IndexName,
        KeySchema: keysOf(key),
        Projection: { ProjectionType: "ALL" },
      })),
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  const stream = TableDescription?.LatestStreamArn;
  if (!stream) throw new Error(`table ${name} was created without a stream`);
  return stream;
}
