/** A table in which tenants have as many orders as their names say. */
import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { createTable } from "@bbws/local/emulators/table.ts";
import { credentials, REGION, tableName } from "@bbws/local/local-stage.ts";
import { NOW, order } from "../../support/order.ts";

/** Most that BatchWriteItem takes. */
const BATCH = 25;
const WRITERS = 4;

/** Writes the orders directly: what is measured is the reading. @param counts orders, one tenant for each */
export async function seedTenants(endpoint: string, counts: readonly number[], progress: (text: string) => void): Promise<void> {
  const dynamodb = new DynamoDBClient({ region: REGION, credentials, endpoint });
  await createTable(dynamodb);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let written = 0;
  for (const count of counts) {
    let next = 0;
    const writer = async () => {
      while (next < count) {
        const from = next;
        next = Math.min(count, from + BATCH);
        const puts = Array.from({ length: next - from }, (_, i) => ({ PutRequest: { Item: itemOf(count, from + i) } }));
        const { UnprocessedItems } = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: puts } }));
        if (UnprocessedItems?.[tableName]) throw new Error("the emulator left orders unwritten");
        written += puts.length;
        progress(`${written} of ${total} orders written`);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
  }
  dynamodb.destroy();
}

/** As the order's entity lays it out. */
function itemOf(tenant: number, place: number) {
  const dateCreated = new Date(NOW.getTime() - place * 60_000).toISOString();
  const { id, ...rest } = order({ tenantId: `tenant-${tenant}`, dateCreated, dateLastUpdated: dateCreated });
  const item = {
    ...rest,
    id,
    PK: `TENANT#${rest.tenantId}`,
    SK: `ORDER#${id}`,
    GSI1_PK: `TENANT#${rest.tenantId}`,
    GSI1_SK: `${dateCreated}#${id}`,
    GSI2_PK: `ORDER#${id}`,
    GSI2_SK: "METADATA",
    entityType: "Order",
    entityVersion: "1",
  };
  return marshall(item, { removeUndefinedValues: true });
}
