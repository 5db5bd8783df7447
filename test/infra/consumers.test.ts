import { describe, expect, it } from "vitest";
import { stageOf } from "../../infra/stage.ts";
import { type Plan, planOf } from "./harness/plan.ts";
import { everyStage } from "./stages.ts";

const mappingsOf = (plan: Plan) => plan.ofType("aws:lambda/eventSourceMapping:EventSourceMapping").map(({ inputs }) => inputs);

function mappingOf(plan: Plan, functionName: string) {
  const found = mappingsOf(plan).filter((mapping) => mapping.functionName === `bbws-order-${plan.stage}-${functionName}`);
  expect(found, `mappings of ${functionName}`).toHaveLength(1);
  return found[0]!;
}

describe.each(everyStage)("the consumers of %s", (stage) => {
  it("all report which records failed", async () => {
    const mappings = mappingsOf(await planOf(stage));
    expect(mappings).toHaveLength(6);
    for (const mapping of mappings)
      expect([mapping.functionName, mapping.functionResponseTypes]).toEqual([mapping.functionName, ["ReportBatchItemFailures"]]);
  });

  it.each([
    ["OrderCreatorRecord", "bbws-order-creation", 10, 5],
    ["OrderPDFCreator", "bbws-order-pdf", 5, 10],
    ["OrderInternalNotificationSender", "bbws-order-internal-notify", 10, 5],
    ["CustomerOrderConfirmationSender", "bbws-order-customer-notify", 10, 5],
  ])("%s takes from %s: batches of %i without a window, %i at once", async (name, queue, batch, atOnce) => {
    const plan = await planOf(stage);
    const mapping = mappingOf(plan, name);
    expect(mapping.eventSourceArn).toBe(`arn:aws:sqs:${plan.app.providers.aws.region}:${plan.account}:${queue}-${stage}`);
    expect([mapping.batchSize, mapping.maximumBatchingWindowInSeconds, mapping.scalingConfig]).toEqual([
      batch,
      0,
      { maximumConcurrency: atOnce },
    ]);
  });

  it("are capped by their mapping, never by reserved concurrency", async () => {
    for (const { inputs } of (await planOf(stage)).ofType("aws:lambda/function:Function"))
      expect(inputs.reservedConcurrentExecutions).toBeUndefined();
  });

  it.each(["OrderChangeRouter", "OrderExpirer"])(
    "%s reads the stream from its beginning, bisects, tries ten times, then leaves a letter",
    async (name) => {
      const plan = await planOf(stage);
      const mapping = mappingOf(plan, name);
      const table = `bbws-customer-portal-orders-${stage === "prod-dr" ? "prod" : stage}`;
      expect(mapping.eventSourceArn).toContain(`:${plan.app.providers.aws.region}:${plan.account}:table/${table}/stream/`);
      expect([mapping.startingPosition, mapping.bisectBatchOnFunctionError, mapping.maximumRetryAttempts]).toEqual([
        "TRIM_HORIZON",
        true,
        10,
      ]);
      expect(mapping.destinationConfig?.onFailure.destinationArn).toMatch(new RegExp(`:bbws-order-changes-dlq-${stage}$`));
      expect(mapping.parallelizationFactor).toBeGreaterThanOrEqual(1);
    },
  );

  it("are woken by order items and by expired timers only", async () => {
    const plan = await planOf(stage);
    const patterns = (name: string) => mappingOf(plan, name).filterCriteria?.filters.map(({ pattern }) => JSON.parse(pattern));
    expect(patterns("OrderChangeRouter")).toEqual([
      { eventName: ["INSERT", "MODIFY"], dynamodb: { Keys: { SK: { S: [{ prefix: "ORDER#" }] } } } },
    ]);
    expect(patterns("OrderExpirer")).toEqual([{ eventName: ["REMOVE"], dynamodb: { Keys: { SK: { S: ["EXPIRY"] } } } }]);
  });

  it("read the stream and number where the stage is active, and do neither while it stands by", async () => {
    const { active } = stageOf(stage);
    const plan = await planOf(stage);
    for (const name of ["OrderChangeRouter", "OrderExpirer", "OrderCreatorRecord"])
      expect(mappingOf(plan, name).enabled, name).toBe(active);
    const { variables } = plan.get("aws:lambda/function:Function", "UpdateOrderFunction").inputs.environment;
    expect(variables.STANDS_BY).toBe(active ? "no" : "yes");
  });
});

it("one of prod and its standby numbers, never both", () => {
  expect([stageOf("prod").active, stageOf("prod-dr").active].filter(Boolean)).toHaveLength(1);
});
