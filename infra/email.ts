/** The sending identity, what SES does with bounces and complaints, and the DNS records its owner must publish. */
import { ownsData, stage, stageName } from "./context.ts";
import { mailConfigurationSet, mailEventsTopic } from "./settings.ts";
import { createTopic } from "./topics.ts";

export const mailEvents = createTopic("MailEvents", mailEventsTopic(stageName), "ses.amazonaws.com");

export const configurationSet = new aws.sesv2.ConfigurationSet("MailConfiguration", {
  configurationSetName: mailConfigurationSet(stageName),
  reputationOptions: { reputationMetricsEnabled: true },
  suppressionOptions: { suppressedReasons: ["BOUNCE", "COMPLAINT"] },
});

new aws.sesv2.ConfigurationSetEventDestination("MailConfigurationEvents", {
  configurationSetName: configurationSet.configurationSetName,
  eventDestinationName: "failures",
  eventDestination: {
    enabled: true,
    matchingEventTypes: ["BOUNCE", "COMPLAINT", "REJECT"],
    snsDestination: { topicArn: mailEvents.arn },
  },
});

/**
 * The identity of a region, without waiting for its verification: the domain's DNS zone is not in this account, so the
 * records are an output for the zone's owner.
 */
export function createIdentity(component: string, region: string, domain: string, opts?: $util.CustomResourceOptions) {
  const mailFrom = `mail-${region}.${domain}`;
  new aws.sesv2.AccountSuppressionAttributes(`${component}Suppression`, { suppressedReasons: ["BOUNCE", "COMPLAINT"] }, opts);
  const identity = new aws.sesv2.EmailIdentity(component, { emailIdentity: domain }, opts);
  new aws.sesv2.EmailIdentityMailFromAttributes(
    `${component}MailFrom`,
    { emailIdentity: identity.emailIdentity, mailFromDomain: mailFrom, behaviorOnMxFailure: "USE_DEFAULT_VALUE" },
    opts,
  );
  const dkim = identity.dkimSigningAttributes.apply((attributes) =>
    (attributes?.tokens ?? []).map((token) => `CNAME ${token}._domainkey.${domain} ${token}.dkim.amazonses.com`),
  );
  return dkim.apply((records) => [
    ...records,
    `MX ${mailFrom} 10 feedback-smtp.${region}.amazonses.com`,
    `TXT ${mailFrom} "v=spf1 include:amazonses.com ~all"`,
    `TXT _dmarc.${domain} "v=DMARC1; p=quarantine; rua=mailto:postmaster@${domain}"`,
  ]);
}

/** DKIM, SPF and DMARC records to publish; empty where the stage has no identity of its own. */
export const mailDnsRecords =
  stage.mail.domain !== undefined && ownsData ? createIdentity("MailIdentity", stage.region, stage.mail.domain) : $output<string[]>([]);
