import type { Group } from "./harness/group.ts";
import { microseconds, spreadOf } from "./harness/stats.ts";
import { buildSubject, runSubject } from "./harness/subject.ts";

/** The schema of a create's body. */
export const validate: Group = {
  name: "validate",
  rows: [
    {
      id: "validate.create",
      title: "validate an order of 5 lines",
      unit: "µs",
      baseline: "JSON.parse of it",
      judged: "ratio",
      target: 1.5,
    },
  ],
  async measure({ quick, progress }) {
    progress("building");
    const subject = await buildSubject("validate.ts");
    const samples = await runSubject<Record<string, number[]>>(subject, { args: quick ? ["quick"] : [], progress });
    const figures = { figure: spreadOf(microseconds(samples.validate!)), baseline: spreadOf(microseconds(samples["JSON.parse"]!)) };
    return { "validate.create": figures };
  },
};
