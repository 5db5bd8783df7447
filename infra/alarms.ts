/**
 * Every alarm of a stage as a table: what is measured, and when it is too much. Pure data; `monitoring.ts` creates it,
 * the tests check each metric against those that exist, and each kind has its section in a runbook.
 *
 * Sums and maxima, never averages of sparse metrics; a missing datum is no breach, because an idle service sends none.
 */
import { routes } from "../packages/functions/src/api/routes.ts";
import {
  type AlarmSeverity,
  businessMetrics,
  changesDeadLetterQueueName,
  deadLetterQueueName,
  deadLetterQueueOf,
  type FunctionName,
  functionName,
  functions,
  mailEventsTopic,
  metricsDimensions,
  metricsNamespace,
  type QueueName,
  queueName,
  queues,
  type StreamReaderName,
  streamReaders,
  table,
} from "./settings.ts";
import type { Stage } from "./stage.ts";

/** Stands for the API's id, which is known only once it exists. */
export const API_ID = "{ApiId}";

export type Metric = { namespace: string; name: string; dimensions: Record<string, string>; stat: string };

export type Alarm = {
  /** What kind of trouble; the heading of its section in the runbooks. */
  kind: string;
  /** Which resource, by component name. */
  subject: string;
  severity: AlarmSeverity;
  /** Seconds; CloudWatch evaluates one datum per period. */
  period: number;
  evaluationPeriods: number;
  /** Breached when greater than this. */
  threshold: number;
} & ({ metric: Metric } | { expression: string; metrics: Record<string, Metric> });

const minute = 60;

const queueNames = Object.keys(queues) as QueueName[];
const functionNames = Object.keys(functions) as FunctionName[];
const streamReaderNames = Object.keys(streamReaders) as StreamReaderName[];

/** Physical name of an alarm. */
export const alarmName = (alarm: Pick<Alarm, "kind" | "subject">, stageName: string) =>
  `bbws-order-${stageName}-${alarm.kind}-${alarm.subject}`;

/** All alarms of a stage: none where nobody listens, dead letters only where the stage asks for no more. */
export function alarmsOf(stageName: string, stage: Stage): Alarm[] {
  if (stage.alarmRecipients.length === 0) return [];
  if (!stage.fullMonitoring) return deadLetters(stageName);
  return [
    ...deadLetters(stageName),
    ...queueTrouble(stageName),
    ...functionTrouble(stageName),
    ...streamTrouble(stageName),
    ...apiTrouble(),
    ...tableTrouble(stageName, stage),
    ...mailTrouble(stageName),
    ...businessTrouble(),
  ];
}

function deadLetters(stageName: string): Alarm[] {
  const named = [
    ...queueNames.map((queue) => [deadLetterQueueOf(queue), deadLetterQueueName(queue, stageName)] as const),
    ["OrderChangesDLQ", changesDeadLetterQueueName(stageName)] as const,
  ];
  return named.map(([subject, physical]) => ({
    kind: "dead-letters",
    subject,
    severity: "critical",
    period: minute,
    evaluationPeriods: 1,
    threshold: 0,
    metric: sqs("ApproximateNumberOfMessagesVisible", physical),
  }));
}

function queueTrouble(stageName: string): Alarm[] {
  return queueNames.flatMap((subject) => [
    {
      kind: "queue-age",
      subject,
      severity: "critical" as const,
      period: minute,
      evaluationPeriods: 1,
      threshold: 300,
      metric: sqs("ApproximateAgeOfOldestMessage", queueName(subject, stageName)),
    },
    {
      kind: "queue-backlog",
      subject,
      severity: "warning" as const,
      period: minute,
      evaluationPeriods: 1,
      threshold: 1000,
      metric: sqs("ApproximateNumberOfMessagesVisible", queueName(subject, stageName)),
    },
  ]);
}

function functionTrouble(stageName: string): Alarm[] {
  return functionNames.flatMap((subject) => [
    {
      kind: "function-errors",
      subject,
      severity: "critical" as const,
      period: 5 * minute,
      evaluationPeriods: 1,
      threshold: 0,
      // More than three, and more than one call in twenty: neither a lone error at night nor a trickle under load pages.
      expression: "IF(errors > 3 AND 100 * errors / calls > 5, 1, 0)",
      metrics: { errors: lambda("Errors", subject, stageName, "Sum"), calls: lambda("Invocations", subject, stageName, "Sum") },
    },
    {
      kind: "function-slow",
      subject,
      severity: "warning" as const,
      period: 5 * minute,
      evaluationPeriods: 1,
      threshold: 0.8 * functions[subject].timeoutSeconds * 1000,
      metric: lambda("Duration", subject, stageName, "p95"),
    },
    {
      kind: "function-throttled",
      subject,
      severity: "warning" as const,
      period: 5 * minute,
      evaluationPeriods: 1,
      threshold: 0,
      metric: lambda("Throttles", subject, stageName, "Sum"),
    },
  ]);
}

function streamTrouble(stageName: string): Alarm[] {
  return streamReaderNames.map((subject) => ({
    kind: "stream-age",
    subject,
    severity: "critical",
    period: minute,
    evaluationPeriods: 1,
    threshold: 60 * 1000,
    metric: lambda("IteratorAge", subject, stageName, "Maximum"),
  }));
}

function apiTrouble(): Alarm[] {
  const rate = (kind: string, status: "4xx" | "5xx", percent: number, severity: AlarmSeverity, floor: number): Alarm => ({
    kind,
    subject: "Api",
    severity,
    period: 5 * minute,
    evaluationPeriods: 1,
    threshold: percent,
    expression: `IF(requests >= ${floor}, 100 * errors / requests, 0)`,
    metrics: { errors: api(status, "Sum"), requests: api("Count", "Sum") },
  });
  const create = routes.filter((route) => route.function === "CreateOrder");
  return [
    rate("api-5xx", "5xx", 1, "critical", 1),
    // One mistyped call at night is no trouble: a rate of client errors needs enough calls to be one.
    rate("api-4xx", "4xx", 5, "warning", 20),
    {
      kind: "api-slow",
      subject: "Api",
      severity: "warning",
      period: 5 * minute,
      evaluationPeriods: 1,
      threshold: 3000,
      metric: api("Latency", "p95"),
    },
    ...create.map(
      (route): Alarm => ({
        kind: "create-slow",
        subject: route.auth === "token" ? "TenantCreate" : "GuestCreate",
        severity: "warning",
        period: 5 * minute,
        evaluationPeriods: 1,
        threshold: 300,
        metric: {
          ...api("Latency", "p95"),
          dimensions: { ApiId: API_ID, Stage: "$default", Method: route.method, Resource: route.path },
        },
      }),
    ),
  ];
}

/** Table calls of all functions; ThrottledRequests and SystemErrors exist only per operation. */
const tableOperations = ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "Query", "TransactWriteItems"] as const;

function tableTrouble(stageName: string, stage: Stage): Alarm[] {
  const tableName = table.physical(stage.recoveryOf ?? stageName);
  const perOperation = (kind: string, metricName: string): Alarm => ({
    kind,
    subject: "OrdersTable",
    severity: "critical",
    period: 5 * minute,
    evaluationPeriods: 1,
    threshold: 0,
    expression: tableOperations.map((_, i) => `FILL(m${i}, 0)`).join(" + "),
    metrics: Object.fromEntries(
      tableOperations.map((operation, i) => [`m${i}`, dynamodb(metricName, { TableName: tableName, Operation: operation }, "Sum")]),
    ),
  });
  const alarms: Alarm[] = [
    perOperation("table-throttled", "ThrottledRequests"),
    perOperation("table-errors", "SystemErrors"),
    ...Object.keys(table.indexes).map(
      (index): Alarm => ({
        kind: "index-throttled",
        subject: index,
        severity: "critical",
        period: 5 * minute,
        evaluationPeriods: 1,
        threshold: 0,
        metric: dynamodb("WriteThrottleEvents", { TableName: tableName, GlobalSecondaryIndexName: index }, "Sum"),
      }),
    ),
  ];
  if (!stage.recoveryRegion) return alarms;
  return [
    ...alarms,
    {
      kind: "replication-slow",
      subject: "OrdersTable",
      severity: "warning",
      period: minute,
      evaluationPeriods: 5,
      threshold: 5000,
      metric: dynamodb("ReplicationLatency", { TableName: tableName, ReceivingRegion: stage.recoveryRegion }, "Maximum"),
    },
  ];
}

function mailTrouble(stageName: string): Alarm[] {
  const reputation = (kind: string, name: string, threshold: number): Alarm => ({
    kind,
    subject: "Mail",
    severity: "critical",
    period: 15 * minute,
    evaluationPeriods: 1,
    threshold,
    metric: { namespace: "AWS/SES", name, dimensions: {}, stat: "Maximum" },
  });
  return [
    reputation("mail-bounces", "Reputation.BounceRate", 0.05),
    reputation("mail-complaints", "Reputation.ComplaintRate", 0.001),
    {
      kind: "mail-events",
      subject: "MailEvents",
      severity: "warning",
      period: 15 * minute,
      evaluationPeriods: 1,
      threshold: 5,
      metric: {
        namespace: "AWS/SNS",
        name: "NumberOfMessagesPublished",
        dimensions: { TopicName: mailEventsTopic(stageName) },
        stat: "Sum",
      },
    },
  ];
}

function businessTrouble(): Alarm[] {
  const any = (kind: string, subject: string, severity: AlarmSeverity, name: string): Alarm => ({
    kind,
    subject,
    severity,
    period: minute,
    evaluationPeriods: 1,
    threshold: 0,
    metric: { namespace: metricsNamespace, name, dimensions: { ...metricsDimensions }, stat: "Sum" },
  });
  return [
    any("payment-for-dead-order", "UpdateOrder", "critical", businessMetrics.paymentForDeadOrder),
    any("template-fallback", "Mail", "warning", businessMetrics.templateFallback),
    any("mail-refused", "Mail", "warning", businessMetrics.mailsRefused),
  ];
}

function sqs(name: string, queue: string): Metric {
  return { namespace: "AWS/SQS", name, dimensions: { QueueName: queue }, stat: "Maximum" };
}

function lambda(name: string, subject: FunctionName, stageName: string, stat: string): Metric {
  return { namespace: "AWS/Lambda", name, dimensions: { FunctionName: functionName(subject, stageName) }, stat };
}

function api(name: string, stat: string): Metric {
  return { namespace: "AWS/ApiGateway", name, dimensions: { ApiId: API_ID }, stat };
}

function dynamodb(name: string, dimensions: Record<string, string>, stat: string): Metric {
  return { namespace: "AWS/DynamoDB", name, dimensions, stat };
}
