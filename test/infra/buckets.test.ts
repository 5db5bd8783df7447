import { describe, expect, it } from "vitest";
import { type Plan, planOf } from "./harness/plan.ts";
import type { ResourceType } from "./harness/resource-types.ts";
import { dataStages } from "./stages.ts";

function ofBucket<Type extends ResourceType>(plan: Plan, type: Type, bucket: string) {
  const found = plan.ofType(type).filter(({ inputs }) => (inputs as { bucket: string }).bucket === bucket);
  expect(found, `${type} of ${bucket}`).toHaveLength(1);
  return found[0]!.inputs;
}

const suffix = (stage: string) => (stage === "ada" ? "ada-123456789012" : stage);

describe.each(dataStages)("the buckets of %s", (stage) => {
  const documents = `bbws-orders-${suffix(stage)}`;
  const templates = `bbws-order-templates-${suffix(stage)}`;

  it("hold documents and templates", async () => {
    const own = (await planOf(stage)).ofType("aws:s3/bucketV2:BucketV2").filter(({ region }) => region === "af-south-1");
    expect(own.map(({ inputs }) => inputs.bucket).sort()).toEqual([documents, templates].sort());
  });

  it("are private, versioned and closed to plain HTTP, in every region", async () => {
    const plan = await planOf(stage);
    for (const { inputs } of plan.ofType("aws:s3/bucketV2:BucketV2")) {
      const { bucket } = inputs;
      expect(ofBucket(plan, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket)).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      expect(ofBucket(plan, "aws:s3/bucketVersioningV2:BucketVersioningV2", bucket).versioningConfiguration.status).toBe("Enabled");
      expect(JSON.parse(ofBucket(plan, "aws:s3/bucketPolicy:BucketPolicy", bucket).policy).Statement).toEqual([
        {
          Effect: "Deny",
          Action: "s3:*",
          Principal: "*",
          Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]);
    }
  });

  it("can be emptied by a removal on a personal stage only", async () => {
    for (const { inputs } of (await planOf(stage)).ofType("aws:s3/bucketV2:BucketV2")) expect(inputs.forceDestroy).toBe(stage === "ada");
  });

  it("let the portal read documents, and no browser touch the templates", async () => {
    const plan = await planOf(stage);
    const { corsRules } = ofBucket(plan, "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2", documents);
    const api = plan.get("aws:apigatewayv2/api:Api", "ApiApi").inputs;
    expect(corsRules.map(({ allowedMethods, allowedOrigins }) => [allowedMethods, allowedOrigins])).toEqual([
      [["GET"], api.corsConfiguration.allowOrigins],
    ]);
    expect(
      plan.ofType("aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2").some(({ inputs }) => inputs.bucket === templates),
    ).toBe(false);
  });

  it("never expire a template set, and clear away what was replaced", async () => {
    const { rules } = ofBucket(await planOf(stage), "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", templates);
    expect(rules.map(({ status, expiration, noncurrentVersionExpiration }) => [status, expiration, noncurrentVersionExpiration])).toEqual([
      ["Enabled", undefined, { noncurrentDays: 365 }],
    ]);
  });
});

it.each([
  ["dev", 30],
  ["sit", 60],
  ["prod", 7 * 365 + 2],
])("%s keeps documents for %i days", async (stage, kept) => {
  const { rules } = ofBucket(
    await planOf(stage),
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
    `bbws-orders-${stage}`,
  );
  expect(rules).toHaveLength(1);
  expect([rules[0]!.status, rules[0]!.expiration]).toEqual(["Enabled", { days: kept }]);
});

it("keeps prod's documents when the app is removed", async () => {
  for (const { options } of (await planOf("prod")).ofType("aws:s3/bucketV2:BucketV2")) expect(options.retainOnDelete).toBe(true);
});
