/**
 * What each function may do, and on which resource: exactly the calls its code makes. Pure data; `functions.ts` turns it
 * into policies, and test/infra/policies.md shows the outcome.
 *
 * Transactions need the actions of their parts (PutItem, UpdateItem), not an action of their own.
 */
import type { FunctionName } from "./settings.ts";

/** A resource of this stage: a component, an index of the table, its stream, a bucket's objects, or the mail identity. */
export type Target =
  | "OrdersTable"
  | "OrdersTable/OrdersByDateIndex"
  | "OrdersTable/OrderByIdIndex"
  | "OrdersTable/stream"
  | "DocumentsBucket"
  | "DocumentsBucket/*"
  | "TemplatesBucket/*"
  | "OrderCreationQueue"
  | "InvoiceQueue"
  | "InternalNotificationQueue"
  | "CustomerNotificationQueue"
  | "OrderCreationDLQ"
  | "InvoiceDLQ"
  | "InternalNotificationDLQ"
  | "CustomerNotificationDLQ"
  | "OrderChangesDLQ"
  | "mail";

export type Grant = { on: Target; actions: readonly string[] };

const receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"] as const;
const send = ["sqs:SendMessage"] as const;
const readStream = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"] as const;
const sendMail = ["ses:SendEmail", "ses:SendRawEmail"] as const;

export const permissions: Record<FunctionName, readonly Grant[]> = {
  CreateOrder: [
    { on: "OrdersTable", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] },
    { on: "OrderCreationQueue", actions: send },
  ],
  GetOrder: [
    { on: "OrdersTable", actions: ["dynamodb:GetItem"] },
    { on: "OrdersTable/OrderByIdIndex", actions: ["dynamodb:Query"] },
    { on: "DocumentsBucket/*", actions: ["s3:GetObject"] },
  ],
  ListOrders: [{ on: "OrdersTable/OrdersByDateIndex", actions: ["dynamodb:Query"] }],
  UpdateOrder: [
    { on: "OrdersTable", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] },
    { on: "OrdersTable/OrderByIdIndex", actions: ["dynamodb:Query"] },
  ],
  OrderCreatorRecord: [
    {
      on: "OrdersTable",
      actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    },
    { on: "OrderCreationQueue", actions: receive },
    { on: "OrderCreationDLQ", actions: send },
  ],
  OrderPDFCreator: [
    { on: "OrdersTable", actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"] },
    { on: "DocumentsBucket/*", actions: ["s3:GetObject", "s3:PutObject"] },
    // Without ListBucket S3 answers 403, not 404, for a key that is not there yet.
    { on: "DocumentsBucket", actions: ["s3:ListBucket"] },
    { on: "InvoiceQueue", actions: receive },
    { on: "InvoiceDLQ", actions: send },
  ],
  OrderInternalNotificationSender: [
    { on: "OrdersTable", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] },
    { on: "TemplatesBucket/*", actions: ["s3:GetObject"] },
    { on: "mail", actions: sendMail },
    { on: "InternalNotificationQueue", actions: receive },
    { on: "InternalNotificationDLQ", actions: send },
  ],
  CustomerOrderConfirmationSender: [
    { on: "OrdersTable", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] },
    { on: "TemplatesBucket/*", actions: ["s3:GetObject"] },
    { on: "DocumentsBucket/*", actions: ["s3:GetObject"] },
    { on: "mail", actions: sendMail },
    { on: "CustomerNotificationQueue", actions: receive },
    { on: "CustomerNotificationDLQ", actions: send },
  ],
  OrderChangeRouter: [
    { on: "OrdersTable/stream", actions: readStream },
    { on: "InvoiceQueue", actions: send },
    { on: "InternalNotificationQueue", actions: send },
    { on: "CustomerNotificationQueue", actions: send },
    { on: "OrderChangesDLQ", actions: send },
  ],
  OrderExpirer: [
    { on: "OrdersTable", actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"] },
    { on: "OrdersTable/stream", actions: readStream },
    { on: "OrderChangesDLQ", actions: send },
  ],
};

/** Denied to every function where `stage.protect`: orders and documents are never deleted by the service. */
export const deniedWhereProtected: readonly Grant[] = [
  { on: "OrdersTable", actions: ["dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLDelete"] },
  { on: "DocumentsBucket/*", actions: ["s3:DeleteObject", "s3:DeleteObjectVersion"] },
];
