/** A record as the DynamoDB Streams SDK gives it, in the form Lambda hands to functions. */
import type { AttributeValue, _Record as StreamRecord } from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord } from "aws-lambda";
import { REGION } from "../local-stage.ts";

export function toLambdaRecord(record: StreamRecord, streamArn: string): DynamoDBRecord {
  const change = record.dynamodb ?? {};
  return {
    eventID: record.eventID,
    eventName: eventNameOf(record),
    eventVersion: record.eventVersion,
    eventSource: "aws:dynamodb",
    awsRegion: REGION,
    dynamodb: {
      // Lambda gives whole seconds since the epoch.
      ApproximateCreationDateTime: change.ApproximateCreationDateTime && Math.floor(change.ApproximateCreationDateTime.getTime() / 1000),
      Keys: change.Keys && image(change.Keys),
      ...(change.NewImage && { NewImage: image(change.NewImage) }),
      ...(change.OldImage && { OldImage: image(change.OldImage) }),
      SequenceNumber: change.SequenceNumber,
      SizeBytes: change.SizeBytes,
      StreamViewType: change.StreamViewType,
    },
    eventSourceARN: streamArn,
  };
}

/** DynamoDB Local names a removal by TTL in a way its own SDK does not know; AWS says REMOVE. */
function eventNameOf(record: StreamRecord): DynamoDBRecord["eventName"] {
  const name = record.eventName as string | undefined;
  return (name === "UNKNOWN_TO_SDK_VERSION" ? "REMOVE" : name) as DynamoDBRecord["eventName"];
}

type Image = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]>;

const image = (attributes: Record<string, AttributeValue>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plain(value)])) as Image;

/** Binary values travel as base64 in the event's JSON. An empty map loses its type on the way through the streams client. */
function plain(value: AttributeValue): unknown {
  if (Object.keys(value).length === 0) return { M: {} };
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  if (value.L) return { L: value.L.map(plain) };
  if (value.M) return { M: image(value.M) };
  return value;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
