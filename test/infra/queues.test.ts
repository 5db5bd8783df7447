import { describe, expect, it } from "vitest";
import { type Plan, planOf } from "./harness/plan.ts";
import { everyStage } from "./stages.ts";

const days = (count: number) => count * 24 * 60 * 60;

/** events.md's table of queues, by hand. */
const workQueues = [
  { component: "OrderCreationQueue", physical: "bbws-order-creation", letters: "bbws-order-creation-dlq", consumer: "OrderCreatorRecord" },
  { component: "InvoiceQueue", physical: "bbws-order-pdf", letters: "bbws-order-pdf-dlq", consumer: "OrderPDFCreator" },
  {
    component: "InternalNotificationQueue",
    physical: "bbws-order-internal-notify",
    letters: "bbws-order-internal-notify-dlq",
    consumer: "OrderInternalNotificationSender",
  },
  {
    component: "CustomerNotificationQueue",
    physical: "bbws-order-customer-notify",
    letters: "bbws-order-customer-notify-dlq",
    consumer: "CustomerOrderConfirmationSender",
  },
];

const queueOf = (plan: Plan, component: string) => plan.get("aws:sqs/queue:Queue", `${component}Queue`).inputs;

describe.each(everyStage)("the queues of %s", (stage) => {
  it("are the four work queues, each with its dead-letter queue, and the stream's dead-letter queue", async () => {
    const plan = await planOf(stage);
    const expected = [...workQueues.flatMap(({ physical, letters }) => [physical, letters]), "bbws-order-changes-dlq"].map(
      (name) => `${name}-${stage}`,
    );
    expect(
      plan
        .ofType("aws:sqs/queue:Queue")
        .map(({ inputs }) => inputs.name)
        .sort(),
    ).toEqual(expected.sort());
  });

  it.each(workQueues)("$component gives up after ten receives, to its own dead-letter queue alone", async ({ component, letters }) => {
    const plan = await planOf(stage);
    const region = plan.app.providers.aws.region;
    const arn = (name: string) => `arn:aws:sqs:${region}:${plan.account}:${name}`;
    const queue = queueOf(plan, component);
    expect(JSON.parse(queue.redrivePolicy!)).toEqual({ deadLetterTargetArn: arn(`${letters}-${stage}`), maxReceiveCount: 10 });
    const allow = plan.get("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", `${component.replace("Queue", "DLQ")}RedriveAllow`).inputs;
    expect(allow.queueUrl.endsWith(`/${letters}-${stage}`)).toBe(true);
    expect(JSON.parse(allow.redriveAllowPolicy)).toEqual({ redrivePermission: "byQueue", sourceQueueArns: [arn(queue.name)] });
  });

  it.each(workQueues)("$component hides a message for at least six times its consumer's timeout", async ({ component, consumer }) => {
    const plan = await planOf(stage);
    const { timeout } = plan.get("aws:lambda/function:Function", `${consumer}Function`).inputs;
    expect(queueOf(plan, component).visibilityTimeoutSeconds).toBeGreaterThanOrEqual(6 * timeout);
  });

  it("are encrypted, poll for 20 s, and keep dead letters for 14 days", async () => {
    const plan = await planOf(stage);
    for (const { inputs } of plan.ofType("aws:sqs/queue:Queue")) {
      expect([inputs.name, inputs.sqsManagedSseEnabled, inputs.receiveWaitTimeSeconds]).toEqual([inputs.name, true, 20]);
      if (inputs.name.includes("-dlq-")) expect(inputs.messageRetentionSeconds).toBe(days(14));
    }
  });

  it("refuse every call that is not over TLS", async () => {
    const plan = await planOf(stage);
    const policies = plan.ofType("aws:sqs/queuePolicy:QueuePolicy");
    for (const { inputs: queue } of plan.ofType("aws:sqs/queue:Queue")) {
      const policy = policies.find(({ inputs }) => inputs.queueUrl.endsWith(`/${queue.name}`));
      expect(policy, queue.name).toBeDefined();
      expect(JSON.parse(policy!.inputs.policy).Statement).toEqual([
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Action: "sqs:*",
          Principal: "*",
          Resource: expect.stringMatching(new RegExp(`:${queue.name}$`)),
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]);
    }
  });
});

it.each([
  ["dev", 4],
  ["sit", 4],
  ["prod", 14],
])("%s keeps work for %i days", async (stage, kept) => {
  const plan = await planOf(stage);
  for (const { component } of workQueues) expect(queueOf(plan, component).messageRetentionSeconds).toBe(days(kept));
});
