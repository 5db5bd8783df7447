/** The inputs of the resources that the tests ask about; only the properties they read. */

export type ResourceInputs = {
  "aws:dynamodb/table:Table": {
    name: string;
    hashKey: string;
    rangeKey: string;
    billingMode: string;
    attributes: { name: string; type: string }[];
    globalSecondaryIndexes: { name: string; hashKey: string; rangeKey: string; projectionType: string }[];
    streamEnabled: boolean;
    streamViewType: string;
    ttl: { attributeName: string; enabled: boolean };
    pointInTimeRecovery: { enabled: boolean };
    serverSideEncryption: { enabled: boolean };
    deletionProtectionEnabled: boolean;
    replicas?: { regionName: string; pointInTimeRecovery: boolean; propagateTags: boolean }[];
  };
  "aws:sqs/queue:Queue": {
    name: string;
    visibilityTimeoutSeconds: number;
    messageRetentionSeconds: number;
    receiveWaitTimeSeconds: number;
    sqsManagedSseEnabled: boolean;
    redrivePolicy?: string;
  };
  "aws:sqs/queuePolicy:QueuePolicy": { queueUrl: string; policy: string };
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": { queueUrl: string; redriveAllowPolicy: string };
  "aws:s3/bucketV2:BucketV2": { bucket: string; forceDestroy: boolean };
  "aws:s3/bucketVersioningV2:BucketVersioningV2": { bucket: string; versioningConfiguration: { status: string } };
  "aws:s3/bucketPolicy:BucketPolicy": { bucket: string; policy: string };
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    bucket: string;
    blockPublicAcls: boolean;
    blockPublicPolicy: boolean;
    ignorePublicAcls: boolean;
    restrictPublicBuckets: boolean;
  };
  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
    bucket: string;
    rules: { id: string; status: string; expiration?: { days: number }; noncurrentVersionExpiration: { noncurrentDays: number } }[];
  };
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": {
    bucket: string;
    corsRules: { allowedMethods: string[]; allowedOrigins: string[] }[];
  };
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {
    bucket: string;
    role: string;
    rules: { status: string; destination: { bucket: string }; deleteMarkerReplication: { status: string } }[];
  };
  "aws:lambda/function:Function": {
    name: string;
    role: string;
    handler: string;
    runtime: string;
    architectures: string[];
    timeout: number;
    memorySize: number;
    environment: { variables: Record<string, string> };
    loggingConfig: { logFormat: string; logGroup: string };
    tracingConfig?: { mode: string };
    reservedConcurrentExecutions?: number;
  };
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    eventSourceArn: string;
    functionName: string;
    functionResponseTypes: string[];
    batchSize: number;
    enabled?: boolean;
    maximumBatchingWindowInSeconds?: number;
    scalingConfig?: { maximumConcurrency: number };
    filterCriteria?: { filters: { pattern: string }[] };
    startingPosition?: string;
    parallelizationFactor?: number;
    maximumRetryAttempts?: number;
    bisectBatchOnFunctionError?: boolean;
    destinationConfig?: { onFailure: { destinationArn: string } };
  };
  "aws:lambda/permission:Permission": { action: string; function: string; principal: string; sourceArn: string };
  "aws:iam/role:Role": {
    name: string;
    assumeRolePolicy: string;
    inlinePolicies?: { name: string; policy: string }[];
    managedPolicyArns?: string[];
    permissionsBoundary?: string;
  };
  "aws:apigatewayv2/api:Api": {
    name: string;
    protocolType: string;
    corsConfiguration: {
      allowOrigins: string[];
      allowMethods: string[];
      allowHeaders: string[];
      exposeHeaders: string[];
      allowCredentials: boolean;
      maxAge: number;
    };
  };
  "aws:apigatewayv2/stage:Stage": {
    name: string;
    autoDeploy: boolean;
    accessLogSettings: { destinationArn: string; format: string };
    defaultRouteSettings: { throttlingRateLimit: number; throttlingBurstLimit: number; detailedMetricsEnabled: boolean };
    routeSettings: { routeKey: string; throttlingRateLimit: number; throttlingBurstLimit: number }[];
  };
  "aws:apigatewayv2/route:Route": { routeKey: string; target: string; authorizationType: string; authorizerId?: string };
  "aws:apigatewayv2/integration:Integration": { integrationType: string; integrationUri: string; payloadFormatVersion: string };
  "aws:apigatewayv2/authorizer:Authorizer": {
    authorizerType: string;
    identitySources: string[];
    jwtConfiguration: { issuer: string; audiences: string[] };
  };
  "aws:apigatewayv2/domainName:DomainName": {
    domainName: string;
    domainNameConfiguration: { endpointType: string; securityPolicy: string };
  };
  "aws:apigatewayv2/apiMapping:ApiMapping": { domainName: string; apiMappingKey?: string };
  "aws:route53/record:Record": {
    name: string;
    type: string;
    setIdentifier?: string;
    failoverRoutingPolicies?: { type: string }[];
    healthCheckId?: string;
  };
  "aws:route53/healthCheck:HealthCheck": { fqdn: string; resourcePath: string; type: string };
  "aws:sesv2/emailIdentity:EmailIdentity": { emailIdentity: string };
  "aws:sesv2/configurationSet:ConfigurationSet": {
    configurationSetName: string;
    suppressionOptions: { suppressedReasons: string[] };
    reputationOptions: { reputationMetricsEnabled: boolean };
  };
  "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination": {
    configurationSetName: string;
    eventDestination: { matchingEventTypes: string[]; snsDestination: { topicArn: string } };
  };
  "aws:sns/topic:Topic": { name: string };
  "aws:sns/topicPolicy:TopicPolicy": { arn: string; policy: string };
  "aws:sns/topicSubscription:TopicSubscription": { topic: string; protocol: string; endpoint: string };
  "aws:cloudwatch/logGroup:LogGroup": { name: string; retentionInDays: number };
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    name: string;
    alarmDescription: string;
    alarmActions: string[];
    comparisonOperator: string;
    evaluationPeriods: number;
    threshold: number;
    treatMissingData: string;
    namespace?: string;
    metricName?: string;
    dimensions?: Record<string, string>;
    period?: number;
    statistic?: string;
    extendedStatistic?: string;
    metricQueries?: {
      id: string;
      expression?: string;
      returnData: boolean;
      metric?: { namespace: string; metricName: string; dimensions: Record<string, string>; period: number; stat: string };
    }[];
  };
  "aws:cloudwatch/dashboard:Dashboard": { dashboardName: string; dashboardBody: string };
  "aws:budgets/budget:Budget": {
    name: string;
    limitAmount: string;
    limitUnit: string;
    notifications: { notificationType: string; threshold: number; thresholdType: string; subscriberEmailAddresses: string[] }[];
  };
  "pulumi:providers:aws": { region: string; allowedAccountIds?: string; forbiddenAccountIds?: string; defaultTags: string };
};

export type ResourceType = keyof ResourceInputs;
