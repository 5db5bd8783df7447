/**
 * Every knob of every function, queue and bucket, in one place. Pure data: `infra/` deploys it, the one-machine stack
 * imitates it, the tests assert it.
 */
import type { Stage } from "./stage.ts";

/**
 * One entry per Lambda function; the key is its component name, its physical name is `bbws-order-{stage}-{key}`.
 *
 * Memory buys processor time (1 769 MB are one core), and that decides: with its heaviest event (a full batch, orders of 50
 * lines, payments with their documents; a create of all four products) a fresh process peaks at 79 to 119 MB, with five documents
 * at 148 MB, and 500 documents more add 2 MB. That event takes one core 0.04 to 0.3 s, five documents 0.5 s; a warm one of a
 * single order 5 to 18 ms, a mail 40 and a document 53 ms with the emulators beside it (`heaviest.*`, `stack.duration.*` and
 * `render.heap` of test/bench/README.md, 2026-11-24). So a document gets 0.58 of a core (1 024 MB); where somebody waits, and
 * for mails, 0.29 (512 MB); the readers of the stream, whose event is the lightest, 0.15 (256 MB, twice their peak and more).
 *
 * A time-out lets what hangs be given up and told first: a call of AWS's clients ends after 2.5 s and is made three times at
 * most, 7.5 s in all (SES's after 15 s, once: `runtime/aws.ts`). An API function tells of one such call in 10 s; UpdateOrder,
 * which then looks whether its write was made, in 15; both before the gateway's 30 s. A consumer waits for SES's 15 s or for two
 * hanging calls, and has 30; for five documents, with 0.58 of a core and three calls each, 60. With its share of a core the
 * heaviest batch takes 3 % of its time-out, the longest list a tenth: a core of half the speed is no danger.
 */
export const functions = {
  CreateOrder: { handler: "packages/functions/src/api/create-order.handler", timeoutSeconds: 10, memoryMb: 512 },
  GetOrder: { handler: "packages/functions/src/api/get-order.handler", timeoutSeconds: 10, memoryMb: 512 },
  ListOrders: { handler: "packages/functions/src/api/list-orders.handler", timeoutSeconds: 10, memoryMb: 512 },
  UpdateOrder: { handler: "packages/functions/src/api/update-order.handler", timeoutSeconds: 15, memoryMb: 512 },
  OrderCreatorRecord: { handler: "packages/functions/src/consumers/order-creator-record.handler", timeoutSeconds: 30, memoryMb: 512 },
  OrderPDFCreator: { handler: "packages/functions/src/consumers/order-pdf-creator.handler", timeoutSeconds: 60, memoryMb: 1024 },
  OrderInternalNotificationSender: {
    handler: "packages/functions/src/consumers/internal-notification-sender.handler",
    timeoutSeconds: 30,
    memoryMb: 512,
  },
  CustomerOrderConfirmationSender: {
    handler: "packages/functions/src/consumers/customer-confirmation-sender.handler",
    timeoutSeconds: 30,
    memoryMb: 512,
  },
  OrderChangeRouter: { handler: "packages/functions/src/consumers/order-change-router.handler", timeoutSeconds: 30, memoryMb: 256 },
  OrderExpirer: { handler: "packages/functions/src/consumers/order-expirer.handler", timeoutSeconds: 30, memoryMb: 256 },
} as const satisfies Record<string, { handler: string; timeoutSeconds: number; memoryMb: number }>;

export type FunctionName = keyof typeof functions;

/** Physical name of a function; its log group is `/aws/lambda/{name}`. */
export const functionName = (name: FunctionName, stage: string) => `bbws-order-${stage}-${name}`;

/** The work queues. Visibility is six times the consumer's timeout, as Lambda asks for SQS sources. */
export const queues = {
  OrderCreationQueue: {
    physical: "bbws-order-creation",
    consumer: "OrderCreatorRecord",
    batchSize: 10,
    maxConcurrency: 5,
    maxReceives: 10,
  },
  InvoiceQueue: { physical: "bbws-order-pdf", consumer: "OrderPDFCreator", batchSize: 5, maxConcurrency: 10, maxReceives: 10 },
  InternalNotificationQueue: {
    physical: "bbws-order-internal-notify",
    consumer: "OrderInternalNotificationSender",
    batchSize: 10,
    maxConcurrency: 5,
    maxReceives: 10,
  },
  CustomerNotificationQueue: {
    physical: "bbws-order-customer-notify",
    consumer: "CustomerOrderConfirmationSender",
    batchSize: 10,
    maxConcurrency: 5,
    maxReceives: 10,
  },
} as const satisfies Record<
  string,
  { physical: string; consumer: FunctionName; batchSize: number; maxConcurrency: number; maxReceives: number }
>;

export type QueueName = keyof typeof queues;

/** The queue whose consumer numbers what it records. */
export const numberingQueue: QueueName = "OrderCreationQueue";

/** Component name of a work queue's dead-letter queue, e.g. `InvoiceDLQ`. */
export const deadLetterQueueOf = (queue: QueueName) => `${queue.replace(/Queue$/, "")}DLQ` as const;

/** What the stream functions could not handle. */
export const changesDeadLetterQueue = { component: "OrderChangesDLQ", physical: "bbws-order-changes-dlq" } as const;

export const queueName = (queue: QueueName, stage: string) => `${queues[queue].physical}-${stage}`;
export const deadLetterQueueName = (queue: QueueName, stage: string) => `${queues[queue].physical}-dlq-${stage}`;
export const changesDeadLetterQueueName = (stage: string) => `${changesDeadLetterQueue.physical}-${stage}`;

/** Physical name of every queue of a stage, work queues and dead-letter queues alike, by component name. */
export function physicalQueues(stage: string): Record<string, string> {
  const names = Object.keys(queues) as QueueName[];
  return Object.fromEntries([
    ...names.map((queue) => [queue, queueName(queue, stage)]),
    ...names.map((queue) => [deadLetterQueueOf(queue), deadLetterQueueName(queue, stage)]),
    [changesDeadLetterQueue.component, changesDeadLetterQueueName(stage)],
  ]);
}

/** Seconds a received message stays hidden. */
export const visibilitySeconds = (queue: QueueName) => 6 * functions[queues[queue].consumer].timeoutSeconds;

export const queueDefaults = { longPollSeconds: 20, deadLetterRetentionDays: 14 } as const;

/** The two readers on the table's stream, with the event filters that keep technical items from waking anybody. */
export const streamReaders = {
  OrderChangeRouter: {
    batchSize: 25,
    parallelization: 2,
    retries: 10,
    filters: [{ eventName: ["INSERT", "MODIFY"], dynamodb: { Keys: { SK: { S: [{ prefix: "ORDER#" }] } } } }],
  },
  OrderExpirer: {
    batchSize: 10,
    parallelization: 1,
    retries: 10,
    filters: [{ eventName: ["REMOVE"], dynamodb: { Keys: { SK: { S: ["EXPIRY"] } } } }],
  },
} as const;

export type StreamReaderName = keyof typeof streamReaders;

/** The one table: key attributes, its two indexes (both project everything), and the TTL attribute of technical items. */
export const table = {
  component: "OrdersTable",
  physical: (stage: string) => `bbws-customer-portal-orders-${stage}`,
  partitionKey: "PK",
  sortKey: "SK",
  indexes: {
    OrdersByDateIndex: { partitionKey: "GSI1_PK", sortKey: "GSI1_SK" },
    OrderByIdIndex: { partitionKey: "GSI2_PK", sortKey: "GSI2_SK" },
  },
  timeToLive: "expiresAt",
} as const;

export const buckets = {
  DocumentsBucket: { physical: (stage: string) => `bbws-orders-${stage}` },
  TemplatesBucket: { physical: (stage: string) => `bbws-order-templates-${stage}` },
} as const;

/** Physical name of every bucket of a named stage by component name. */
export const physicalBuckets = (stage: string): Record<string, string> =>
  Object.fromEntries(Object.entries(buckets).map(([component, bucket]) => [component, bucket.physical(stage)]));

/** What browsers may send to the API and read from its answers; the origins are the stage's. Never credentials. */
export const cors = {
  methods: ["GET", "POST", "PUT"],
  requestHeaders: ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-correlation-id"],
  responseHeaders: ["Location", "ETag", "Retry-After", "X-Request-Id", "Idempotent-Replayed"],
  maxAgeSeconds: 3600,
} as const;

/** Secrets (`sst secret set`): the key that signs links and page tokens, and the one before it during a rotation. */
export const secrets = ["LinkSigningKey", "PreviousLinkSigningKey"] as const;

/** What each function is linked to: only these resources are readable through `Resource` in it. */
export const links = {
  CreateOrder: ["OrdersTable", "OrderCreationQueue", "LinkSigningKey", "PreviousLinkSigningKey"],
  GetOrder: ["OrdersTable", "DocumentsBucket", "LinkSigningKey", "PreviousLinkSigningKey"],
  ListOrders: ["OrdersTable", "LinkSigningKey", "PreviousLinkSigningKey"],
  UpdateOrder: ["OrdersTable"],
  OrderCreatorRecord: ["OrdersTable", "OrderCreationQueue", "OrderCreationDLQ"],
  OrderPDFCreator: ["OrdersTable", "DocumentsBucket", "InvoiceQueue", "InvoiceDLQ"],
  OrderInternalNotificationSender: ["OrdersTable", "TemplatesBucket", "InternalNotificationQueue", "InternalNotificationDLQ"],
  CustomerOrderConfirmationSender: [
    "OrdersTable",
    "DocumentsBucket",
    "TemplatesBucket",
    "CustomerNotificationQueue",
    "CustomerNotificationDLQ",
    "LinkSigningKey",
    "PreviousLinkSigningKey",
  ],
  OrderChangeRouter: ["InvoiceQueue", "InternalNotificationQueue", "CustomerNotificationQueue", "OrderChangesDLQ"],
  OrderExpirer: ["OrdersTable", "OrderChangesDLQ"],
} as const satisfies Record<FunctionName, readonly string[]>;

/**
 * How every function is bundled: esbuild as SST 3.19.3 calls it, with these additions. The deployed build, the
 * one-machine stack, the bundle tests and the benchmark all use this.
 */
export const bundling = {
  minify: true,
  sourcemap: true,
  /** Puts stand-ins where a package is never called; relative to the repository. */
  plugins: "infra/bundle-plugins.mjs",
  /** No code asks a function or a class for its name: errors carry theirs. */
  keepNames: false,
  define: { "process.env.NODE_ENV": '"production"' },
} as const;

/** Facts of a deployment that are known only once its resources exist. */
export type DeploymentFacts = {
  stageName: string;
  /** Public base URL of the API, without a trailing slash. */
  apiUrl: string;
  /** Commit or version that `/health` answers with. */
  version: string;
  configurationSet: string;
};

/** Lambda environment of one function: stage facts only; resources and secrets come by link. Validated at start by `runtime/config.ts`. */
export function functionEnvironment(name: FunctionName, stage: Stage, facts: DeploymentFacts): Record<string, string> {
  const common = {
    STAGE: facts.stageName,
    SERVICE_VERSION: facts.version,
    POWERTOOLS_SERVICE_NAME: "bbws-order",
    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
    POWERTOOLS_LOG_LEVEL: "INFO",
    NODE_OPTIONS: "--enable-source-maps",
  };
  const mail = {
    API_URL: facts.apiUrl,
    PORTAL_URL: stage.portalUrl,
    ADMIN_URL: stage.adminUrl,
    MAIL_REPLY_TO: stage.mail.replyTo,
    MAIL_ALLOW_LIST: stage.mail.allowList.join(","),
    MAIL_LEASE_SECONDS: String(functions[name].timeoutSeconds + 5),
    TEMPLATE_CACHE_SECONDS: "300",
    SES_CONFIGURATION_SET: facts.configurationSet,
    SUPPLIER: JSON.stringify(stage.supplier),
  };
  switch (name) {
    case "CreateOrder":
      return {
        ...common,
        TOKEN_ISSUER: stage.token.issuer,
        TOKEN_AUDIENCES: stage.token.audiences.join(","),
        GUEST_ORDERS_PER_HOUR: String(stage.guestOrdersPerHour),
        CATALOGUE_URL: stage.catalogueUrl,
        CAMPAIGN_URL: stage.campaignUrl,
      };
    case "UpdateOrder":
      return { ...common, STANDS_BY: stage.active ? "no" : "yes" };
    case "OrderPDFCreator":
      return { ...common, SUPPLIER: JSON.stringify(stage.supplier) };
    case "OrderInternalNotificationSender":
      return { ...common, ...mail, MAIL_FROM: stage.mail.internalFrom, INTERNAL_RECIPIENTS: stage.mail.internalRecipients.join(",") };
    case "CustomerOrderConfirmationSender":
      return { ...common, ...mail, MAIL_FROM: stage.mail.from };
    default:
      return common;
  }
}

export const mailConfigurationSet = (stage: string) => `bbws-order-${stage}`;
export const mailEventsTopic = (stage: string) => `bbws-order-mail-events-${stage}`;

export const alarmSeverities = ["critical", "warning"] as const;
export type AlarmSeverity = (typeof alarmSeverities)[number];
export const alarmTopicName = (severity: AlarmSeverity, stage: string) => `bbws-alerts-${stage}-${severity}`;

/** CloudWatch namespace of the business metrics. */
export const metricsNamespace = "BbwsOrder";

/** The business metrics' one dimension, as Powertools writes it. */
export const metricsDimensions = { service: "bbws-order" } as const;

/** The business metrics by name: the functions write them, the dashboard and the alarms read them. */
export const businessMetrics = {
  ordersAccepted: "OrdersAccepted",
  ordersRecorded: "OrdersRecorded",
  ordersPaid: "OrdersPaid",
  /** Rand. */
  revenue: "Revenue",
  documentsRendered: "DocumentsRendered",
  mailsSent: "MailsSent",
  mailsRefused: "MailsRefused",
  /** From acceptance to the confirmation's hand-over to SES, in ms. */
  endToEndLatency: "EndToEndLatency",
  paymentForDeadOrder: "PaymentForDeadOrder",
  templateFallback: "TemplateFallback",
} as const;
