import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { functions } from "../../infra/settings.ts";
import { planOf } from "./harness/plan.ts";
import { policiesAsMarkdown, type Statement, statementsIn, statementsOf } from "./policies.ts";
import { everyStage } from "./stages.ts";

const names = Object.keys(functions);
const allowed = (statements: Statement[]) => statements.filter(({ effect }) => effect === "Allow");
const tracing = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

describe.each(everyStage)("the policies of %s", (stage) => {
  it.each(names)("%s may use no wildcard action and no managed policy", async (name) => {
    const actions = allowed(statementsOf(await planOf(stage), name)).flatMap((statement) => statement.actions);
    expect(actions.filter((action) => action.includes("*") || action.includes(" "))).toEqual([]);
  });

  it.each(names)("%s may act on named resources only; X-Ray knows none", async (name) => {
    const wide = allowed(statementsOf(await planOf(stage), name)).filter(({ resources }) =>
      resources.some((arn) => !/^arn:aws:[a-z0-9]+:[^*]*:[^*]+(\/\*|:\*)?$/.test(arn)),
    );
    expect(wide.map(({ actions }) => actions)).toEqual(stage === "dev" || stage === "ada" ? [] : [tracing]);
  });

  it("let nobody scan the table or delete from it, a bucket or a queue of another", async () => {
    const plan = await planOf(stage);
    for (const name of names) {
      const actions = allowed(statementsOf(plan, name)).flatMap((statement) => statement.actions);
      expect(
        actions.filter((action) => /Scan|DeleteItem|DeleteObject|BatchWrite|PartiQL|PurgeQueue/.test(action)),
        name,
      ).toEqual([]);
    }
  });

  it("let only the mail functions send, from their own address, through the stage's configuration set", async () => {
    const plan = await planOf(stage);
    const senders = names.flatMap((name) =>
      statementsOf(plan, name)
        .filter(({ actions }) => actions.some((action) => action.startsWith("ses:")))
        .map((statement) => ({ name, ...statement })),
    );
    const { region } = plan.app.providers.aws;
    const resources = [
      `arn:aws:ses:${region}:${plan.account}:identity/kimmyai.io`,
      `arn:aws:ses:${region}:${plan.account}:configuration-set/bbws-order-${stage}`,
    ];
    const from = stage.startsWith("prod") ? "noreply@kimmyai.io" : "test@kimmyai.io";
    const sender = (name: string, address: string) => ({
      name,
      effect: "Allow",
      actions: ["ses:SendEmail", "ses:SendRawEmail"],
      resources,
      condition: JSON.stringify({ StringEquals: { "ses:FromAddress": address } }),
    });
    expect(senders).toEqual([
      sender("OrderInternalNotificationSender", "orders@kimmyai.io"),
      sender("CustomerOrderConfirmationSender", from),
    ]);
  });

  it("let each queue's consumer take from it, and nobody else", async () => {
    const plan = await planOf(stage);
    const takers = names.flatMap((name) =>
      statementsOf(plan, name)
        .filter(({ actions }) => actions.includes("sqs:ReceiveMessage"))
        .flatMap(({ resources }) => resources.map((arn) => [arn.split(":").at(-1), name])),
    );
    expect(Object.fromEntries(takers)).toEqual({
      [`bbws-order-creation-${stage}`]: "OrderCreatorRecord",
      [`bbws-order-pdf-${stage}`]: "OrderPDFCreator",
      [`bbws-order-internal-notify-${stage}`]: "OrderInternalNotificationSender",
      [`bbws-order-customer-notify-${stage}`]: "CustomerOrderConfirmationSender",
    });
    expect(takers).toHaveLength(4);
  });
});

it.each(["prod", "prod-dr"])("%s denies every function to delete an order or a document", async (stage) => {
  const plan = await planOf(stage);
  for (const name of names) {
    const denied = statementsOf(plan, name).filter(({ effect }) => effect === "Deny");
    expect(
      denied.flatMap(({ actions }) => actions),
      name,
    ).toEqual(expect.arrayContaining(["dynamodb:DeleteItem", "s3:DeleteObject", "s3:DeleteObjectVersion"]));
    expect(denied.flatMap(({ resources }) => resources)).toEqual([
      expect.stringMatching(/:table\/bbws-customer-portal-orders-prod$/),
      `arn:aws:s3:::bbws-orders-${stage}/*`,
    ]);
  }
});

it("lets S3 replicate prod's documents and templates and do nothing else", async () => {
  const plan = await planOf("prod");
  for (const [name, from, to] of [
    ["Documents", "bbws-orders-prod", "bbws-orders-prod-dr"],
    ["Templates", "bbws-order-templates-prod", "bbws-order-templates-prod-dr"],
  ]) {
    const role = plan.get("aws:iam/role:Role", `${name}ReplicationRole`).inputs;
    expect(JSON.stringify(role.assumeRolePolicy)).toContain("s3.amazonaws.com");
    expect(statementsIn(role.inlinePolicies![0]!.policy).map(({ actions, resources }) => [actions, resources])).toEqual([
      [["s3:GetReplicationConfiguration", "s3:ListBucket"], [`arn:aws:s3:::${from}`]],
      [["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"], [`arn:aws:s3:::${from}/*`]],
      [["s3:ReplicateObject", "s3:ReplicateTags"], [`arn:aws:s3:::${to}/*`]],
    ]);
  }
});

it("has no other role than the functions' and the replication's", async () => {
  const roles = (await planOf("prod")).ofType("aws:iam/role:Role").map(({ name }) => name);
  expect(roles.sort()).toEqual([...names.map((name) => `${name}Role`), "DocumentsReplicationRole", "TemplatesReplicationRole"].sort());
});

it("are as committed in policies.md (npm run deploy:dry -- --accept)", async () => {
  const committed = readFileSync(path.join(import.meta.dirname, "policies.md"), "utf8");
  expect(policiesAsMarkdown(await planOf("prod"), names)).toBe(committed);
});
