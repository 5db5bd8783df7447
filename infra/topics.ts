/** An SNS topic that one AWS service may publish to, over TLS, on behalf of this account only. */
import { accountId } from "./context.ts";

// No KMS key: CloudWatch cannot publish to a topic under the AWS-managed key, and no message here is secret.
export function createTopic(component: string, name: string, publisher: "cloudwatch.amazonaws.com" | "ses.amazonaws.com") {
  const topic = new sst.aws.SnsTopic(component, { transform: { topic: { name } } });
  new aws.sns.TopicPolicy(`${component}Policy`, {
    arn: topic.arn,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "Publisher",
          actions: ["sns:Publish"],
          resources: [topic.arn],
          principals: [{ type: "Service", identifiers: [publisher] }],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
        },
        {
          sid: "TlsOnly",
          effect: "Deny",
          actions: ["sns:Publish"],
          resources: [topic.arn],
          principals: [{ type: "*", identifiers: ["*"] }],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
    }).json,
  });
  return topic;
}
