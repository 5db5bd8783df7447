/** The AWS clients of the functions; test/bundle builds them as they come and as the functions get them. */
export { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
export { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
export { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
