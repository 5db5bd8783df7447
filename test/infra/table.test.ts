import { describe, expect, it } from "vitest";
import { planOf } from "./harness/plan.ts";
import { dataStages } from "./stages.ts";

const tableOf = async (stage: string) => (await planOf(stage)).get("aws:dynamodb/table:Table", "OrdersTableTable");

describe.each(dataStages)("the table of %s", (stage) => {
  it("is the only one, named after the stage, billed by request", async () => {
    const plan = await planOf(stage);
    expect(plan.ofType("aws:dynamodb/table:Table").map(({ inputs }) => [inputs.name, inputs.billingMode])).toEqual([
      [`bbws-customer-portal-orders-${stage}`, "PAY_PER_REQUEST"],
    ]);
  });

  it("has string keys PK and SK and exactly the two indexes, each projecting everything", async () => {
    const { inputs } = await tableOf(stage);
    expect([inputs.hashKey, inputs.rangeKey]).toEqual(["PK", "SK"]);
    expect(inputs.globalSecondaryIndexes).toEqual([
      { name: "OrdersByDateIndex", hashKey: "GSI1_PK", rangeKey: "GSI1_SK", projectionType: "ALL" },
      { name: "OrderByIdIndex", hashKey: "GSI2_PK", rangeKey: "GSI2_SK", projectionType: "ALL" },
    ]);
    expect(inputs.attributes.map(({ name, type }) => name + type).sort()).toEqual([
      "GSI1_PKS",
      "GSI1_SKS",
      "GSI2_PKS",
      "GSI2_SKS",
      "PKS",
      "SKS",
    ]);
  });

  it("streams both images, expires technical items, restores to any second and is encrypted", async () => {
    const { inputs } = await tableOf(stage);
    expect([inputs.streamEnabled, inputs.streamViewType]).toEqual([true, "NEW_AND_OLD_IMAGES"]);
    expect(inputs.ttl).toEqual({ attributeName: "expiresAt", enabled: true });
    expect(inputs.pointInTimeRecovery).toEqual({ enabled: true });
    expect(inputs.serverSideEncryption).toEqual({ enabled: true });
  });
});

describe("the table of prod", () => {
  it("cannot be deleted: not by AWS, not by Pulumi, not by sst remove", async () => {
    const { inputs, options } = await tableOf("prod");
    expect(inputs.deletionProtectionEnabled).toBe(true);
    expect([options.protect, options.retainOnDelete]).toEqual([true, true]);
  });

  it("has its one replica in eu-west-1, restorable and tagged", async () => {
    expect((await tableOf("prod")).inputs.replicas).toEqual([{ regionName: "eu-west-1", pointInTimeRecovery: true, propagateTags: true }]);
  });

  it.each(["dev", "sit"])("is unlike that of %s, which has neither replica nor protection", async (stage) => {
    const { inputs, options } = await tableOf(stage);
    expect([inputs.replicas, inputs.deletionProtectionEnabled, options.protect]).toEqual([undefined, false, false]);
  });
});
