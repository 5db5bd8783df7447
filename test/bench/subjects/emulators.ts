/** What the emulators give when nobody does anything but ask them: no function, no document, no mail. */
import { join } from "node:path";
import { DynamoDBClient, type TransactWriteItem, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { marshall } from "@aws-sdk/util-dynamodb";
import { startAws } from "@bbws/local/emulators/aws.ts";
import { startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import { createTable } from "@bbws/local/emulators/table.ts";
import { credentials, physicalQueues, REGION, tableName } from "@bbws/local/local-stage.ts";
import { queues } from "../../../infra/settings.ts";
import { acceptedOrder } from "../../support/order.ts";

const CONCURRENCY = 32;
const RECEIVERS = queues.OrderCreationQueue.maxConcurrency;
const ROUNDS = 3;

/**
 * Sends orders 32 at a time, receives them in batches by as many receivers as the record function has, and writes each batch
 * in one transaction (counter, numbers, orders, timers): the least that could be called recording an order.
 * @returns orders a second, once for each round
 */
export async function rawRates(folder: string, orders: number): Promise<number[]> {
  const dynamodbLocal = await startDynamoDb(join(folder, `raw-${Date.now()}`), true);
  const aws = await startAws({ folder: undefined, timeScale: 1 });
  const client = { region: REGION, credentials };
  const dynamodb = new DynamoDBClient({ ...client, endpoint: dynamodbLocal.endpoint });
  const sqs = new SQSClient({ ...client, endpoint: aws.endpoints.sqs });
  try {
    await createTable(dynamodb);
    const queueUrl = aws.queueUrl(physicalQueues.OrderCreationQueue ?? "");
    const rates: number[] = [];
    const clear = async (handled: Message[]) => {
      for (let i = 0; i < handled.length; i += 10) {
        const Entries = handled.slice(i, i + 10).map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      }
    };
    for (let round = 0; round <= ROUNDS; round++) {
      const startedAt = performance.now();
      let sent = 0;
      const sender = async () => {
        for (; sent < orders; ) {
          sent += 1;
          await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(acceptedOrder()) }));
        }
      };
      let taken = 0;
      let endedAt = startedAt;
      const handled: Message[] = [];
      const receiver = async () => {
        while (taken < orders) {
          const { Messages = [] } = await sqs.send(
            new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: queues.OrderCreationQueue.batchSize, WaitTimeSeconds: 1 }),
          );
          if (Messages.length === 0) continue;
          taken += Messages.length;
          await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: recordsOf(Messages) }));
          endedAt = performance.now();
          handled.push(...Messages);
        }
      };
      await Promise.all([...Array.from({ length: CONCURRENCY }, sender), ...Array.from({ length: RECEIVERS }, receiver)]);
      // The first round warms both up.
      if (round > 0) rates.push((orders / (endedAt - startedAt)) * 1000);
      await clear(handled);
    }
    return rates;
  } finally {
    dynamodb.destroy();
    sqs.destroy();
    await Promise.all([dynamodbLocal.stop(), aws.stop()]);
  }
}

/** The items an order becomes; each batch has a counter of its own, so that nobody waits for a lost race. */
function recordsOf(messages: readonly Message[]): TransactWriteItem[] {
  const put = (item: Record<string, unknown>) => ({ Put: { TableName: tableName, Item: marshall(item, { removeUndefinedValues: true }) } });
  const orders = messages.map(({ Body = "" }) => JSON.parse(Body) as ReturnType<typeof acceptedOrder>);
  return [
    put({ PK: `COUNTER#${orders[0]!.id}`, SK: "2026", value: orders.length }),
    ...orders.flatMap(({ id, ...order }) => [
      put({ PK: `NUMBER#${id}`, SK: "UNIQUE", orderId: id }),
      put({
        ...order,
        PK: `TENANT#${order.tenantId}`,
        SK: `ORDER#${id}`,
        GSI1_PK: `TENANT#${order.tenantId}`,
        GSI1_SK: `${order.dateCreated}#${id}`,
        GSI2_PK: `ORDER#${id}`,
        GSI2_SK: "METADATA",
      }),
      put({ PK: `ORDER#${id}`, SK: "EXPIRY", expiresAt: 2_000_000_000 }),
    ]),
  ];
}
