/** Alarm topics with their subscribers, the alarms, the budget and the two dashboards. */
import { type Alarm, API_ID, alarmName, alarmsOf, type Metric } from "./alarms.ts";
import { api } from "./api.ts";
import { stage, stageName } from "./context.ts";
import { businessDashboard, resourceDashboard } from "./dashboards.ts";
import { type AlarmSeverity, alarmSeverities, alarmTopicName } from "./settings.ts";
import { createTopic } from "./topics.ts";

const alarms = alarmsOf(stageName, stage);
const listened = stage.alarmRecipients.length > 0;

/** One topic per severity; none where nobody listens. */
export const alarmTopics: Partial<Record<AlarmSeverity, sst.aws.SnsTopic>> = listened
  ? Object.fromEntries(alarmSeverities.map((severity) => [severity, createAlarmTopic(severity)]))
  : {};

const apiId = api.nodes.api.id;
for (const alarm of alarms) createAlarm(alarm);
if (stage.budgetUsd !== undefined) createBudget(stage.budgetUsd);
if (stage.fullMonitoring) createDashboards();

function createAlarmTopic(severity: AlarmSeverity) {
  const component = severity === "critical" ? "CriticalAlerts" : "WarningAlerts";
  const topic = createTopic(component, alarmTopicName(severity, stageName), "cloudwatch.amazonaws.com");
  stage.alarmRecipients.forEach((recipient, i) => {
    new aws.sns.TopicSubscription(`${component}Subscription${i + 1}`, { topic: topic.arn, protocol: "email", endpoint: recipient });
  });
  return topic;
}

function createAlarm(alarm: Alarm) {
  const topic = alarmTopics[alarm.severity]!.arn;
  new aws.cloudwatch.MetricAlarm(`Alarm-${alarm.kind}-${alarm.subject}`, {
    name: alarmName(alarm, stageName),
    alarmDescription: `${alarm.severity}: see "${alarm.kind}" in the runbooks`,
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: alarm.evaluationPeriods,
    threshold: alarm.threshold,
    treatMissingData: "notBreaching",
    alarmActions: [topic],
    okActions: [topic],
    ...measureOf(alarm),
  });
}

function measureOf(alarm: Alarm) {
  if ("metric" in alarm) {
    const { metric } = alarm;
    return {
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: dimensionsOf(metric),
      period: alarm.period,
      ...(metric.stat.startsWith("p") ? { extendedStatistic: metric.stat } : { statistic: metric.stat }),
    };
  }
  return {
    metricQueries: [
      { id: "measured", expression: alarm.expression, label: alarm.kind, returnData: true },
      ...Object.entries(alarm.metrics).map(([id, metric]) => ({
        id,
        returnData: false,
        metric: {
          namespace: metric.namespace,
          metricName: metric.name,
          dimensions: dimensionsOf(metric),
          period: alarm.period,
          stat: metric.stat,
        },
      })),
    ],
  };
}

function dimensionsOf(metric: Metric): Record<string, $util.Input<string>> {
  return Object.fromEntries(Object.entries(metric.dimensions).map(([name, value]) => [name, value === API_ID ? apiId : value]));
}

/**
 * The whole account's month: a budget over a cost tag sees nothing until somebody activates the tag. By e-mail, because
 * Budgets cannot publish to a topic in a region that the account opted in to.
 */
function createBudget(usd: number) {
  const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    comparisonOperator: "GREATER_THAN",
    subscriberEmailAddresses: stage.alarmRecipients,
  });
  new aws.budgets.Budget("Budget", {
    name: `bbws-order-${stageName}`,
    budgetType: "COST",
    limitAmount: String(usd),
    limitUnit: "USD",
    timeUnit: "MONTHLY",
    notifications: [notify("ACTUAL", 80), notify("FORECASTED", 100)],
  });
}

function createDashboards() {
  new aws.cloudwatch.Dashboard("BusinessDashboard", {
    dashboardName: `bbws-order-${stageName}-business`,
    dashboardBody: JSON.stringify(businessDashboard(stage)),
  });
  new aws.cloudwatch.Dashboard("ResourceDashboard", {
    dashboardName: `bbws-order-${stageName}-resources`,
    dashboardBody: apiId.apply((id) => JSON.stringify(resourceDashboard(stageName, stage, id))),
  });
}
