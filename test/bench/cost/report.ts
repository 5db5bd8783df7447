import { concurrencyAt, costOf, monthOf, type Quota, quotas, standingCost } from "./cost.ts";
import { prices } from "./prices.ts";
import type { Workload } from "./workload.ts";

/** What stands in an account whether anybody orders or not; the metrics as soon as somebody does. */
export type Standing = { alarms: number; alarmMetrics: number; dashboards: number; businessMetrics: number; routeMetrics: number };

/** The predecessor's estimate, dollars a month. */
const PREDECESSOR = [176, 411, 2810];
const RATES = [1, 10, 100, 1000];
const MONTHLY_ORDERS = [1_000, 10_000, 100_000, 1_000_000];

/** All figures, for scripts and for the document. */
export function reportOf(workload: Workload, standing: Standing) {
  const { items, total, keptPerMonth } = costOf(workload);
  const standingDollars = standingCost(standing);
  const perOrder = monthOf(workload, 1, 0);
  const stops = quotas(workload);
  return {
    pricesAsOf: prices.asOf,
    measuredAt: workload.measuredAt,
    perThousandOrders: { total, keptPerMonth, items },
    months: MONTHLY_ORDERS.map((orders) => ({ orders, dollars: monthOf(workload, orders, standingDollars) })),
    standing: { ...standing, dollars: standingDollars },
    predecessor: PREDECESSOR.map((dollars) => ({ dollars, ordersForIt: Math.max(0, Math.floor((dollars - standingDollars) / perOrder)) })),
    rates: RATES.map((ordersPerSecond) => ({
      ordersPerSecond,
      functions: concurrencyAt(workload, ordersPerSecond),
      exceeded: stops.filter((quota) => quota.ordersPerSecond < ordersPerSecond),
    })),
    quotas: stops,
  };
}

export type Report = ReturnType<typeof reportOf>;

/** The report as a page of Markdown. */
export function markdown(report: Report, workload: Workload): string {
  const { perThousandOrders, standing } = report;
  return `# Cost and capacity

Computed by \`npm run cost\` from what ${workload.orders} orders asked of AWS on the one-machine stack (${report.measuredAt}, two cores that also ran the emulators, under a load of ${workload.load}; durations on Lambda differ and are known after a week in sit), the knobs of \`infra/settings.ts\` and public list prices (${report.pricesAsOf}, us-east-1 times ${prices.regionFactor} for
Cape Town, no free tier). An order here is placed, paid, looked at once in the list and outlived by its timer: two documents, four mails. \`npm run cost -- --measure\` measures anew, \`--json\` gives the figures to a script.

## Per 1 000 orders

${table(
  ["service", "what", "$"],
  perThousandOrders.items.map(({ service, what, dollars }) => [service, what, dollars.toFixed(4)]),
)}

Together **$${perThousandOrders.total.toFixed(2)}**, and $${perThousandOrders.keptPerMonth.toFixed(4)} for each month they are kept (84 of them). SES's price of a mail is most of it. A trace is counted for every invocation, as on a quiet stage; from one a second on Lambda traces a twentieth of the rest.

## Per month

Production costs $${standing.dollars.toFixed(2)} a month without any order (dev and sit less, a warm standby as much again): ${standing.alarms} alarms on ${standing.alarmMetrics} metrics, ${standing.dashboards} dashboards, ${standing.businessMetrics} business metrics, ${standing.routeMetrics} detailed metrics of the API's routes (if every route is used), and Lambda's pollers asking the queues. The months below include seven years of orders lying in the table and the bucket.

${table(
  ["orders a month", "$ a month"],
  report.months.map(({ orders, dollars }) => [thousands(orders), dollars.toFixed(2)]),
)}

The predecessor's estimate was ${report.predecessor.map(({ dollars }) => `$${thousands(dollars)}`).join(", ")} a month. For that money this service takes:

${table(
  ["$ a month", "orders a month"],
  report.predecessor.map(({ dollars, ordersForIt }) => [thousands(dollars), thousands(ordersForIt)]),
)}

Replication to eu-west-1 with its metrics, the API's access log, data transfer to customers and a support plan are not in these figures.

## Environments at once

By Little's law: orders a second, times invocations of an order, times their duration. Where the need is above the limit, the queue holds the rest.

${table(
  ["function", "limit", ...report.rates.map(({ ordersPerSecond }) => `${thousands(ordersPerSecond)}/s`)],
  report.rates[0]!.functions.map(({ name, limit }, i) => [
    name,
    limit ?? "account",
    ...report.rates.map(({ functions }) => thousands(functions[i]!.environments)),
  ]),
)}

## What stops it first

${report.rates.map(({ ordersPerSecond, exceeded }) => `- **${thousands(ordersPerSecond)} orders/s**: ${firstOf(exceeded)}`).join("\n")}

${table(
  ["quota", "default", "orders/s", "the step past it"],
  report.quotas.map((quota) => [quota.name, quota.default, quota.ordersPerSecond.toFixed(1), quota.beyond]),
)}
`;
}

function firstOf(exceeded: readonly Quota[]): string {
  const [first, ...others] = exceeded;
  if (!first) return "nothing is in the way.";
  return `${first.name} (${first.ordersPerSecond.toFixed(1)} orders/s) comes first${others.length > 0 ? `, then ${others.map(({ name }) => name).join("; ")}` : ""}.`;
}

const thousands = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, " ");

function table(head: (string | number)[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
