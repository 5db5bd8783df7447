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
    {
      id: "validate.shapes",
      title: "valibot on the types of its members alone",
      unit: "µs",
      baseline: "JSON.parse of it",
      judged: "ratio",
    },
  ],
  async measure({ quick, progress }) {
    progress("building");
    const subject = await buildSubject("validate.ts");
    const samples = await runSubject<Record<string, number[]>>(subject, { args: quick ? ["quick"] : [], progress });
    const spread = (name: string) => spreadOf(microseconds(samples[name]!));
    const baseline = spread("JSON.parse");
    return {
      "validate.create": { figure: spread("validate"), baseline },
      "validate.shapes": { figure: spread("shapes"), baseline },
    };
  },
};
