/**
 * The provider's side: what AWS would compute for a resource (ARNs, URLs, ids) and what its data sources would say.
 * An output that is missing here is `undefined` in the plan; a test asserts that no string holds one.
 */
import { createHash } from "node:crypto";

type Inputs = Record<string, unknown>;
type Computed = { id?: string } & Record<string, unknown>;

export type Cloud = {
  resource(args: { type: string; name: string; inputs: Inputs; region: string; id?: string }): { id: string; state: Inputs };
  dataSource(args: { token: string; inputs: Inputs; region: string }): Inputs;
};

/** Hosted zone and certificate names in the plan all belong to this domain. */
const zoneName = "kimmyai.io";

export function createCloud(account: string): Cloud {
  const computed: Record<string, (inputs: Inputs, name: string, region: string) => Computed> = {
    "aws:dynamodb/table:Table": (inputs, _, region) => {
      const arn = `arn:aws:dynamodb:${region}:${account}:table/${inputs.name}`;
      return { arn, id: String(inputs.name), streamEnabled: true, streamArn: `${arn}/stream/2026-01-01T00:00:00.000` };
    },
    "aws:sqs/queue:Queue": (inputs, _, region) => {
      const url = `https://sqs.${region}.amazonaws.com/${account}/${inputs.name}`;
      return { arn: `arn:aws:sqs:${region}:${account}:${inputs.name}`, url, id: url };
    },
    "aws:sns/topic:Topic": (inputs, _, region) => {
      const arn = `arn:aws:sns:${region}:${account}:${inputs.name}`;
      return { arn, id: arn };
    },
    "aws:s3/bucketV2:BucketV2": (inputs, _, region) => ({
      arn: `arn:aws:s3:::${inputs.bucket}`,
      id: String(inputs.bucket),
      region,
      bucketDomainName: `${inputs.bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${inputs.bucket}.s3.${region}.amazonaws.com`,
    }),
    "aws:iam/role:Role": (inputs) => ({ arn: `arn:aws:iam::${account}:role/${inputs.name}`, id: String(inputs.name) }),
    "aws:lambda/function:Function": (inputs, _, region) => {
      const arn = `arn:aws:lambda:${region}:${account}:function:${inputs.name}`;
      return { arn, id: String(inputs.name), qualifiedArn: `${arn}:1`, version: "1" };
    },
    "aws:apigatewayv2/api:Api": (_, __, region) => ({
      id: "api123",
      arn: `arn:aws:apigateway:${region}::/apis/api123`,
      apiEndpoint: `https://api123.execute-api.${region}.amazonaws.com`,
      executionArn: `arn:aws:execute-api:${region}:${account}:api123`,
    }),
    "aws:apigatewayv2/domainName:DomainName": (inputs, _, region) => ({
      id: String(inputs.domainName),
      domainNameConfiguration: {
        ...(inputs.domainNameConfiguration as object),
        targetDomainName: `d-123.execute-api.${region}.amazonaws.com`,
        hostedZoneId: "ZAPIGATEWAY",
      },
    }),
    "aws:acm/certificate:Certificate": (inputs, _, region) => ({
      arn: `arn:aws:acm:${region}:${account}:certificate/1`,
      domainValidationOptions: [
        {
          domainName: inputs.domainName,
          resourceRecordName: `_proof.${inputs.domainName}`,
          resourceRecordType: "CNAME",
          resourceRecordValue: "_proof.acm-validations.aws.",
        },
      ],
    }),
    "aws:acm/certificateValidation:CertificateValidation": (inputs) => ({ certificateArn: inputs.certificateArn }),
    "aws:cloudwatch/logGroup:LogGroup": (inputs, _, region) => ({
      arn: `arn:aws:logs:${region}:${account}:log-group:${inputs.name}`,
      id: String(inputs.name),
    }),
    "aws:sesv2/emailIdentity:EmailIdentity": (inputs, _, region) => ({
      arn: `arn:aws:ses:${region}:${account}:identity/${inputs.emailIdentity}`,
      id: String(inputs.emailIdentity),
      dkimSigningAttributes: { tokens: ["token1", "token2", "token3"] },
    }),
    "aws:sesv2/configurationSet:ConfigurationSet": (inputs, _, region) => ({
      arn: `arn:aws:ses:${region}:${account}:configuration-set/${inputs.configurationSetName}`,
      id: String(inputs.configurationSetName),
    }),
    "random:index/randomBytes:RandomBytes": (inputs, name) => {
      const bytes = createHash("sha512").update(name).digest().subarray(0, Number(inputs.length));
      return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
    },
  };

  const dataSources: Record<string, (inputs: Inputs, region: string) => Inputs> = {
    "aws:index/getRegion:getRegion": (_, region) => ({ id: region, name: region }),
    "aws:index/getPartition:getPartition": () => ({ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" }),
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({ id: account, accountId: account }),
    "aws:route53/getZone:getZone": () => ({ id: "ZONE", zoneId: "ZONE", name: zoneName }),
    "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
  };

  return {
    resource({ type, name, inputs, region, id }) {
      // A resource that is only looked up (`Table.get`) is known by its id alone.
      const known: Inputs = id && Object.keys(inputs).length === 0 ? { name: id, bucket: id } : inputs;
      const { id: computedId, ...rest } = computed[type]?.(known, name, region) ?? {};
      return { id: id || computedId || `${name}-id`, state: { ...known, ...rest } };
    },
    dataSource({ token, inputs, region }) {
      const answer = dataSources[token];
      if (!answer) throw new Error(`the plan asks for data source ${token}: teach test/infra/harness/cloud.ts its answer`);
      return answer(inputs, region);
    },
  };
}

type PolicyStatement = {
  sid?: string;
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
};

/** The provider's own translation of statements to a policy's JSON. */
function policyDocument(inputs: Inputs): Inputs {
  const statements = (inputs.statements ?? []) as PolicyStatement[];
  const json = JSON.stringify({ Version: "2012-10-17", Statement: statements.map(statementJson) });
  return { ...inputs, statements: statements.length > 0 ? statements : undefined, id: "policy", json, minifiedJson: json };
}

function statementJson(statement: PolicyStatement) {
  const principals = statement.principals ?? [];
  const everyone = principals.some((principal) => principal.type === "*");
  const conditions: Record<string, Record<string, unknown>> = {};
  for (const { test, variable, values } of statement.conditions ?? []) {
    conditions[test] ??= {};
    conditions[test][variable] = oneOrAll(values);
  }
  return {
    ...(statement.sid && { Sid: statement.sid }),
    Effect: statement.effect ?? "Allow",
    Action: oneOrAll(statement.actions ?? []),
    ...(statement.resources && { Resource: oneOrAll(statement.resources) }),
    ...(principals.length > 0 && {
      Principal: everyone ? "*" : Object.fromEntries(principals.map((principal) => [principal.type, oneOrAll(principal.identifiers)])),
    }),
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

const oneOrAll = (values: string[]) => (values.length === 1 ? values[0] : values);
