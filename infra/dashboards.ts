/** The two dashboards as data: what the business asks, and what the machines do. Pure. */
import {
  businessMetrics,
  changesDeadLetterQueueName,
  deadLetterQueueName,
  type FunctionName,
  functionName,
  functions,
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

/** One line of a graph: namespace, metric, then dimension names and values in turn, as CloudWatch's dashboard body wants it. */
type Line = string[];
type Graph = { title: string; stat: string; lines: Line[]; unit?: string };

const width = 8;
const height = 6;
const perRow = 24 / width;

export function businessDashboard(stage: Pick<Stage, "region">) {
  const line = (name: string): Line => [metricsNamespace, name, ...Object.entries(metricsDimensions).flat()];
  return dashboard(stage.region, [
    {
      title: "Orders",
      stat: "Sum",
      lines: [line(businessMetrics.ordersAccepted), line(businessMetrics.ordersRecorded), line(businessMetrics.ordersPaid)],
    },
    { title: "Revenue (rand)", stat: "Sum", lines: [line(businessMetrics.revenue)] },
    { title: "Accepted to mailed (ms, p95)", stat: "p95", lines: [line(businessMetrics.endToEndLatency)] },
    { title: "Mails", stat: "Sum", lines: [line(businessMetrics.mailsSent), line(businessMetrics.mailsRefused)] },
    { title: "Documents", stat: "Sum", lines: [line(businessMetrics.documentsRendered)] },
    { title: "To look into", stat: "Sum", lines: [line(businessMetrics.paymentForDeadOrder), line(businessMetrics.templateFallback)] },
  ]);
}

export function resourceDashboard(stageName: string, stage: Pick<Stage, "region" | "recoveryOf">, apiId: string) {
  const functionNames = Object.keys(functions) as FunctionName[];
  const queueNames = Object.keys(queues) as QueueName[];
  const readers = Object.keys(streamReaders) as StreamReaderName[];
  const tableName = table.physical(stage.recoveryOf ?? stageName);
  const lambda = (name: string, subjects: FunctionName[]): Line[] =>
    subjects.map((subject) => ["AWS/Lambda", name, "FunctionName", functionName(subject, stageName)]);
  const sqs = (name: string, physical: string): Line => ["AWS/SQS", name, "QueueName", physical];
  const api = (name: string): Line => ["AWS/ApiGateway", name, "ApiId", apiId];
  const letters = [...queueNames.map((queue) => deadLetterQueueName(queue, stageName)), changesDeadLetterQueueName(stageName)];
  return dashboard(stage.region, [
    { title: "API calls", stat: "Sum", lines: [api("Count"), api("4xx"), api("5xx")] },
    { title: "API latency (p95)", stat: "p95", lines: [api("Latency"), api("IntegrationLatency")] },
    { title: "Function calls", stat: "Sum", lines: lambda("Invocations", functionNames) },
    { title: "Function errors", stat: "Sum", lines: lambda("Errors", functionNames) },
    { title: "Function duration (p95)", stat: "p95", lines: lambda("Duration", functionNames) },
    { title: "Function throttles", stat: "Sum", lines: lambda("Throttles", functionNames) },
    {
      title: "Queue depth",
      stat: "Maximum",
      lines: queueNames.map((queue) => sqs("ApproximateNumberOfMessagesVisible", queueName(queue, stageName))),
    },
    {
      title: "Oldest message (s)",
      stat: "Maximum",
      lines: queueNames.map((queue) => sqs("ApproximateAgeOfOldestMessage", queueName(queue, stageName))),
    },
    { title: "Dead letters", stat: "Maximum", lines: letters.map((name) => sqs("ApproximateNumberOfMessagesVisible", name)) },
    { title: "Stream age (ms)", stat: "Maximum", lines: lambda("IteratorAge", readers) },
    {
      title: "Table capacity",
      stat: "Sum",
      lines: ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"].map((name) => ["AWS/DynamoDB", name, "TableName", tableName]),
    },
    {
      title: "Mail reputation",
      stat: "Maximum",
      lines: [
        ["AWS/SES", "Reputation.BounceRate"],
        ["AWS/SES", "Reputation.ComplaintRate"],
      ],
    },
  ]);
}

function dashboard(region: string, graphs: Graph[]) {
  return {
    widgets: graphs.map((graph, i) => ({
      type: "metric",
      x: (i % perRow) * width,
      y: Math.floor(i / perRow) * height,
      width,
      height,
      properties: { title: graph.title, region, view: "timeSeries", stat: graph.stat, period: 300, metrics: graph.lines },
    })),
  };
}
