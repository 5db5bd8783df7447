import { DescribeTableCommand, type QueryCommandInput, ScanCommand } from "@aws-sdk/client-dynamodb";
import { type NativeAttributeValue, unmarshall } from "@aws-sdk/util-dynamodb";
import { Order } from "@bbws/core/order/order.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import type { Table } from "@bbws/core/table.ts";
import * as v from "valibot";
import { type Io, startProgress } from "../io.ts";

/** Readers of the table at the same time; a scan costs the same however many share it. */
const SEGMENTS = 4;

export type Item = Record<string, NativeAttributeValue>;
export type ScanQuery = Pick<QueryCommandInput, "FilterExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues">;

/**
 * Reads the whole table and hands over what the filter lets through. No function may do this; operators may, for what has
 * no index: a bar shows how far it is.
 */
export async function scanTable(
  { client, table }: Table,
  query: ScanQuery,
  io: Io,
  visit: (items: Item[]) => Promise<void>,
): Promise<void> {
  const { Table: described } = await client.send(new DescribeTableCommand({ TableName: table }));
  const bar = startProgress(io, "reading the table", described?.ItemCount ?? 0);
  let read = 0;
  const readSegment = async (Segment: number) => {
    let ExclusiveStartKey: QueryCommandInput["ExclusiveStartKey"];
    do {
      const page = await client.send(
        new ScanCommand({ TableName: table, ...query, Segment, TotalSegments: SEGMENTS, ExclusiveStartKey, ConsistentRead: true }),
      );
      read += page.ScannedCount ?? 0;
      bar.advance(page.ScannedCount ?? 0);
      await visit((page.Items ?? []).map((item) => unmarshall(item)));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  };
  await Promise.all(Array.from({ length: SEGMENTS }, (_, segment) => readSegment(segment)));
  bar.done(`${read} items read`);
}

const Stored = v.object({ ...Order.entries, correlationId: v.optional(v.string()) });

/** An order out of its raw item; undefined when it has not an order's shape. */
export function orderOfItem(item: Item): StoredOrder | undefined {
  const result = v.safeParse(Stored, item);
  return result.success ? result.output : undefined;
}
