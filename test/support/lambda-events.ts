/** Events as AWS delivers them, with no more in them than the functions read. */
import { marshall } from "@aws-sdk/util-dynamodb";
import { REGION } from "@bbws/local/local-stage.ts";
import type { SQSEvent } from "aws-lambda";

type Keyed = { id: string; tenantId: string };

/** A request as API Gateway (HTTP API, payload 2.0) delivers it. */
export const httpEvent = (method: string, path: string, options: { claims?: Record<string, string>; body?: string } = {}) => ({
  version: "2.0",
  routeKey: "$default",
  rawPath: path,
  rawQueryString: "",
  headers: { "content-type": "application/json", host: "orders.test" },
  requestContext: {
    http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
    domainName: "orders.test",
    requestId: "r",
    stage: "$default",
    ...(options.claims && { authorizer: { jwt: { claims: options.claims, scopes: null } } }),
  },
  body: options.body,
  isBase64Encoded: false,
});

/** One batch of messages with these bodies, `m-0` and so on. */
export const queueEvent = (...bodies: unknown[]): SQSEvent => ({
  Records: bodies.map((body, i) => ({
    messageId: `m-${i}`,
    receiptHandle: "none",
    body: JSON.stringify(body),
    attributes: { ApproximateReceiveCount: "1" } as SQSEvent["Records"][number]["attributes"],
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn",
    awsRegion: REGION,
  })),
});

/** One batch of orders that appeared in the table. */
export const insertEvent = (...orders: Keyed[]) => ({
  Records: orders.map((order, i) => ({
    eventID: String(i),
    eventName: "INSERT",
    dynamodb: {
      NewImage: marshall({ ...order, PK: `TENANT#${order.tenantId}`, SK: `ORDER#${order.id}` }, { removeUndefinedValues: true }),
      SequenceNumber: String(i),
    },
  })),
});

/** One batch of timers of these orders that ran out long ago. */
export const expiryEvent = (...orders: Keyed[]) => ({
  Records: orders.map(({ id, tenantId }, i) => ({
    eventID: String(i),
    eventName: "REMOVE",
    dynamodb: { OldImage: marshall({ orderId: id, tenantId, expiresAt: 1 }), SequenceNumber: String(i) },
  })),
});
