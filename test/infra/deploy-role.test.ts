import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Stage, stages } from "../../infra/stage.ts";
import type { Plan } from "./harness/plan.ts";
import { planOf } from "./harness/plan.ts";
import { root } from "./harness/platform.ts";

/** The template an administrator deploys once per account: the role GitHub may assume, and what it may do. */

type Statement = {
  Sid: string;
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, unknown>>;
};
type Parameters = { Stage: "dev" | "sit" | "prod"; Replica: "to-be-made" | "made"; Repository: string };

const account = "111122223333";
const template = parse(readFileSync(path.join(root, "infra/bootstrap/deploy-role.yml"), "utf8"));

/** Evaluates the template's functions as CloudFormation does. */
function resolve(node: unknown, parameters: Parameters): unknown {
  const known: Record<string, unknown> = { ...parameters, "AWS::AccountId": account, "AWS::NoValue": undefined };
  const evaluate = (value: unknown): unknown => resolve(value, parameters);
  if (Array.isArray(node)) return node.map(evaluate).filter((value) => value !== undefined);
  if (typeof node !== "object" || node === null) return node;
  const [[name, value] = [""]] = Object.entries(node);
  const list = value as unknown[];
  if (Object.keys(node).length === 1) {
    if (name === "Ref") return value === "AWS::NoValue" ? undefined : (known[value as string] ?? value);
    if (name === "Fn::Sub") return (value as string).replace(/\$\{([^}]+)\}/g, (_, key) => String(known[key]));
    if (name === "Fn::Equals") return evaluate(list[0]) === evaluate(list[1]);
    if (name === "Fn::Not") return !evaluate(list[0]);
    if (name === "Fn::And") return list.every(evaluate);
    if (name === "Condition" && typeof value === "string") return evaluate(template.Conditions[value]);
    if (name === "Fn::If") return evaluate(evaluate(template.Conditions[list[0] as string]) ? list[1] : list[2]);
  }
  return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, evaluate(inner)]));
}

function roleOf(stage: Parameters["Stage"], replica: Parameters["Replica"] = "made") {
  const { Properties } = template.Resources.DeployRole;
  const parameters = { Stage: stage, Replica: replica, Repository: "bbws/order" };
  const [trust] = (resolve(Properties.AssumeRolePolicyDocument, parameters) as { Statement: Statement[] }).Statement;
  const raw = (resolve(Properties.Policies[0].PolicyDocument, parameters) as { Statement: Statement[] }).Statement;
  const statements = raw.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat(),
    Resource: [statement.Resource].flat(),
  }));
  return { trust: trust!, statements };
}

const matches = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(text);

/** IAM's rule, without conditions: an explicit Deny wins, then any Allow. */
function allows(statements: Statement[], action: string, resource: string): boolean {
  const hits = statements.filter(
    ({ Action, Resource }) => Action.some((pattern) => matches(pattern, action)) && Resource.some((pattern) => matches(pattern, resource)),
  );
  return hits.some(({ Effect }) => Effect === "Allow") && !hits.some(({ Effect }) => Effect === "Deny");
}

/** What a first deploy asks of the role, by the physical names of a plan. */
function needs(plan: Plan, { region }: Stage): [action: string, arn: string][] {
  const at = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  return [
    ...plan.ofType("aws:lambda/function:Function").map(({ inputs }) => ["lambda:CreateFunction", at("lambda", `function:${inputs.name}`)]),
    ...plan.ofType("aws:sqs/queue:Queue").map(({ inputs }) => ["sqs:CreateQueue", at("sqs", inputs.name)]),
    ...plan.ofType("aws:sns/topic:Topic").map(({ inputs }) => ["sns:CreateTopic", at("sns", inputs.name)]),
    ...plan.ofType("aws:dynamodb/table:Table").map(({ inputs }) => ["dynamodb:CreateTable", at("dynamodb", `table/${inputs.name}`)]),
    ...plan.ofType("aws:s3/bucketV2:BucketV2").map(({ inputs }) => ["s3:CreateBucket", `arn:aws:s3:::${inputs.bucket}`]),
    ...plan
      .ofType("aws:iam/role:Role")
      .flatMap(({ inputs }) => ["iam:CreateRole", "iam:PassRole"].map((action) => [action, `arn:aws:iam::${account}:role/${inputs.name}`])),
    ...plan
      .ofType("aws:cloudwatch/metricAlarm:MetricAlarm")
      .map(({ inputs }) => ["cloudwatch:PutMetricAlarm", at("cloudwatch", `alarm:${inputs.name}`)]),
    ...plan
      .ofType("aws:cloudwatch/dashboard:Dashboard")
      .map(({ inputs }) => ["cloudwatch:PutDashboard", `arn:aws:cloudwatch::${account}:dashboard/${inputs.dashboardName}`]),
    ...plan.ofType("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => ["logs:CreateLogGroup", at("logs", `log-group:${inputs.name}`)]),
    ...plan
      .ofType("aws:budgets/budget:Budget")
      .map(({ inputs }) => ["budgets:ModifyBudget", `arn:aws:budgets::${account}:budget/${inputs.name}`]),
  ] as [string, string][];
}

describe("the deploy role", () => {
  it.each([
    ["dev", ["repo:bbws/order:environment:dev"]],
    ["sit", ["repo:bbws/order:environment:sit"]],
    ["prod", ["repo:bbws/order:environment:prod", "repo:bbws/order:environment:prod-watch"]],
  ] as const)("of %s is assumed from this repository's environment only", (stage, subjects) => {
    const { trust } = roleOf(stage);
    expect(trust.Action).toBe("sts:AssumeRoleWithWebIdentity");
    expect(trust.Condition).toEqual({
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": subjects,
      },
    });
  });

  it.each([
    ["dev", "dev"],
    ["sit", "sit"],
    ["prod", "prod"],
    ["prod-dr", "prod"],
  ] as const)("may make everything that %s has", async (stage, role) => {
    const { statements } = roleOf(role);
    const asked = needs(await planOf(stage), stages[stage]);
    expect(asked.length).toBeGreaterThan(40);
    for (const [action, arn] of asked) expect(allows(statements, action, arn), `${action} ${arn}`).toBe(true);
  });

  it.each(["dev", "sit", "prod"] as const)("of %s reaches no customer's data, and no role of its own kind", (stage) => {
    const { statements } = roleOf(stage);
    const arn = (service: string, rest: string) => `arn:aws:${service}:af-south-1:${account}:${rest}`;
    const replica = `arn:aws:dynamodb:eu-west-1:${account}:table/bbws-customer-portal-orders-${stage}`;
    for (const [action, resource] of [
      ["s3:GetObject", `arn:aws:s3:::bbws-orders-${stage}/tenant/orders/1.pdf`],
      ["s3:DeleteObjectVersion", `arn:aws:s3:::bbws-orders-${stage}/tenant/orders/1.pdf`],
      ["dynamodb:GetItem", arn("dynamodb", `table/bbws-customer-portal-orders-${stage}`)],
      ["dynamodb:Scan", replica],
      ["sqs:ReceiveMessage", arn("sqs", `bbws-order-creation-${stage}`)],
      ["lambda:InvokeFunction", arn("lambda", `function:bbws-order-${stage}-UpdateOrder`)],
      ["iam:PutRolePolicy", `arn:aws:iam::${account}:role/bbws-order-deploy-${stage}`],
      ["iam:CreateRole", `arn:aws:iam::${account}:role/admin`],
      ["iam:CreateUser", `arn:aws:iam::${account}:user/any`],
    ] as const)
      expect(allows(statements, action, resource), `${action} ${resource}`).toBe(false);
    expect(allows(statements, "s3:PutObject", `arn:aws:s3:::bbws-order-templates-${stage}/current.json`)).toBe(true);
  });

  it("ends neither table nor buckets of a stage that is kept", () => {
    const table = (stage: string) => `arn:aws:dynamodb:af-south-1:${account}:table/bbws-customer-portal-orders-${stage}`;
    for (const stage of ["sit", "prod"] as const) {
      expect(allows(roleOf(stage).statements, "dynamodb:DeleteTable", table(stage))).toBe(false);
      expect(allows(roleOf(stage).statements, "s3:DeleteBucket", `arn:aws:s3:::bbws-orders-${stage}`)).toBe(false);
    }
    expect(allows(roleOf("dev").statements, "dynamodb:DeleteTable", table("dev"))).toBe(true);
  });

  it("copies the table to the recovery region only while prod's replica is to be made", () => {
    const at = (region: string) => `arn:aws:dynamodb:${region}:${account}:table/bbws-customer-portal-orders-prod`;
    const first = roleOf("prod", "to-be-made").statements;
    expect(allows(first, "dynamodb:PutItem", at("eu-west-1"))).toBe(true);
    expect(allows(first, "dynamodb:PutItem", at("af-south-1"))).toBe(false);
    expect(roleOf("sit", "to-be-made").statements.map(({ Sid }) => Sid)).not.toContain("MakeReplica");
  });

  it("names no service whole without naming the resources, and no action of all services", () => {
    for (const { Sid, Effect, Action, Resource } of roleOf("prod", "to-be-made").statements) {
      if (Effect === "Deny") continue;
      expect(Action, Sid).not.toContain("*");
      if (Action.some((action) => action.endsWith(":*"))) for (const arn of Resource) expect(arn, Sid).toMatch(/bbws-/);
    }
  });
});
