import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** What every function that touches the table starts with, and nothing else. */
export const client = new DynamoDBClient({});
