import { join } from "node:path";
import { startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import type { Group } from "./harness/group.ts";
import { builtFunction, lambdaEnvironment } from "./harness/lambda.ts";
import { exactly, spreadOf } from "./harness/stats.ts";
import { buildSubject, runSubject } from "./harness/subject.ts";
import type { ListFigures } from "./subjects/list.ts";
import { seedTenants } from "./subjects/seeded-table.ts";

const few = 10;
const sizes = { thousand: 1000, many: 100_000 } as const;

/** A page of ten of a tenant's orders, of which there are few or many. */
export const list: Group = {
  name: "list",
  rows: [
    ...Object.entries(sizes).map(([name, orders]) => ({
      id: `list.${name}`,
      title: `ListOrders of a tenant with ${orders.toLocaleString("en")} orders`,
      unit: "ms" as const,
      baseline: `${few} orders`,
      judged: "ratio" as const,
      target: 1.3,
    })),
    ...Object.entries(sizes).map(([name, orders]) => ({
      id: `list.calls.${name}`,
      title: `AWS calls of ListOrders at ${orders.toLocaleString("en")} orders`,
      unit: "calls" as const,
      judged: "value" as const,
      target: 1,
    })),
  ],
  async measure({ quick, folder, progress }) {
    progress("building");
    const [subject, { file }] = await Promise.all([buildSubject("list.ts"), builtFunction("ListOrders")]);
    const dynamodb = await startDynamoDb(join(folder, "list"), false);
    try {
      const counts = [few, sizes.thousand, quick ? 5000 : sizes.many];
      await seedTenants(dynamodb.endpoint, counts, progress);
      const endpoints = { dynamodb: dynamodb.endpoint, sqs: dynamodb.endpoint, s3: dynamodb.endpoint, ses: dynamodb.endpoint };
      const { samples, calls } = await runSubject<ListFigures>(subject, {
        args: [quick ? "quick" : "full", file, ...counts.map(String)],
        env: lambdaEnvironment("ListOrders", { endpoints: { ...endpoints, jwks: dynamodb.endpoint } }),
        progress,
      });
      const [base, ...others] = counts.map(String) as [string, ...string[]];
      return Object.fromEntries(
        Object.keys(sizes).flatMap((name, i) => [
          [`list.${name}`, { figure: spreadOf(samples[others[i]!]!), baseline: spreadOf(samples[base]!) }],
          [`list.calls.${name}`, { figure: exactly(calls[others[i]!]!) }],
        ]),
      );
    } finally {
      await dynamodb.stop();
    }
  },
};
