import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** Business metrics in CloudWatch's embedded metric format: one log line, no call. */
const metrics = new Metrics();

export type MetricName =
  | "OrdersAccepted"
  | "OrdersRecorded"
  | "OrdersPaid"
  | "Revenue"
  | "DocumentsRendered"
  | "MailsSent"
  | "MailsRefused"
  | "TemplateFallback"
  | "PaymentForDeadOrder"
  | "EndToEndLatency";

const units: Partial<Record<MetricName, (typeof MetricUnit)[keyof typeof MetricUnit]>> = {
  /** From acceptance to the confirmation's hand-over to SES, in ms. */
  EndToEndLatency: MetricUnit.Milliseconds,
  /** Rand. */
  Revenue: MetricUnit.NoUnit,
};

/** Counts something; flushed at the end of the invocation by `flushMetrics`. */
export function count(name: MetricName, value = 1): void {
  metrics.addMetric(name, units[name] ?? MetricUnit.Count, value);
}

export function flushMetrics(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
