/**
 * The CloudWatch metrics that exist, by namespace, with the sets of dimensions AWS writes them under. From the services'
 * documentation, not from our alarms: an alarm on anything else is an alarm that cannot fire.
 */
import { businessMetrics, metricsDimensions, metricsNamespace } from "../../infra/settings.ts";

type Dimensions = readonly string[];

export const existingMetrics: Record<string, Record<string, readonly Dimensions[]>> = {
  "AWS/SQS": {
    ApproximateNumberOfMessagesVisible: [["QueueName"]],
    ApproximateAgeOfOldestMessage: [["QueueName"]],
    ApproximateNumberOfMessagesNotVisible: [["QueueName"]],
  },
  "AWS/Lambda": {
    Invocations: [["FunctionName"], ["FunctionName", "Resource"]],
    Errors: [["FunctionName"], ["FunctionName", "Resource"]],
    Throttles: [["FunctionName"], ["FunctionName", "Resource"]],
    Duration: [["FunctionName"], ["FunctionName", "Resource"]],
    IteratorAge: [["FunctionName"], ["FunctionName", "Resource"]],
  },
  // HTTP APIs write 4xx and 5xx; 4XXError and 5XXError are REST APIs'. Method and Resource need detailed metrics.
  "AWS/ApiGateway": Object.fromEntries(
    ["Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"].map((name) => [
      name,
      [["ApiId"], ["ApiId", "Stage"], ["ApiId", "Method", "Resource", "Stage"]],
    ]),
  ),
  "AWS/DynamoDB": {
    ThrottledRequests: [["Operation", "TableName"]],
    SystemErrors: [["Operation", "TableName"]],
    ReadThrottleEvents: [["TableName"], ["GlobalSecondaryIndexName", "TableName"]],
    WriteThrottleEvents: [["TableName"], ["GlobalSecondaryIndexName", "TableName"]],
    ConsumedReadCapacityUnits: [["TableName"], ["GlobalSecondaryIndexName", "TableName"]],
    ConsumedWriteCapacityUnits: [["TableName"], ["GlobalSecondaryIndexName", "TableName"]],
    ReplicationLatency: [["ReceivingRegion", "TableName"]],
  },
  "AWS/SES": { "Reputation.BounceRate": [[]], "Reputation.ComplaintRate": [[]] },
  "AWS/SNS": { NumberOfMessagesPublished: [["TopicName"]] },
  [metricsNamespace]: Object.fromEntries(Object.values(businessMetrics).map((name) => [name, [Object.keys(metricsDimensions)]])),
};

/** True when AWS writes this metric under exactly these dimensions. */
export function metricExists(namespace: string, name: string, dimensions: Record<string, string>): boolean {
  const sets = existingMetrics[namespace]?.[name] ?? [];
  const asked = Object.keys(dimensions).sort().join();
  return sets.some((set) => [...set].sort().join() === asked);
}
