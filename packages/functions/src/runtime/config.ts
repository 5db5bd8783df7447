import { Resource } from "sst";
import * as v from "valibot";

/**
 * Linked resources and environment: read here, once, at start, and nowhere else. What is missing or malformed stops the
 * function before its first event, naming the variable.
 */

const list = v.pipe(
  v.string(),
  v.transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  ),
);
const wholeNumber = v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number));
const url = v.pipe(v.string(), v.url());
const yesOrNo = v.pipe(
  v.picklist(["yes", "no"]),
  v.transform((answer) => answer === "yes"),
);
const optionalUrl = v.union([v.literal(""), url]);

const variables = {
  STAGE: v.pipe(v.string(), v.minLength(1)),
  SERVICE_VERSION: v.pipe(v.string(), v.minLength(1)),
  TOKEN_ISSUER: url,
  TOKEN_AUDIENCES: list,
  TOKEN_JWKS_URI: v.optional(url),
  GUEST_ORDERS_PER_HOUR: wholeNumber,
  STANDS_BY: yesOrNo,
  CATALOGUE_URL: optionalUrl,
  CAMPAIGN_URL: optionalUrl,
  API_URL: url,
  PORTAL_URL: url,
  ADMIN_URL: url,
  MAIL_FROM: v.string(),
  MAIL_REPLY_TO: v.string(),
  MAIL_ALLOW_LIST: list,
  MAIL_LEASE_SECONDS: wholeNumber,
  INTERNAL_RECIPIENTS: v.pipe(list, v.minLength(1)),
  TEMPLATE_CACHE_SECONDS: wholeNumber,
  SES_CONFIGURATION_SET: v.optional(v.string(), ""),
  SUPPLIER: v.pipe(v.string(), v.parseJson()),
  /** Divides leases and back-off; the one-machine stack sets it, a deployed function never. */
  TIME_SCALE: v.optional(v.pipe(v.string(), v.transform(Number), v.number(), v.minValue(1)), "1"),
  DYNAMODB_ENDPOINT: v.optional(url),
  SQS_ENDPOINT: v.optional(url),
  S3_ENDPOINT: v.optional(url),
  SES_ENDPOINT: v.optional(url),
};

type Variables = { [Name in keyof typeof variables]: v.InferOutput<(typeof variables)[Name]> };

/**
 * The named variables, parsed.
 * @throws Error naming the variable that is missing or malformed (never its value).
 */
export function environment<const Name extends keyof Variables>(...names: Name[]): Pick<Variables, Name> {
  const entries = names.map((name) => {
    const result = v.safeParse(variables[name] as v.GenericSchema, process.env[name]);
    if (!result.success) throw new Error(`environment variable ${name} is ${process.env[name] === undefined ? "missing" : "malformed"}`);
    return [name, result.output];
  });
  return Object.fromEntries(entries) as Pick<Variables, Name>;
}

type Linked = { name?: string; url?: string; value?: string };

/**
 * A property of a linked resource.
 * @throws Error when the function is not linked to it.
 */
export function linked(component: string, property: keyof Linked): string {
  const value = (Resource as unknown as Record<string, Linked>)[component]?.[property];
  if (value === undefined) throw new Error(`resource ${component} is linked without ${property}`);
  return value;
}

export const tableName = () => linked("OrdersTable", "name");
export const queueUrl = (queue: string) => linked(queue, "url");
export const bucketName = (bucket: string) => linked(bucket, "name");

/** The keys that sign links and page tokens. An empty previous key means that no rotation is under way. */
export function signingKeys() {
  return { current: linked("LinkSigningKey", "value"), previous: linked("PreviousLinkSigningKey", "value") || undefined };
}
