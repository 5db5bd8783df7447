/** IAM policies of a plan as rows a person can read. */
import type { Plan } from "./harness/plan.ts";

export type Statement = { effect: "Allow" | "Deny"; actions: string[]; resources: string[]; condition: string };

type PolicyJson = {
  Statement: { Effect: "Allow" | "Deny"; Action: string | string[]; Resource?: string | string[]; Condition?: Record<string, unknown> }[];
};

/** The statements of a policy document. */
export function statementsIn(policy: string): Statement[] {
  return (JSON.parse(policy) as PolicyJson).Statement.map((statement) => ({
    effect: statement.Effect,
    actions: [statement.Action].flat(),
    resources: [statement.Resource ?? []].flat(),
    condition: statement.Condition ? JSON.stringify(statement.Condition) : "",
  }));
}

/** Everything a function's role may do: inline and managed policies. */
export function statementsOf(plan: Plan, functionName: string): Statement[] {
  const { inlinePolicies = [], managedPolicyArns = [] } = plan.get("aws:iam/role:Role", `${functionName}Role`).inputs;
  const managed = managedPolicyArns.map((arn) => ({
    effect: "Allow" as const,
    actions: [`everything in ${arn}`],
    resources: ["*"],
    condition: "",
  }));
  return [...inlinePolicies.flatMap(({ policy }) => statementsIn(policy)), ...managed];
}

/** `table/bbws-… ` instead of `arn:aws:dynamodb:af-south-1:…:table/bbws-…`. */
function short(arn: string): string {
  return arn.replace(/^arn:aws:(\w+):[^:]*:[^:]*:/, "$1: ").replace(/stream\/[\dT:.-]+$/, "stream/…");
}

/** The policies of every function of a plan as Markdown tables. */
export function policiesAsMarkdown(plan: Plan, functionNames: readonly string[]): string {
  const sections = functionNames.map((name) => {
    const rows = statementsOf(plan, name).map(
      ({ effect, actions, resources, condition }) =>
        `| ${effect} | ${actions.map((action) => `\`${action}\``).join("<br>")} | ${resources.map((arn) => `\`${short(arn)}\``).join("<br>")} | ${condition && `\`${condition}\``} |`,
    );
    return [`## ${name}`, "", "| effect | actions | resources | condition |", "|---|---|---|---|", ...rows].join("\n");
  });
  return [
    "# What each function may do",
    "",
    `The policies of stage ${plan.stage}, from its plan. Other stages differ in the names, sit and prod trace, and only prod denies.`,
    "Regenerate with `npm run deploy:dry -- --accept` and read the difference: every new line is a new right.",
    "",
    sections.join("\n\n"),
    "",
  ].join("\n");
}
