import { describe, expect, it } from "vitest";
import { planOf } from "./harness/plan.ts";
import { everyStage } from "./stages.ts";

describe.each(everyStage)("the mail of %s", (stage) => {
  it("goes through one configuration set that reports bounces, complaints and rejects to a topic", async () => {
    const plan = await planOf(stage);
    const set = plan.get("aws:sesv2/configurationSet:ConfigurationSet", "MailConfiguration").inputs;
    expect(set).toMatchObject({
      configurationSetName: `bbws-order-${stage}`,
      suppressionOptions: { suppressedReasons: ["BOUNCE", "COMPLAINT"] },
      reputationOptions: { reputationMetricsEnabled: true },
    });
    const events = plan.get(
      "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination",
      "MailConfigurationEvents",
    ).inputs;
    expect(events.configurationSetName).toBe(set.configurationSetName);
    expect(events.eventDestination.matchingEventTypes).toEqual(["BOUNCE", "COMPLAINT", "REJECT"]);
    expect(events.eventDestination.snsDestination.topicArn).toMatch(new RegExp(`:bbws-order-mail-events-${stage}$`));
  });

  it("publishes its events under SES's name, for this account, over TLS", async () => {
    const plan = await planOf(stage);
    const policy = JSON.parse(plan.get("aws:sns/topicPolicy:TopicPolicy", "MailEventsPolicy").inputs.policy);
    expect(policy.Statement[0]).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "ses.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": plan.account } },
    });
    expect(policy.Statement[1]).toMatchObject({ Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } });
  });
});

it.each([
  ["dev", [["kimmyai.io", "af-south-1"]]],
  ["sit", [["kimmyai.io", "af-south-1"]]],
  [
    "prod",
    [
      ["kimmyai.io", "af-south-1"],
      ["kimmyai.io", "eu-west-1"],
    ],
  ],
  ["prod-dr", []],
  ["ada", []],
])("%s owns the identities %j", async (stage, identities) => {
  const found = (await planOf(stage))
    .ofType("aws:sesv2/emailIdentity:EmailIdentity")
    .map(({ inputs, region }) => [inputs.emailIdentity, region]);
  expect(found.sort()).toEqual(identities);
});

it.each([
  ["mailDnsRecords", "af-south-1"],
  ["recoveryMailDnsRecords", "eu-west-1"],
])("tells the domain's owner in %s which DKIM, SPF and DMARC records to publish for %s", async (output, region) => {
  const records = (await planOf("prod")).outputs[output] as string[];
  expect(records.filter((record) => record.startsWith("CNAME") && record.includes("._domainkey.kimmyai.io "))).toHaveLength(3);
  expect(records).toEqual(
    expect.arrayContaining([
      expect.stringMatching(new RegExp(`^TXT mail-${region}\\.kimmyai\\.io "v=spf1 `)),
      expect.stringMatching(/^TXT _dmarc\.kimmyai\.io "v=DMARC1; p=quarantine/),
    ]),
  );
});
