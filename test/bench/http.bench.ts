import type { Group } from "./harness/group.ts";
import { builtFunction, lambdaEnvironment } from "./harness/lambda.ts";
import { microseconds, spreadOf } from "./harness/stats.ts";
import { buildSubject, runSubject } from "./harness/subject.ts";

/** What every call of the API pays before its own work. */
export const http: Group = {
  name: "http",
  rows: [
    {
      id: "http.call",
      title: "Hono and our middleware, its log line included, per warm call",
      unit: "µs",
      baseline: "bare handler",
      judged: "value",
      target: 100,
    },
    { id: "http.hono", title: "Hono alone, per warm call", unit: "µs", baseline: "bare handler", judged: "value" },
  ],
  async measure({ quick, progress }) {
    progress("building");
    const [subject, { file }] = await Promise.all([buildSubject("http.ts"), builtFunction("GetOrder")]);
    const samples = await runSubject<Record<string, number[]>>(subject, {
      args: [quick ? "quick" : "full", file],
      env: lambdaEnvironment("GetOrder"),
      progress,
    });
    const baseline = spreadOf(microseconds(samples.bare!));
    return {
      "http.call": { figure: spreadOf(microseconds(samples.ours!)), baseline },
      "http.hono": { figure: spreadOf(microseconds(samples.hono!)), baseline },
    };
  },
};
