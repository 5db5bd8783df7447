/** What a stage with a recovery region keeps there: replicated documents and templates, and a sending identity. */

import { accountGuardOf, tagsOf } from "./app.ts";
import { buckets, createDocumentsBucket, createTemplatesBucket } from "./buckets.ts";
import { stage, stageName } from "./context.ts";
import { createIdentity } from "./email.ts";
import { buckets as settings } from "./settings.ts";
import { recoveryStageOf } from "./stage.ts";

const standby = recoveryStageOf(stageName);

/** DKIM, SPF and DMARC records of the identity there; empty where there is none. */
export let recoveryMailDnsRecords = $output<string[]>([]);

if (stage.recoveryRegion && standby) {
  // A provider of one's own inherits neither the account guard nor the tags.
  const provider = new aws.Provider("Recovery", {
    region: stage.recoveryRegion as "eu-west-1",
    ...accountGuardOf(stageName),
    defaultTags: { tags: tagsOf(stageName) },
  });
  const documents = createDocumentsBucket("DocumentsRecovery", settings.DocumentsBucket.physical(standby), { provider });
  const templates = createTemplatesBucket("TemplatesRecovery", settings.TemplatesBucket.physical(standby), { provider });
  replicate("Documents", buckets.DocumentsBucket, documents);
  replicate("Templates", buckets.TemplatesBucket, templates);
  if (stage.mail.domain)
    recoveryMailDnsRecords = createIdentity("MailIdentityRecovery", stage.recoveryRegion, stage.mail.domain, { provider });
}

function replicate(name: string, from: sst.aws.Bucket, to: sst.aws.Bucket) {
  const role = new aws.iam.Role(`${name}ReplicationRole`, {
    name: `bbws-order-${stageName}-${name}Replication`,
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "s3.amazonaws.com" }),
    inlinePolicies: [{ name: "replicate", policy: replicationPolicy(from, to) }],
  });
  new aws.s3.BucketReplicationConfig(
    `${name}Replication`,
    {
      bucket: from.name,
      role: role.arn,
      rules: [
        {
          id: "all",
          status: "Enabled",
          priority: 1,
          filter: { prefix: "" },
          deleteMarkerReplication: { status: "Disabled" },
          destination: {
            bucket: to.arn,
            // Replication time control: 15 minutes by contract, and the metrics to see it.
            replicationTime: { status: "Enabled", time: { minutes: 15 } },
            metrics: { status: "Enabled", eventThreshold: { minutes: 15 } },
          },
        },
      ],
    },
    { dependsOn: [from, to] },
  );
}

function replicationPolicy(from: sst.aws.Bucket, to: sst.aws.Bucket) {
  return aws.iam.getPolicyDocumentOutput({
    statements: [
      { actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"], resources: [from.arn] },
      {
        actions: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
        resources: [$interpolate`${from.arn}/*`],
      },
      { actions: ["s3:ReplicateObject", "s3:ReplicateTags"], resources: [$interpolate`${to.arn}/*`] },
    ],
  }).json;
}
