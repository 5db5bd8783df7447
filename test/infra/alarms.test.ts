import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { businessMetrics } from "../../infra/settings.ts";
import { type Plan, planOf } from "./harness/plan.ts";
import { metricExists } from "./metrics.ts";

const alarmsOf = (plan: Plan) => plan.ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
type AlarmInputs = ReturnType<typeof alarmsOf>[number];

/** Every metric an alarm looks at, whether alone or in an expression. */
function metricsOf(alarm: AlarmInputs) {
  if (alarm.metricQueries) return alarm.metricQueries.flatMap(({ metric }) => (metric ? [{ ...metric, name: metric.metricName }] : []));
  return [
    {
      namespace: alarm.namespace!,
      name: alarm.metricName!,
      dimensions: alarm.dimensions ?? {},
      stat: alarm.statistic ?? alarm.extendedStatistic!,
      period: alarm.period!,
    },
  ];
}

/** The names that dimension values may hold: those of the plan's own resources. */
function namesIn(plan: Plan): Set<string> {
  return new Set([
    ...plan.ofType("aws:sqs/queue:Queue").map(({ inputs }) => inputs.name),
    ...plan.ofType("aws:lambda/function:Function").map(({ inputs }) => inputs.name),
    ...plan.ofType("aws:sns/topic:Topic").map(({ inputs }) => inputs.name),
    ...plan.ofType("aws:apigatewayv2/route:Route").flatMap(({ inputs }) => inputs.routeKey.split(" ")),
    ...["OrdersByDateIndex", "OrderByIdIndex", "bbws-order", "api123", "$default", "eu-west-1"],
    ...["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "Query", "TransactWriteItems"],
    `bbws-customer-portal-orders-${plan.stage.replace("-dr", "")}`,
  ]);
}

const watched = ["sit", "prod", "prod-dr"] as const;

describe.each(["dev", ...watched])("the alarms of %s", (stage) => {
  it("look at metrics that exist, under the dimensions AWS writes, of resources of this stage", async () => {
    const plan = await planOf(stage);
    const names = namesIn(plan);
    for (const alarm of alarmsOf(plan)) {
      for (const { namespace, name, dimensions = {} } of metricsOf(alarm)) {
        expect(metricExists(namespace, name, dimensions), `${alarm.name}: ${namespace} ${name} by ${Object.keys(dimensions).join()}`).toBe(
          true,
        );
        for (const value of Object.values(dimensions)) expect(names.has(value), `${alarm.name}: ${value}`).toBe(true);
      }
    }
  });

  it("never average, never wait for more than one datum where a single one is news, and take silence for health", async () => {
    for (const alarm of alarmsOf(await planOf(stage))) {
      expect(
        metricsOf(alarm).map(({ stat }) => stat),
        alarm.name,
      ).not.toContain("Average");
      expect([alarm.treatMissingData, alarm.comparisonOperator]).toEqual(["notBreaching", "GreaterThanThreshold"]);
      if (alarm.threshold === 0) expect(alarm.evaluationPeriods, alarm.name).toBe(1);
    }
  });

  it("go to the topic of their severity, whose every recipient is subscribed", async () => {
    const plan = await planOf(stage);
    const topics = plan.ofType("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs.topic);
    const arn = (severity: string) => `arn:aws:sns:${plan.app.providers.aws.region}:${plan.account}:bbws-alerts-${stage}-${severity}`;
    for (const alarm of alarmsOf(plan)) {
      const severity = alarm.alarmDescription.split(":")[0]!;
      expect(alarm.alarmActions, alarm.name).toEqual([arn(severity)]);
      expect(topics).toContain(arn(severity));
    }
  });

  it("may be published by CloudWatch", async () => {
    const plan = await planOf(stage);
    for (const name of ["CriticalAlertsPolicy", "WarningAlertsPolicy"]) {
      expect(JSON.parse(plan.get("aws:sns/topicPolicy:TopicPolicy", name).inputs.policy).Statement[0]).toMatchObject({
        Effect: "Allow",
        Action: "sns:Publish",
        Principal: { Service: "cloudwatch.amazonaws.com" },
      });
    }
  });

  it("watch every dead-letter queue for its first letter, within a minute", async () => {
    const plan = await planOf(stage);
    const letters = plan
      .ofType("aws:sqs/queue:Queue")
      .map(({ inputs }) => inputs.name)
      .filter((name) => name.includes("-dlq-"));
    const alarms = alarmsOf(plan).filter(({ name }) => name.includes("dead-letters"));
    expect(alarms.map(({ dimensions }) => dimensions!.QueueName!).sort()).toEqual(letters.sort());
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({ metricName: "ApproximateNumberOfMessagesVisible", statistic: "Maximum", period: 60, threshold: 0 });
      expect(alarm.alarmDescription).toMatch(/^critical/);
    }
  });
});

/** infra.md's list beyond dead letters: kind, how many, the measure, when it is too much. */
const expected = [
  ["queue-age", 4, "AWS/SQS ApproximateAgeOfOldestMessage Maximum", 300],
  ["queue-backlog", 4, "AWS/SQS ApproximateNumberOfMessagesVisible Maximum", 1000],
  ["function-errors", 10, "AWS/Lambda Errors Sum, AWS/Lambda Invocations Sum", 0],
  ["function-throttled", 10, "AWS/Lambda Throttles Sum", 0],
  ["stream-age", 2, "AWS/Lambda IteratorAge Maximum", 60_000],
  ["api-5xx", 1, "AWS/ApiGateway 5xx Sum, AWS/ApiGateway Count Sum", 1],
  ["api-4xx", 1, "AWS/ApiGateway 4xx Sum, AWS/ApiGateway Count Sum", 5],
  ["api-slow", 1, "AWS/ApiGateway Latency p95", 3000],
  ["create-slow", 2, "AWS/ApiGateway Latency p95", 300],
  ["index-throttled", 2, "AWS/DynamoDB WriteThrottleEvents Sum", 0],
  ["mail-bounces", 1, "AWS/SES Reputation.BounceRate Maximum", 0.05],
  ["mail-complaints", 1, "AWS/SES Reputation.ComplaintRate Maximum", 0.001],
  ["mail-events", 1, "AWS/SNS NumberOfMessagesPublished Sum", 5],
  ["payment-for-dead-order", 1, "BbwsOrder PaymentForDeadOrder Sum", 0],
  ["template-fallback", 1, "BbwsOrder TemplateFallback Sum", 0],
  ["mail-refused", 1, "BbwsOrder MailsRefused Sum", 0],
] as const;

describe.each(watched)("%s also watches", (stage) => {
  it.each(expected)("%s (%i alarms): %s over %d", async (kind, count, measure, threshold) => {
    const alarms = alarmsOf(await planOf(stage)).filter(({ name }) => name.startsWith(`bbws-order-${stage}-${kind}-`));
    expect(alarms).toHaveLength(count);
    for (const alarm of alarms) {
      expect(
        metricsOf(alarm)
          .map(({ namespace, name, stat }) => `${namespace} ${name} ${stat}`)
          .join(", "),
      ).toBe(measure);
      expect(alarm.threshold).toBe(threshold);
    }
  });

  it("functions that use over 80 % of their timeout", async () => {
    const plan = await planOf(stage);
    const alarms = alarmsOf(plan).filter(({ name }) => name.includes("function-slow"));
    expect(alarms).toHaveLength(10);
    for (const alarm of alarms) {
      const { timeout } = plan
        .ofType("aws:lambda/function:Function")
        .find(({ inputs }) => inputs.name === alarm.dimensions!.FunctionName)!.inputs;
      expect([alarm.extendedStatistic, alarm.threshold]).toEqual(["p95", 800 * timeout]);
    }
  });

  it("functions with more than three errors in five minutes that are more than one call in twenty", async () => {
    const alarms = alarmsOf(await planOf(stage)).filter(({ name }) => name.includes("function-errors"));
    for (const { metricQueries } of alarms) {
      expect(metricQueries!.find(({ returnData }) => returnData)!.expression).toBe("IF(errors > 3 AND 100 * errors / calls > 5, 1, 0)");
      expect(metricQueries!.flatMap(({ metric }) => (metric ? [metric.period] : []))).toEqual([300, 300]);
    }
  });

  it("throttled and failed table calls, of every operation the functions use", async () => {
    const alarms = alarmsOf(await planOf(stage)).filter(({ name }) => /table-(throttled|errors)/.test(name));
    expect(alarms).toHaveLength(2);
    for (const alarm of alarms) {
      const operations = metricsOf(alarm).map(({ dimensions }) => dimensions!.Operation);
      expect(operations).toEqual(["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "Query", "TransactWriteItems"]);
    }
  });
});

it("prod alone watches its replication", async () => {
  const slow = (plan: Plan) => alarmsOf(plan).filter(({ name }) => name.includes("replication-slow"));
  expect(slow(await planOf("sit"))).toEqual([]);
  expect(slow(await planOf("prod"))).toMatchObject([
    {
      metricName: "ReplicationLatency",
      threshold: 5000,
      dimensions: { TableName: "bbws-customer-portal-orders-prod", ReceivingRegion: "eu-west-1" },
    },
  ]);
});

it("dev has its dead letters' alarms and no others, a personal stage none", async () => {
  expect(alarmsOf(await planOf("dev"))).toHaveLength(5);
  expect(alarmsOf(await planOf("ada"))).toEqual([]);
});

it.each([
  ["dev", "500"],
  ["sit", "1000"],
  ["prod", "5000"],
])("%s warns at 80 %% spent and 100 %% forecast of $%s", async (stage, limit) => {
  const { limitAmount, limitUnit, notifications } = (await planOf(stage)).get("aws:budgets/budget:Budget", "Budget").inputs;
  expect([limitAmount, limitUnit]).toEqual([limit, "USD"]);
  expect(notifications.map(({ notificationType, threshold }) => [notificationType, threshold])).toEqual([
    ["ACTUAL", 80],
    ["FORECASTED", 100],
  ]);
  for (const notification of notifications) expect(notification.subscriberEmailAddresses).toHaveLength(1);
});

describe.each(watched)("the dashboards of %s", (stage) => {
  it("show the business and the resources, with metrics that exist", async () => {
    const plan = await planOf(stage);
    const dashboards = plan.ofType("aws:cloudwatch/dashboard:Dashboard").map(({ inputs }) => inputs);
    expect(dashboards.map(({ dashboardName }) => dashboardName).sort()).toEqual([
      `bbws-order-${stage}-business`,
      `bbws-order-${stage}-resources`,
    ]);
    for (const { dashboardBody } of dashboards) {
      const { widgets } = JSON.parse(dashboardBody) as {
        widgets: { properties: { title: string; region: string; metrics: string[][] } }[];
      };
      expect(widgets.length).toBeGreaterThanOrEqual(6);
      for (const { properties } of widgets) {
        expect(properties.region).toBe(plan.app.providers.aws.region);
        for (const [namespace, name, ...pairs] of properties.metrics) {
          const dimensions = Object.fromEntries(pairs.flatMap((key, i) => (i % 2 === 0 ? [[key, pairs[i + 1]!]] : [])));
          expect(metricExists(namespace!, name!, dimensions), `${properties.title}: ${namespace} ${name}`).toBe(true);
        }
      }
    }
  });
});

it("business metrics are named as the functions write them", () => {
  const source = readFileSync(path.join(import.meta.dirname, "../../packages/functions/src/runtime/metrics.ts"), "utf8");
  for (const name of Object.values(businessMetrics)) expect(source).toContain(`"${name}"`);
});
