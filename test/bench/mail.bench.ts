import type { Group } from "./harness/group.ts";
import { spreadOf } from "./harness/stats.ts";
import { buildSubject, runSubject } from "./harness/subject.ts";

/** From an order to a mail's subject, HTML and text. */
export const mail: Group = {
  name: "mail",
  rows: [
    {
      id: "mail.merge",
      title: "one mail, merged from its published template",
      unit: "ms",
      baseline: "React Email's render(), HTML only",
      judged: "value",
      target: 0.1,
      stretch: 0.03,
    },
  ],
  async measure({ quick, progress }) {
    progress("building");
    const subject = await buildSubject("mail.tsx");
    const samples = await runSubject<Record<string, number[]>>(subject, { args: quick ? ["quick"] : [], progress });
    return { "mail.merge": { figure: spreadOf(samples.merged!), baseline: spreadOf(samples.rendered!) } };
  },
};
