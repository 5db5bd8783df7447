import { readFileSync } from "node:fs";
import type { Standing } from "./report.ts";
import type { Workload } from "./workload.ts";

const file = (path: string) => new URL(path, import.meta.url);

export const WORKLOAD = file("workload.json");
export const DOCUMENT = file("../../../docs/cost.md");

/** The committed measurement. */
export const readWorkload = () => JSON.parse(readFileSync(WORKLOAD, "utf8")) as Workload;

/** What the committed plan of production makes that costs by its number. */
export function standing(): Standing {
  const plan = Object.keys(JSON.parse(readFileSync(file("../../infra/plans/prod.json"), "utf8")) as object);
  const count = (type: string) => plan.filter((name) => name.startsWith(`aws:cloudwatch/${type} `)).length;
  // Those of packages/functions/src/runtime/metrics.ts.
  return { alarms: count("metricAlarm:MetricAlarm"), dashboards: count("dashboard:Dashboard"), customMetrics: 10 };
}
