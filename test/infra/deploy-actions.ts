/**
 * What the AWS provider asks of whoever deploys, per type of resource: to make it, to read it back, to change it. From the
 * provider's sources and the service authorisation reference; what no plan can tell.
 */

import { tagsOf } from "../../infra/app.ts";

/** An action on a resource, under the circumstances that a policy's condition may ask for. */
export type Ask = { action: string; arn: string; context?: Record<string, string> };

/** Where a resource lies. */
export type Place = { region: string; account: string };

// biome-ignore lint/suspicious/noExplicitAny: the inputs of a resource of any type.
type Inputs = Record<string, any>;

const on = (arn: string, service: string, actions: string, context?: Ask["context"]): Ask[] =>
  actions.split(" ").map((action) => ({ action: `${service}:${action}`, arn, ...(context && { context }) }));

const arnOf = (service: string, { region, account }: Place, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
const api = (path: string, { region }: Place, methods: string) => on(`arn:aws:apigateway:${region}::/${path}`, "apigateway", methods);
const bucket = ({ bucket: name }: Inputs, actions: string) => on(`arn:aws:s3:::${name}`, "s3", actions);
const queue = ({ queueUrl }: Inputs, place: Place, actions: string) =>
  on(arnOf("sqs", place, String(queueUrl).split("/").at(-1)!), "sqs", actions);
const ses = (identity: string, place: Place, actions: string) => on(arnOf("ses", place, identity), "ses", actions);
const role = (name: string, { account }: Place) => `arn:aws:iam::${account}:role/${name}`;
/** What AWS knows of the tags of whatever a deploy has made. */
const own = { "aws:ResourceTag/Component": tagsOf("any").Component };
const topicActions = "SetTopicAttributes GetTopicAttributes";

export const asksOf: Record<string, (inputs: Inputs, place: Place) => Ask[]> = {
  "aws:acm/certificate:Certificate": ({ domainName }, place) => [
    ...on("*", "acm", "RequestCertificate", { "acm:DomainNames": domainName }),
    ...on(arnOf("acm", place, "certificate/1"), "acm", "DescribeCertificate AddTagsToCertificate ListTagsForCertificate"),
    ...on(arnOf("acm", place, "certificate/1"), "acm", "DeleteCertificate", own),
  ],
  "aws:acm/certificateValidation:CertificateValidation": (_, place) =>
    on(arnOf("acm", place, "certificate/1"), "acm", "DescribeCertificate"),
  "aws:apigatewayv2/api:Api": (_, place) => [
    ...api("apis", place, "POST"),
    ...api("apis/api123", place, "GET TagResource"),
    ...on(`arn:aws:apigateway:${place.region}::/apis/api123`, "apigateway", "PATCH DELETE", own),
    ...api("tags/arn", place, "POST"),
  ],
  "aws:apigatewayv2/apiMapping:ApiMapping": ({ domainName }, place) =>
    api(`domainnames/${domainName}/apimappings`, place, "POST GET PATCH"),
  "aws:apigatewayv2/authorizer:Authorizer": (_, place) => api("apis/api123/authorizers", place, "POST GET PATCH"),
  "aws:apigatewayv2/domainName:DomainName": ({ domainName }, place) => [
    ...api("domainnames", place, "POST"),
    ...api(`domainnames/${domainName}`, place, "GET PATCH TagResource"),
  ],
  "aws:apigatewayv2/integration:Integration": (_, place) => api("apis/api123/integrations", place, "POST GET PATCH"),
  "aws:apigatewayv2/route:Route": (_, place) => api("apis/api123/routes", place, "POST GET PATCH"),
  // API Gateway writes its access log through a log delivery, which it makes with the rights of whoever makes the stage.
  "aws:apigatewayv2/stage:Stage": (_, place) => [
    ...api("apis/api123/stages", place, "POST GET PATCH TagResource"),
    ...on("*", "logs", "CreateLogDelivery GetLogDelivery UpdateLogDelivery ListLogDeliveries PutResourcePolicy DescribeResourcePolicies"),
    ...on(role("aws-service-role/ops.apigateway.amazonaws.com/any", place), "iam", "CreateServiceLinkedRole", {
      "iam:AWSServiceName": "ops.apigateway.amazonaws.com",
    }),
  ],
  "aws:budgets/budget:Budget": ({ name }, { account }) =>
    on(`arn:aws:budgets::${account}:budget/${name}`, "budgets", "ModifyBudget ViewBudget TagResource ListTagsForResource"),
  "aws:cloudwatch/dashboard:Dashboard": ({ dashboardName }, { account }) =>
    on(`arn:aws:cloudwatch::${account}:dashboard/${dashboardName}`, "cloudwatch", "PutDashboard GetDashboard"),
  "aws:cloudwatch/logGroup:LogGroup": ({ name }, place) => [
    ...on(arnOf("logs", place, `log-group:${name}`), "logs", "CreateLogGroup PutRetentionPolicy TagResource ListTagsForResource"),
    ...on("*", "logs", "DescribeLogGroups"),
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ({ name }, place) =>
    on(arnOf("cloudwatch", place, `alarm:${name}`), "cloudwatch", "PutMetricAlarm DescribeAlarms TagResource ListTagsForResource"),
  "aws:dynamodb/table:Table": ({ name, replicas = [] }, place) => {
    const table = (region: string) => arnOf("dynamodb", { ...place, region }, `table/${name}`);
    const both = "DescribeTable DescribeContinuousBackups UpdateContinuousBackups TagResource ListTagsOfResource";
    return [
      ...on(table(place.region), "dynamodb", `CreateTable UpdateTable DescribeTimeToLive UpdateTimeToLive ${both}`),
      ...(replicas as { regionName: string }[]).flatMap(({ regionName }) => [
        ...on(table(place.region), "dynamodb", "CreateTableReplica"),
        ...on(table(regionName), "dynamodb", both),
        ...on(role("aws-service-role/replication.dynamodb.amazonaws.com/any", place), "iam", "CreateServiceLinkedRole", {
          "iam:AWSServiceName": "replication.dynamodb.amazonaws.com",
        }),
      ]),
    ];
  },
  "aws:iam/role:Role": ({ name, permissionsBoundary, assumeRolePolicy }, place) => [
    ...on(role(name, place), "iam", "CreateRole PutRolePermissionsBoundary PutRolePolicy DeleteRolePolicy", {
      "iam:PermissionsBoundary": permissionsBoundary,
    }),
    ...on(role(name, place), "iam", "GetRole ListRolePolicies GetRolePolicy ListAttachedRolePolicies TagRole UpdateAssumeRolePolicy"),
    ...on(role(name, place), "iam", "PassRole", {
      "iam:PassedToService": JSON.stringify(assumeRolePolicy).includes("lambda.amazonaws.com")
        ? "lambda.amazonaws.com"
        : "s3.amazonaws.com",
    }),
  ],
  "aws:lambda/eventSourceMapping:EventSourceMapping": ({ functionName }, place) => {
    const mapping = arnOf("lambda", place, "event-source-mapping:1");
    const onFunction = { "lambda:FunctionArn": arnOf("lambda", place, `function:${functionName}`) };
    return [
      ...on("*", "lambda", "CreateEventSourceMapping", onFunction),
      ...on(mapping, "lambda", "UpdateEventSourceMapping DeleteEventSourceMapping", onFunction),
      ...on(mapping, "lambda", "GetEventSourceMapping TagResource ListTags"),
    ];
  },
  "aws:lambda/function:Function": ({ name }, place) =>
    on(
      arnOf("lambda", place, `function:${name}`),
      "lambda",
      "CreateFunction GetFunction GetFunctionCodeSigningConfig ListVersionsByFunction UpdateFunctionCode UpdateFunctionConfiguration TagResource",
    ),
  "aws:lambda/permission:Permission": ({ function: arn }) => on(arn, "lambda", "AddPermission GetPolicy RemovePermission"),
  "aws:route53/healthCheck:HealthCheck": () => [
    ...on("*", "route53", "CreateHealthCheck"),
    ...on("arn:aws:route53:::healthcheck/1", "route53", "GetHealthCheck UpdateHealthCheck ChangeTagsForResource ListTagsForResource"),
  ],
  "aws:route53/record:Record": ({ name }) => [
    ...on("arn:aws:route53:::hostedzone/ZONE", "route53", "GetHostedZone ListResourceRecordSets ListTagsForResource"),
    ...on("arn:aws:route53:::hostedzone/ZONE", "route53", "ChangeResourceRecordSets", {
      "route53:ChangeResourceRecordSetsNormalizedRecordNames": name,
    }),
    ...on("arn:aws:route53:::change/1", "route53", "GetChange"),
    ...on("*", "route53", "ListHostedZones ListHostedZonesByName"),
  ],
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": (inputs) => bucket(inputs, "PutBucketCORS GetBucketCORS"),
  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": (inputs) =>
    bucket(inputs, "PutLifecycleConfiguration GetLifecycleConfiguration"),
  "aws:s3/bucketPolicy:BucketPolicy": (inputs) => bucket(inputs, "PutBucketPolicy GetBucketPolicy"),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (inputs) =>
    bucket(inputs, "PutBucketPublicAccessBlock GetBucketPublicAccessBlock"),
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": (inputs) =>
    bucket(inputs, "PutReplicationConfiguration GetReplicationConfiguration"),
  "aws:s3/bucketV2:BucketV2": (inputs) =>
    bucket(
      inputs,
      "CreateBucket ListBucket GetBucketAcl GetBucketLogging GetBucketObjectLockConfiguration GetBucketRequestPayment GetBucketTagging GetBucketWebsite GetAccelerateConfiguration GetEncryptionConfiguration PutBucketTagging",
    ),
  // The functions' code, in SST's own bucket: tagged as everything is, and deleted in all its versions.
  "aws:s3/bucketObjectv2:BucketObjectv2": ({ bucket: name, key }) => [
    ...on(`arn:aws:s3:::${name}/${key}`, "s3", "PutObject PutObjectTagging GetObject GetObjectTagging DeleteObject DeleteObjectVersion"),
    ...on(`arn:aws:s3:::${name}`, "s3", "ListBucket ListBucketVersions"),
  ],
  "aws:s3/bucketVersioningV2:BucketVersioningV2": (inputs) => bucket(inputs, "PutBucketVersioning GetBucketVersioning"),
  "aws:sesv2/accountSuppressionAttributes:AccountSuppressionAttributes": () => on("*", "ses", "PutAccountSuppressionAttributes GetAccount"),
  "aws:sesv2/configurationSet:ConfigurationSet": ({ configurationSetName }, place) =>
    ses(
      `configuration-set/${configurationSetName}`,
      place,
      "CreateConfigurationSet GetConfigurationSet PutConfigurationSetSuppressionOptions PutConfigurationSetReputationOptions TagResource ListTagsForResource",
    ),
  "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination": ({ configurationSetName }, place) =>
    ses(
      `configuration-set/${configurationSetName}`,
      place,
      "CreateConfigurationSetEventDestination GetConfigurationSetEventDestinations UpdateConfigurationSetEventDestination",
    ),
  "aws:sesv2/emailIdentity:EmailIdentity": ({ emailIdentity }, place) =>
    ses(`identity/${emailIdentity}`, place, "CreateEmailIdentity GetEmailIdentity TagResource ListTagsForResource"),
  "aws:sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes": ({ emailIdentity }, place) =>
    ses(`identity/${emailIdentity}`, place, "PutEmailIdentityMailFromAttributes GetEmailIdentity"),
  "aws:sns/topic:Topic": ({ name }, place) =>
    on(arnOf("sns", place, name), "sns", `CreateTopic TagResource ListTagsForResource ${topicActions}`),
  "aws:sns/topicPolicy:TopicPolicy": ({ arn }) => on(arn, "sns", topicActions),
  "aws:sns/topicSubscription:TopicSubscription": ({ topic }) => [
    ...on(topic, "sns", "Subscribe ListSubscriptionsByTopic"),
    ...on(`${topic}:1`, "sns", "GetSubscriptionAttributes Unsubscribe"),
  ],
  "aws:sqs/queue:Queue": ({ name }, place) =>
    on(arnOf("sqs", place, name), "sqs", "CreateQueue GetQueueAttributes SetQueueAttributes TagQueue ListQueueTags"),
  "aws:sqs/queuePolicy:QueuePolicy": (inputs, place) => queue(inputs, place, "SetQueueAttributes GetQueueAttributes"),
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": (inputs, place) => queue(inputs, place, "SetQueueAttributes GetQueueAttributes"),
  // Not of AWS: a number drawn once, and a program.
  "random:index/randomBytes:RandomBytes": () => [],
  "pulumi:providers:aws": () => [],
};
