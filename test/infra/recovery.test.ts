import { describe, expect, it } from "vitest";
import { type Plan, planOf } from "./harness/plan.ts";

const recordsOf = (plan: Plan) =>
  plan
    .ofType("aws:route53/record:Record")
    .map(({ inputs }) => inputs)
    .filter(({ type }) => type !== "CNAME");

describe("prod", () => {
  it("reaches eu-west-1 through a provider that guards the account and tags what it makes", async () => {
    const plan = await planOf("prod");
    const { inputs } = plan.get("pulumi:providers:aws", "Recovery");
    expect(inputs.region).toBe("eu-west-1");
    expect(JSON.parse(inputs.allowedAccountIds!)).toEqual(["093646564004"]);
    expect(JSON.parse(inputs.defaultTags)).toMatchObject({
      tags: { Project: "BBWS Customer Portal", Environment: "prod", CostCenter: "BBWS-CPP" },
    });
  });

  it("keeps a versioned copy of documents and templates there", async () => {
    const buckets = (await planOf("prod")).ofType("aws:s3/bucketV2:BucketV2").filter(({ region }) => region === "eu-west-1");
    expect(buckets.map(({ inputs, provider }) => [inputs.bucket, provider]).sort()).toEqual([
      ["bbws-order-templates-prod-dr", "Recovery"],
      ["bbws-orders-prod-dr", "Recovery"],
    ]);
  });

  it.each([
    ["DocumentsReplication", "bbws-orders-prod", "arn:aws:s3:::bbws-orders-prod-dr"],
    ["TemplatesReplication", "bbws-order-templates-prod", "arn:aws:s3:::bbws-order-templates-prod-dr"],
  ])("%s copies %s to %s once both are versioned, without deletions", async (name, from, to) => {
    const { inputs, options } = (await planOf("prod")).get("aws:s3/bucketReplicationConfig:BucketReplicationConfig", name);
    expect(inputs.bucket).toBe(from);
    expect(inputs.rules).toMatchObject([
      { status: "Enabled", destination: { bucket: to }, deleteMarkerReplication: { status: "Disabled" } },
    ]);
    const [bucket, copy] = name.startsWith("Documents")
      ? ["DocumentsBucket", "DocumentsRecovery"]
      : ["TemplatesBucket", "TemplatesRecovery"];
    expect(options.dependsOn).toEqual(expect.arrayContaining([`${bucket}Versioning`, `${copy}Versioning`]));
  });

  it("answers its host name while its own endpoint's /health does", async () => {
    const plan = await planOf("prod");
    const check = plan.get("aws:route53/healthCheck:HealthCheck", "ApiHealth").inputs;
    expect(check).toMatchObject({ type: "HTTPS", resourcePath: "/health", fqdn: "api123.execute-api.af-south-1.amazonaws.com" });
    expect(recordsOf(plan)).toHaveLength(2);
    for (const record of recordsOf(plan)) {
      expect(record).toMatchObject({
        setIdentifier: "af-south-1",
        failoverRoutingPolicies: [{ type: "PRIMARY" }],
        healthCheckId: "ApiHealth-id",
      });
    }
  });
});

describe("prod-dr", () => {
  it("is the same service in eu-west-1, in prod's account", async () => {
    const plan = await planOf("prod-dr");
    expect([plan.account, plan.app.providers.aws.region]).toEqual(["093646564004", "eu-west-1"]);
    expect(plan.ofType("aws:lambda/function:Function")).toHaveLength(10);
    expect(new Set(plan.resources.filter(({ custom }) => custom).map(({ region }) => region))).toEqual(new Set(["eu-west-1"]));
  });

  it("owns no table, no bucket and no identity: it works on prod's replicas", async () => {
    const plan = await planOf("prod-dr");
    expect(plan.ofType("aws:dynamodb/table:Table")).toEqual([]);
    expect(plan.ofType("aws:s3/bucketV2:BucketV2")).toEqual([]);
    expect(plan.ofType("aws:sesv2/emailIdentity:EmailIdentity")).toEqual([]);
    expect(plan.links.OrdersTable?.name).toBe("bbws-customer-portal-orders-prod");
    expect(plan.links.DocumentsBucket?.name).toBe("bbws-orders-prod-dr");
    expect(plan.links.TemplatesBucket?.name).toBe("bbws-order-templates-prod-dr");
  });

  it("answers prod's host name only when prod does not", async () => {
    const records = recordsOf(await planOf("prod-dr"));
    expect(records).toHaveLength(2);
    for (const record of records)
      expect(record).toMatchObject({
        name: "orders-api.kimmyai.io",
        setIdentifier: "eu-west-1",
        failoverRoutingPolicies: [{ type: "SECONDARY" }],
      });
  });

  it("shares the certificate's proof with prod, so that neither stage takes it away from the other", async () => {
    const proof = async (stage: string) =>
      (await planOf(stage)).ofType("aws:route53/record:Record").filter(({ inputs }) => inputs.type === "CNAME");
    const [ofProd, ofStandby] = [await proof("prod"), await proof("prod-dr")];
    expect(ofStandby.map(({ inputs }) => inputs)).toEqual(ofProd.map(({ inputs }) => inputs));
    for (const { options } of [...ofProd, ...ofStandby]) expect(options.retainOnDelete).toBe(true);
  });
});

it.each(["dev", "sit", "ada"])("%s has nothing in another region", async (stage) => {
  const plan = await planOf(stage);
  expect(new Set(plan.resources.filter(({ custom }) => custom).map(({ region }) => region))).toEqual(new Set(["af-south-1"]));
});
