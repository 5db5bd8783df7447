import * as v from "valibot";
import type { Clock } from "../clock.ts";
import type { MailTemplate } from "./mails.ts";
import { checkTemplate } from "./templates/check-template.ts";
import { mailFields } from "./templates/fields.ts";
import { mailTemplates } from "./templates/mail-data.ts";

/** Published templates: immutable sets, one of which the manifest names as current. */

/** A template with merge tags (Mustache). */
export type Template = { subject: string; html: string; text: string };

/** All templates of one publication; `version` is the hash of their content. */
export type TemplateSet = { version: string; templates: Record<MailTemplate, Template> };

/**
 * Names the current set, the versions that were current before it, the latest first (the way back), and the one that the
 * last deployment brought: where that is another than the current, somebody published or rolled back by hand since.
 */
export type Manifest = { version: string; publishedAt: string; previous?: string[]; deployed?: string };

export const manifestKey = "manifest.json";
/** Where the last deployment noted what its functions can fill (`MailFields`). */
export const fieldsKey = "fields.json";
/** Where a set lies; what lies there never changes. */
export const templateSetKey = (version: string) => `${version}/templates.json`;

const PublishedManifest = v.object({ version: v.string() });
/** A set may lack a template that this release knows: the bundled one stands in. What it has must be whole. */
const PublishedSet = v.object({
  version: v.string(),
  templates: v.record(v.string(), v.object({ subject: v.string(), html: v.string(), text: v.string() })),
});

export type TemplateSource = { read(key: string): Promise<unknown> };

type Options = {
  source: TemplateSource;
  /** The copy that was current when the function was built. */
  bundled: TemplateSet;
  clock: Clock;
  /** How long a manifest is good, in ms. */
  cacheMs: number;
  /** Told each time the published templates could not be read, or not be filled. */
  onFallback: (error: unknown) => void;
};

/**
 * The current templates: published ones that this release can fill, or else the last such ones, or else the bundled copy. A
 * mail is never held up by the store.
 */
export function templateStore({ source, bundled, clock, cacheMs, onFallback }: Options) {
  let current = bundled;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function refresh(): Promise<void> {
    const { version } = v.parse(PublishedManifest, await source.read(manifestKey));
    if (version === current.version) return;
    const set = v.parse(PublishedSet, await source.read(templateSetKey(version))) as TemplateSet;
    refuseUnfillable(set);
    current = set;
  }

  return {
    /** A template and the set it belongs to. */
    async get(key: MailTemplate): Promise<{ template: Template; version: string }> {
      if (clock().getTime() - readAt >= cacheMs) {
        // The mails of a batch ask at the same time and wait for the same answer.
        reading ??= refresh()
          .catch(onFallback)
          .finally(() => {
            readAt = clock().getTime();
            reading = undefined;
          });
        await reading;
      }
      return { template: current.templates[key] ?? bundled.templates[key], version: current.version };
    },
  };
}

/** A tag that this release has no data for would leave a hole in a customer's mail. Templates it does not know are another's. */
function refuseUnfillable({ version, templates }: TemplateSet): void {
  const problems = mailTemplates.flatMap((key) => (templates[key] ? checkTemplate(key, templates[key], mailFields[key]) : []));
  if (problems.length > 0) throw new UnfillableTemplates(`the published set ${version}: ${problems.join("; ")}`);
}

/** The published set asks for what this release has no data for. */
class UnfillableTemplates extends Error {
  override readonly name = "UnfillableTemplates";
}

export type TemplateStore = ReturnType<typeof templateStore>;
