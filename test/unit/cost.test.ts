import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { businessMetrics, functions, queues } from "../../infra/settings.ts";
import { concurrencyAt, costOf, monthOf, quotas, standingCost } from "../bench/cost/cost.ts";
import { markdown, reportOf } from "../bench/cost/report.ts";
import { DOCUMENT, readPlan, readWorkload, standing, standingOf } from "../bench/cost/sources.ts";

const workload = readWorkload();

describe("the cost of orders", () => {
  it("is the sum of its items, each of them something", () => {
    const { items, total } = costOf(workload);
    for (const { dollars } of items) expect(dollars).toBeGreaterThan(0);
    expect(items.reduce((sum, { dollars }) => sum + dollars, 0)).toBeCloseTo(total, 12);
  });

  it("grows with the orders, and a month has what stands there anyway", () => {
    expect(costOf(workload, 2000).total).toBeCloseTo(2 * costOf(workload, 1000).total, 9);
    expect(monthOf(workload, 0, 12.5)).toBe(12.5);
  });

  it("counts four mails of a paid order at SES's price", () => {
    const mails = costOf(workload).items.find(({ service, what }) => service === "SES" && what === "mails");
    expect(mails?.dollars).toBeCloseTo(4 * 0.1 * 1.33, 6);
  });
});

it("counts a trace for each invocation of an order at X-Ray's price", () => {
  const invocations = Object.values(workload.functions).reduce((sum, use) => sum + use.invocations, 0);
  const traces = costOf(workload).items.find(({ service }) => service === "X-Ray");
  expect(traces?.dollars).toBeCloseTo((invocations * 1000 * 5 * 1.33) / 1e6, 9);
});

describe("what stands in an account", () => {
  const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";

  it("is paid by the metrics of an alarm, not by the alarm", () => {
    const plan = {
      [`${alarm} One`]: {},
      [`${alarm} Rate`]: { metricQueries: [{}, { metric: {} }, { metric: {} }] },
      "aws:apigatewayv2/route:Route One": {},
      "aws:apigatewayv2/route:Route Two": {},
    };
    const counted = standingOf(plan);
    expect(counted).toMatchObject({ alarms: 2, alarmMetrics: 3, dashboards: 0, routeMetrics: 12 });
    const another = { ...counted, alarmMetrics: 4 };
    expect(standingCost(another) - standingCost(counted)).toBeCloseTo(0.1 * 1.33, 9);
  });

  it("is counted in production's plan, and the business metrics by their names in the settings", () => {
    const queries = Object.values(readPlan()).flatMap(({ metricQueries }) => metricQueries ?? []);
    const { alarms, alarmMetrics, dashboards, businessMetrics: names } = standing();
    const expressions = queries.filter(({ metric }) => !metric).length;
    expect(alarmMetrics).toBe(alarms - expressions + queries.filter(({ metric }) => metric).length);
    expect(alarmMetrics).toBeGreaterThan(alarms);
    expect([dashboards, names]).toEqual([2, Object.keys(businessMetrics).length]);
  });

  it("has each business metric written under a name of the settings, without a dimension more", () => {
    const written = readFileSync(new URL("../../packages/functions/src/runtime/metrics.ts", import.meta.url), "utf8");
    expect([...written.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, name]) => name).sort()).toEqual(Object.values(businessMetrics).sort());
    expect(written).not.toMatch(/addDimension|singleMetric/);
  });
});

it("every function is in the figures", () => {
  expect(concurrencyAt(workload, 1).map(({ name }) => name)).toEqual(Object.keys(functions));
});

describe("capacity", () => {
  it("is one environment at least, and ten times as many for ten times the orders", () => {
    for (const { environments } of concurrencyAt(workload, 0.001)) expect(environments).toBe(1);
    const [slow, fast] = [concurrencyAt(workload, 100), concurrencyAt(workload, 1000)];
    for (const [i, { environments }] of fast.entries()) expect(environments).toBeLessThanOrEqual(10 * slow[i]!.environments);
    expect(fast.some(({ environments }, i) => environments > 5 * slow[i]!.environments)).toBe(true);
  });

  it("ends at the lowest quota first, and names each queue's own limit", () => {
    const stops = quotas(workload);
    expect(stops.map(({ ordersPerSecond }) => ordersPerSecond)).toEqual(
      stops.map(({ ordersPerSecond }) => ordersPerSecond).sort((a, b) => a - b),
    );
    for (const queue of Object.keys(queues)) expect(stops.some(({ name }) => name.includes(queue))).toBe(true);
    expect(stops.find(({ name }) => name.startsWith("SES"))?.ordersPerSecond).toBeCloseTo(14 / 4, 6);
  });
});

it("docs/cost.md says what is computed (npm run cost)", () => {
  expect(readFileSync(DOCUMENT, "utf8")).toBe(markdown(reportOf(workload, standing()), workload));
});
