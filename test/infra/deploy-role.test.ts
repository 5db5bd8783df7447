import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { tagsOf } from "../../infra/app.ts";
import { stages } from "../../infra/stage.ts";
import { type Ask, asksOf } from "./deploy-actions.ts";
import { type Plan, planOf } from "./harness/plan.ts";
import { root } from "./harness/platform.ts";
import { statementsIn } from "./policies.ts";
import { namedStages } from "./stages.ts";

/** The template an administrator deploys once per account: the role GitHub may assume, and what it and the roles it makes may do. */

type Statement = {
  Sid: string;
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, unknown>>;
};
type Parameters = { Stage: "dev" | "sit" | "prod"; Replica: "to-be-made" | "made"; Repository: string; HostedZone: string };

const account = "111122223333";
const boundary = `arn:aws:iam::${account}:policy/bbws-order-boundary`;
// CloudFormation reads no YAML aliases.
const template = parse(readFileSync(path.join(root, "infra/bootstrap/deploy-role.yml"), "utf8"), { maxAliasCount: 0 });

/** Evaluates the template's functions as CloudFormation does. */
function resolve(node: unknown, parameters: Parameters): unknown {
  const known: Record<string, unknown> = { ...parameters, "AWS::AccountId": account, "AWS::NoValue": undefined, Boundary: boundary };
  const evaluate = (value: unknown): unknown => resolve(value, parameters);
  if (Array.isArray(node)) return node.map(evaluate).filter((value) => value !== undefined);
  if (typeof node !== "object" || node === null) return node;
  const [[name, value] = [""]] = Object.entries(node);
  const list = value as unknown[];
  if (Object.keys(node).length === 1) {
    if (name === "Ref") return value === "AWS::NoValue" ? undefined : (known[value as string] ?? value);
    if (name === "Fn::Sub") return (value as string).replace(/\$\{([^}]+)\}/g, (_, key) => String(known[key]));
    if (name === "Fn::Join") return (evaluate(list[1]) as string[]).join(list[0] as string);
    if (name === "Fn::FindInMap") return (list.map(evaluate) as string[]).reduce((found, key) => found[key], template.Mappings);
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
  const parameters = { Stage: stage, Replica: replica, Repository: "bbws/order", HostedZone: "ZONE" };
  const [trust] = (resolve(Properties.AssumeRolePolicyDocument, parameters) as { Statement: Statement[] }).Statement;
  return {
    trust: trust!,
    statements: statementsOf(Properties.Policies[0].PolicyDocument, parameters),
    boundary: statementsOf(template.Resources.Boundary.Properties.PolicyDocument, parameters),
  };
}

function statementsOf(document: unknown, parameters: Parameters): Statement[] {
  const { Statement } = resolve(document, parameters) as { Statement: Statement[] };
  return Statement.map((statement) => ({ ...statement, Action: [statement.Action].flat(), Resource: [statement.Resource].flat() }));
}

const matches = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(text);

/** The operators of conditions that the template uses, on a key with one value at most. */
function holds(test: string, wanted: readonly string[], given: string | undefined): boolean {
  const [operator, every] = test.split(":").reverse();
  if (given === undefined) return every === "ForAllValues";
  if (operator === "StringEquals") return wanted.includes(given);
  if (operator === "StringLike" || operator === "ArnLike") return wanted.some((pattern) => matches(pattern, given));
  throw new Error(`this test does not know the operator ${test}`);
}

/** IAM's rule: an explicit Deny wins, then any Allow whose conditions hold. */
function allows(statements: Statement[], action: string, resource: string, context: Record<string, string> = {}): boolean {
  const hits = statements.filter(
    ({ Action, Resource, Condition = {} }) =>
      Action.some((pattern) => matches(pattern, action)) &&
      Resource.some((pattern) => matches(pattern, resource)) &&
      Object.entries(Condition).every(([test, keys]) =>
        Object.entries(keys).every(([key, wanted]) => holds(test, [wanted].flat() as string[], context[key])),
      ),
  );
  return hits.some(({ Effect }) => Effect === "Allow") && !hits.some(({ Effect }) => Effect === "Deny");
}

/** Everything a deploy of a plan asks for, in this account. */
function asked(plan: Plan): Ask[] {
  const asks = plan.resources
    .filter(({ custom }) => custom)
    .flatMap(({ type, inputs, region }) => {
      const ask = asksOf[type];
      if (!ask) throw new Error(`test/infra/deploy-actions.ts does not say what a deploy of ${type} asks for`);
      return ask(inputs, { region, account: plan.account });
    });
  return JSON.parse(JSON.stringify(asks).replaceAll(plan.account, account));
}

/** The statements of every role that a plan makes, in this account. */
const grantsOf = (plan: Plan) =>
  plan
    .ofType("aws:iam/role:Role")
    .flatMap(({ inputs }) => inputs.inlinePolicies ?? [])
    .flatMap(({ policy }) => statementsIn(policy.replaceAll(plan.account, account)))
    .filter(({ effect }) => effect === "Allow");

describe("the deploy role", () => {
  it.each([
    ["dev", "repo:bbws/order:environment:dev"],
    ["sit", "repo:bbws/order:environment:sit-deploy"],
    ["prod", "repo:bbws/order:environment:prod-deploy"],
  ] as const)("of %s is assumed from this repository's environment only", (stage, subject) => {
    const { trust } = roleOf(stage);
    expect(trust.Action).toBe("sts:AssumeRoleWithWebIdentity");
    expect(trust.Condition).toEqual({
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": subject,
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
    const asks = asked(await planOf(stage));
    expect(asks.length).toBeGreaterThan(300);
    const refused = asks.filter(({ action, arn, context }) => !allows(statements, action, arn, context));
    expect([...new Set(refused.map(({ action, arn }) => `${action} ${arn}`))]).toEqual([]);
  });

  it("makes and changes no role without the boundary, and never the boundary", () => {
    const { statements } = roleOf("prod");
    const role = `arn:aws:iam::${account}:role/bbws-order-prod-any`;
    for (const action of ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"]) {
      expect(allows(statements, action, role, { "iam:PermissionsBoundary": boundary }), action).toBe(true);
      expect(allows(statements, action, role), action).toBe(false);
      expect(allows(statements, action, role, { "iam:PermissionsBoundary": `${boundary}-wide` }), action).toBe(false);
    }
    expect(allows(statements, "iam:AttachRolePolicy", role, { "iam:PermissionsBoundary": boundary })).toBe(false);
    // Nor when somebody widens what it may do.
    const wider = [...statements, { Sid: "Wider", Effect: "Allow" as const, Action: ["iam:*"], Resource: ["*"] }];
    for (const [action, arn] of [
      ["iam:DeleteRolePermissionsBoundary", role],
      ["iam:CreatePolicyVersion", boundary],
      ["iam:SetDefaultPolicyVersion", boundary],
      ["iam:DeletePolicy", boundary],
    ] as const)
      expect(allows(wider, action, arn, { "iam:PermissionsBoundary": boundary }), action).toBe(false);
  });

  it("fits into the policies that IAM takes", () => {
    const size = (statements: Statement[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements }).length;
    const { statements, boundary: most } = roleOf("prod", "to-be-made");
    expect(size(statements)).toBeLessThan(10_240);
    expect(size(most)).toBeLessThan(6144);
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

  it.each(["dev", "sit", "prod"] as const)("of %s changes its host name's records and certificate, and no other", (stage) => {
    const { statements } = roleOf(stage);
    const { domain } = stages[stage];
    const change = (name: string, zone = "ZONE") =>
      allows(statements, "route53:ChangeResourceRecordSets", `arn:aws:route53:::hostedzone/${zone}`, {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": name,
      });
    expect([change(domain!), change(`_proof.${domain}`)]).toEqual([true, true]);
    expect([change("kimmyai.io"), change(`not-${domain}`), change("www.kimmyai.io"), change(domain!, "ZOTHER")]).toEqual(
      Array(4).fill(false),
    );
    const ask = (name: string) => allows(statements, "acm:RequestCertificate", "*", { "acm:DomainNames": name });
    expect([ask(domain!), ask("kimmyai.io")]).toEqual([true, false]);
    for (const identity of ["identity/other.example", "configuration-set/other"])
      for (const action of ["ses:PutEmailIdentityDkimAttributes", "ses:DeleteEmailIdentity", "ses:DeleteConfigurationSet"])
        expect(allows(statements, action, `arn:aws:ses:af-south-1:${account}:${identity}`), `${action} ${identity}`).toBe(false);
  });

  it("puts on no role that it has made trust it", () => {
    const wider = [...roleOf("prod").statements, { Sid: "Wider", Effect: "Allow" as const, Action: ["sts:*"], Resource: ["*"] }];
    for (const role of ["bbws-order-prod-OrderCreatorRecordRole", "bbws-order-any", "admin"])
      expect(allows(wider, "sts:AssumeRole", `arn:aws:iam::${account}:role/${role}`), role).toBe(false);
  });

  it("asks for all resources only where IAM knows no narrower ones", () => {
    const wide = roleOf("prod", "to-be-made").statements.filter(({ Effect, Resource }) => Effect === "Allow" && Resource.includes("*"));
    expect(wide.map(({ Sid, Condition }) => (Condition ? `${Sid}, on a condition` : Sid))).toEqual([
      "Mappings, on a condition",
      "ListMappings",
      "LogDelivery",
      "WatchAlarms",
      "AskForCertificate, on a condition",
      "Dns",
      "MailAccount",
    ]);
  });

  it.each(["dev", "sit", "prod"] as const)("of %s changes the mappings of its own functions, and no other", (stage) => {
    const { statements } = roleOf(stage);
    const change = (action: string, name?: string) =>
      allows(
        statements,
        `lambda:${action}EventSourceMapping`,
        action === "Create" ? "*" : `arn:aws:lambda:af-south-1:${account}:event-source-mapping:1`,
        name === undefined ? {} : { "lambda:FunctionArn": `arn:aws:lambda:af-south-1:${account}:function:${name}` },
      );
    for (const action of ["Create", "Update", "Delete"])
      expect(
        [`bbws-order-${stage}-OrderCreatorRecord`, "bbws-order-other-OrderCreatorRecord", "other", undefined].map((name) =>
          change(action, name),
        ),
        action,
      ).toEqual([true, false, false, false]);
    for (const action of ["lambda:TagResource", "lambda:UntagResource"])
      expect(allows(statements, action, `arn:aws:lambda:af-south-1:${account}:function:other`), action).toBe(false);
  });

  it.each(["dev", "sit", "prod"] as const)("of %s ends no certificate, API or host name but the stage's", (stage) => {
    const { statements } = roleOf(stage);
    const ours = { "aws:ResourceTag/Component": tagsOf(stage).Component };
    const api = "arn:aws:apigateway:af-south-1::/apis/api123";
    for (const [action, arn] of [
      ["acm:DeleteCertificate", `arn:aws:acm:af-south-1:${account}:certificate/1`],
      ["apigateway:DELETE", api],
      ["apigateway:PATCH", api],
      ["apigateway:PUT", api],
    ] as const)
      expect(
        [ours, {}, { "aws:ResourceTag/Component": "Other" }].map((context) => allows(statements, action, arn, context)),
        action,
      ).toEqual([true, false, false]);
    const host = (name: string) => allows(statements, "apigateway:DELETE", `arn:aws:apigateway:af-south-1::/domainnames/${name}`);
    const { domain } = stages[stage];
    expect([domain!, `${domain}/apimappings/1`, `${domain}.other`, "other.kimmyai.io"].map(host)).toEqual([true, true, false, false]);
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

describe("the boundary", () => {
  /** What Lambda says of a call from within a function; the stages' functions all have such names. */
  const asFunction = { "lambda:SourceFunctionArn": `arn:aws:lambda:af-south-1:${account}:function:bbws-order-prod-GetOrder` };

  it.each(namedStages)("is on every role of %s", async (stage) => {
    const plan = await planOf(stage);
    for (const { inputs, name } of plan.ofType("aws:iam/role:Role"))
      expect(inputs.permissionsBoundary?.replace(plan.account, account), name).toBe(boundary);
    expect(template.Resources.Boundary.Properties.ManagedPolicyName).toBe(boundary.split("/").at(-1));
  });

  it("is on no role of a personal stage, whose account has none", async () => {
    for (const { inputs } of (await planOf("ada")).ofType("aws:iam/role:Role")) expect(inputs).not.toHaveProperty("permissionsBoundary");
  });

  it.each(namedStages)("lets the roles of %s do what their policies grant", async (stage) => {
    const { boundary: most } = roleOf(stages[stage].recoveryOf ? "prod" : (stage as Parameters["Stage"]));
    for (const { actions, resources } of grantsOf(await planOf(stage)))
      for (const action of actions)
        for (const arn of resources) expect(allows(most, action, arn, asFunction), `${action} ${arn}`).toBe(true);
  });

  it("opens table, documents and mail to our functions, not to whomever else one of their roles was made to trust", () => {
    const { boundary: most } = roleOf("prod");
    for (const [action, arn] of [
      ["dynamodb:GetItem", `arn:aws:dynamodb:af-south-1:${account}:table/bbws-customer-portal-orders-prod`],
      ["dynamodb:Query", `arn:aws:dynamodb:af-south-1:${account}:table/bbws-customer-portal-orders-prod/index/OrderByIdIndex`],
      ["dynamodb:UpdateItem", `arn:aws:dynamodb:af-south-1:${account}:table/bbws-customer-portal-orders-prod`],
      ["s3:GetObject", "arn:aws:s3:::bbws-orders-prod/tenant/orders/1.pdf"],
      ["ses:SendEmail", `arn:aws:ses:af-south-1:${account}:identity/kimmyai.io`],
    ] as const) {
      expect(allows(most, action, arn, asFunction), action).toBe(true);
      expect(allows(most, action, arn), action).toBe(false);
      const stranger = { "lambda:SourceFunctionArn": `arn:aws:lambda:af-south-1:${account}:function:other` };
      expect(allows(most, action, arn, stranger), action).toBe(false);
    }
  });

  it("lets AWS read the stream and the queues, and send away what a reader gave up, outside of any function", () => {
    const { boundary: most } = roleOf("prod");
    for (const [action, arn] of [
      ["dynamodb:GetRecords", `arn:aws:dynamodb:af-south-1:${account}:table/bbws-customer-portal-orders-prod/stream/1`],
      ["sqs:ReceiveMessage", `arn:aws:sqs:af-south-1:${account}:bbws-order-creation-prod`],
      ["sqs:SendMessage", `arn:aws:sqs:af-south-1:${account}:bbws-order-changes-dlq-prod`],
      ["s3:GetObjectVersionForReplication", "arn:aws:s3:::bbws-orders-prod/tenant/orders/1.pdf"],
      ["logs:PutLogEvents", `arn:aws:logs:af-south-1:${account}:log-group:/aws/lambda/bbws-order-prod-GetOrder:log-stream:1`],
    ] as const)
      expect(allows(most, action, arn), action).toBe(true);
  });

  it("holds no action that no role has", async () => {
    const granted = new Set<string>();
    for (const stage of namedStages)
      for (const { actions } of grantsOf(await planOf(stage))) for (const action of actions) granted.add(action);
    const most = roleOf("prod").boundary.flatMap(({ Action }) => Action);
    expect([...most].sort()).toEqual([...granted].sort());
  });
});
