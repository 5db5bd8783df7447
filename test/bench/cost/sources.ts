import { readFileSync } from "node:fs";
import { businessMetrics } from "../../../infra/settings.ts";
import { existingMetrics } from "../../infra/metrics.ts";
import type { Standing } from "./report.ts";
import type { Workload } from "./workload.ts";

const file = (path: string) => new URL(path, import.meta.url);

export const WORKLOAD = file("workload.json");
export const DOCUMENT = file("../../../docs/cost.md");

/** The committed measurement. */
export const readWorkload = () => JSON.parse(readFileSync(WORKLOAD, "utf8")) as Workload;

/** The committed plan of production: the inputs of each resource, by its type and name. */
export type Plan = Record<string, { metricQueries?: { metric?: object }[] }>;

export const readPlan = () => JSON.parse(readFileSync(file("../../infra/plans/prod.json"), "utf8")) as Plan;

/** What a plan makes that costs by its number, and the metrics that its functions and its API write, at most. */
export function standingOf(plan: Plan): Standing {
  const ofType = (type: string) => Object.entries(plan).flatMap(([name, inputs]) => (name.startsWith(`aws:${type} `) ? [inputs] : []));
  const alarms = ofType("cloudwatch/metricAlarm:MetricAlarm");
  return {
    alarms: alarms.length,
    alarmMetrics: alarms.reduce((sum, { metricQueries }) => sum + (metricQueries?.filter(({ metric }) => metric).length ?? 1), 0),
    dashboards: ofType("cloudwatch/dashboard:Dashboard").length,
    businessMetrics: Object.keys(businessMetrics).length,
    // The API's detailed metrics, which its alarms on a single route need.
    routeMetrics: ofType("apigatewayv2/route:Route").length * Object.keys(existingMetrics["AWS/ApiGateway"]!).length,
  };
}

export const standing = () => standingOf(readPlan());
