/**
 * Public list prices in US dollars, as AWS publishes them for us-east-1 (aws.amazon.com/{lambda,dynamodb,sqs,s3,ses,
 * api-gateway,cloudwatch,xray}/pricing), without free tiers. Cape Town's are up to a third higher, service by service; one factor
 * on all of them keeps the estimate on the safe side.
 */
export const prices = {
  asOf: "2026-11-24",
  regionFactor: 1.33,
  /** arm64. */
  lambda: { perMillionRequests: 0.2, perGbSecond: 0.000_013_333_4 },
  httpApi: { perMillionRequests: 1 },
  dynamodb: { perMillionWriteUnits: 0.625, perMillionReadUnits: 0.125, perGbMonth: 0.25, backupPerGbMonth: 0.2 },
  sqs: { perMillionRequests: 0.4 },
  s3: { perThousandWrites: 0.005, perThousandReads: 0.0004, perGbMonth: 0.023 },
  ses: { perThousandMails: 0.1, perGbAttached: 0.12 },
  /** What comes in, with its storage. */
  logs: { perGb: 0.5 },
  /** An alarm on an expression is paid for each metric in it. A custom metric is a name with its dimensions, in the months it is written. */
  cloudwatch: { perAlarmMetricMonth: 0.1, perDashboardMonth: 3, perMetricMonth: 0.3 },
  xray: { perMillionTraces: 5 },
} as const;
