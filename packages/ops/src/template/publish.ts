import { readFile } from "node:fs/promises";
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand } from "@aws-sdk/client-s3";
import { systemClock } from "@bbws/core/clock.ts";
import type { MailTemplate } from "@bbws/core/mail/mails.ts";
import { fieldsKey, type Manifest, manifestKey, type TemplateSet, templateSetKey } from "@bbws/core/mail/template-store.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { checkTemplate } from "@bbws/core/mail/templates/check-template.ts";
import { type MailFields, mailFields } from "@bbws/core/mail/templates/fields.ts";
import { exitCode, OpsError } from "../exit-code.ts";
import { columns, paragraphs, plural, type Result } from "../output.ts";
import type { Bucket, Target } from "../target/target.ts";

/** A published set. */
type Published = { version: string; publishedAt: string };

/** Digits of a version that people read and type. */
const SHORT = 12;

type Publication = {
  /** File of another set than the one built from this checkout. */
  set?: string;
  /** The functions of this checkout were deployed just now. */
  afterDeploy?: boolean;
  dryRun?: boolean;
};

/**
 * Puts a template set into the store and makes it the current one. A set that is there already is not written again. After a
 * deployment it also notes what the new functions can fill, and leaves the current set alone where that was published or
 * rolled back by hand since the last deployment and this one brings no other templates than that.
 * @throws {OpsError} when the deployed functions could not fill a tag of the set
 */
export async function publishTemplates(target: Target, { set, afterDeploy = false, dryRun = false }: Publication): Promise<Result> {
  const templates = set === undefined ? bundledTemplates : (JSON.parse(await readFile(set, "utf8")) as TemplateSet);
  const [published, current, fields] = await Promise.all([
    publishedSets(target.templates),
    manifestOf(target.templates),
    afterDeploy ? mailFields : deployedFields(target.templates),
  ]);
  refuseBroken(templates, fields);
  const { version } = templates;
  if (afterDeploy && !dryRun) await putJson(target.templates, fieldsKey, fields);
  if (afterDeploy && current && (await isKept(target.templates, current, version))) {
    return {
      data: { version: current.version, previous: current.version, changed: false, dryRun },
      text: `Version ${current.version.slice(0, SHORT)} was made current by hand since the last deployment, and this one brings no other templates: it stays. npm run templates -- publish puts ${version.slice(0, SHORT)} in its place.`,
      exitCode: exitCode.ok,
    };
  }
  const known = published.some((one) => one.version === version);
  const changed = current?.version !== version;
  const deployed = afterDeploy ? version : current?.deployed;
  if (!dryRun && !known) await putJson(target.templates, templateSetKey(version), templates);
  if (!dryRun && (changed || deployed !== current.deployed))
    await makeCurrent(target.templates, { version, previous: wayBackFrom(current, version), deployed });
  const done = changed ? (dryRun ? "would become the current set" : "is the current set now") : "is the current set already";
  return {
    data: { version, previous: current?.version ?? null, changed: changed && !dryRun, dryRun },
    text: `${plural(Object.keys(templates.templates).length, "template")}, version ${version.slice(0, SHORT)}: ${done}; ${noticedBy(target)}.`,
    exitCode: exitCode.ok,
  };
}

/** True when the current set is somebody's choice since the last deployment, which brought `version` too, and can still be filled. */
async function isKept(bucket: Bucket, current: Manifest, version: string): Promise<boolean> {
  if (current.version === version || current.deployed !== version) return false;
  const set = await getJson<TemplateSet>(bucket, templateSetKey(current.version));
  return set !== undefined && problemsOf(set, mailFields).length === 0;
}

/** A stage's functions keep a set for `TEMPLATE_CACHE_SECONDS`; those of this machine look for each mail. */
const noticedBy = ({ stage }: Target) => (stage === "local" ? "the next mail is written from it" : "functions notice within five minutes");

/** The published sets, newest first. */
export async function listTemplates(target: Target): Promise<Result> {
  const [sets, manifest] = await Promise.all([publishedSets(target.templates), manifestOf(target.templates)]);
  const current = manifest?.version;
  const table = columns(
    ["Version", "Published", ""],
    sets.map(({ version, publishedAt }) => [
      version.slice(0, SHORT),
      publishedAt,
      [version === current ? "current" : "", version === bundledTemplates.version ? "as in this checkout" : ""].filter(Boolean).join(", "),
    ]),
  );
  const none = "Nothing is published: mails are written from the copy in the functions.";
  return {
    data: { current: current ?? null, bundled: bundledTemplates.version, sets },
    text: sets.length === 0 ? none : paragraphs(table, current === undefined ? "No set is current." : undefined),
    exitCode: exitCode.ok,
  };
}

/**
 * Makes an earlier set the current one: the given version, or the one that was current before. What is rolled back from is no
 * way back any more.
 */
export async function rollBackTemplates(
  target: Target,
  { version: wanted, dryRun = false }: { version?: string; dryRun?: boolean },
): Promise<Result> {
  const [sets, manifest] = await Promise.all([publishedSets(target.templates), manifestOf(target.templates)]);
  const current = manifest?.version;
  const next = wanted === undefined ? before(sets, manifest) : byPrefix(sets, wanted);
  const set = await getJson<TemplateSet>(target.templates, templateSetKey(next.version));
  refuseBroken(set!, await deployedFields(target.templates));
  if (!dryRun && next.version !== current) {
    const way = manifest?.previous ?? [];
    const at = way.indexOf(next.version);
    const previous = at < 0 ? wayBackFrom(manifest, next.version) : way.slice(at + 1);
    await makeCurrent(target.templates, { version: next.version, previous, deployed: manifest?.deployed });
  }
  return {
    data: { version: next.version, previous: current ?? null, changed: next.version !== current && !dryRun, dryRun },
    text: `Version ${next.version.slice(0, SHORT)} of ${next.publishedAt} ${dryRun ? "would be" : "is"} the current set${dryRun ? "" : " now"}.`,
    exitCode: exitCode.ok,
  };
}

/** How far back the manifest remembers. */
const REMEMBERED = 20;

const wayBackFrom = (current: Manifest | undefined, next: string): string[] =>
  current ? [current.version, ...(current.previous ?? [])].filter((version) => version !== next).slice(0, REMEMBERED) : [];

function before(sets: Published[], manifest: Manifest | undefined): Published {
  const previous = sets.find(({ version }) => version === manifest?.previous?.[0]);
  if (!previous) throw new OpsError("no set was published before the current one; templates list shows what there is");
  return previous;
}

function byPrefix(sets: Published[], prefix: string): Published {
  const found = sets.filter(({ version }) => version.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  throw new OpsError(
    `${found.length === 0 ? "no" : "more than one"} published set begins with ${prefix}; templates list shows what there is`,
  );
}

function refuseBroken(set: TemplateSet, fields: MailFields): void {
  const problems = problemsOf(set, fields);
  if (problems.length > 0)
    throw new OpsError(`the deployed functions cannot write mails from these templates:\n  ${problems.join("\n  ")}`);
}

/** A tag that the functions have no data for would leave a hole in a customer's mail. */
function problemsOf({ version, templates }: TemplateSet, fields: MailFields): string[] {
  const problems = Object.entries(templates).flatMap(([key, template]) =>
    checkTemplate(key, template, fields[key as MailTemplate] ?? mailFields[key as MailTemplate] ?? {}),
  );
  const missing = Object.keys(bundledTemplates.templates).filter((key) => !(key in templates));
  problems.push(...missing.map((key) => `${key} is missing`));
  if (!/^[0-9a-f]{12,64}$/.test(version)) problems.push("its version is not a hash");
  return problems;
}

/** What the functions can fill: as the last deployment noted it, or, where nobody deployed (the local stack), as in this checkout. */
const deployedFields = async (bucket: Bucket): Promise<MailFields> => (await getJson<MailFields>(bucket, fieldsKey)) ?? mailFields;

async function publishedSets({ s3, name }: Bucket): Promise<Published[]> {
  const sets: Published[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: name, ContinuationToken }));
    for (const { Key = "", LastModified } of page.Contents ?? []) {
      const version = Key.split("/")[0]!;
      if (Key === templateSetKey(version)) sets.push({ version, publishedAt: LastModified?.toISOString() ?? "" });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return sets.sort((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1));
}

const manifestOf = (bucket: Bucket) => getJson<Manifest>(bucket, manifestKey);

function makeCurrent(bucket: Bucket, manifest: Omit<Manifest, "publishedAt">): Promise<void> {
  return putJson(bucket, manifestKey, { ...manifest, publishedAt: systemClock().toISOString() } satisfies Manifest);
}

async function putJson({ s3, name }: Bucket, Key: string, content: unknown): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: name, Key, Body: JSON.stringify(content), ContentType: "application/json" }));
}

async function getJson<Content>({ s3, name }: Bucket, Key: string): Promise<Content | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key }));
    return JSON.parse(await Body!.transformToString()) as Content;
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
