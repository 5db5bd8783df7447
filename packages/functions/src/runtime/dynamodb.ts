import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { patient, watched } from "./aws.ts";
import { environment } from "./config.ts";

const { DYNAMODB_ENDPOINT } = environment("DYNAMODB_ENDPOINT");

/** The table's client, made once per execution environment. */
export const dynamodb = watched("dynamodb", new DynamoDBClient({ ...(DYNAMODB_ENDPOINT && { endpoint: DYNAMODB_ENDPOINT }), ...patient }));
