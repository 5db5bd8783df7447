import { renderDocument } from "@bbws/core/document/render.tsx";
import type { MailTemplate } from "@bbws/core/mail/mails.ts";
import type { TemplateSet } from "@bbws/core/mail/template-store.ts";
import type { MailData } from "@bbws/core/mail/templates/mail-data.ts";
import { merge } from "@bbws/core/mail/templates/merge.ts";
import { renderTemplates } from "./render.tsx";
import { documentSamples, samples } from "./samples.ts";

/** Draws one sample. @throws {Error} when the templates could not be published as they are */
export type Draw = () => Promise<Uint8Array | string>;

/** Every sample by its path: documents as PDF, mails as HTML and text, drawn the way the service does it. */
export const previews: Record<string, Draw> = Object.fromEntries([
  ...Object.entries(documentSamples).map(([name, facts]) => [`documents/${name}.pdf`, () => renderDocument(facts)]),
  ...Object.entries(samples).flatMap(([template, byName]) =>
    Object.entries(byName).flatMap(([name, data]) => [
      [`${template}/${name}.html`, async () => (await mail(template as MailTemplate, data)).html],
      [`${template}/${name}.txt`, async () => (await mail(template as MailTemplate, data)).text],
    ]),
  ),
]);

let templates: Promise<TemplateSet> | undefined;

async function mail(template: MailTemplate, data: MailData) {
  templates ??= renderTemplates();
  return merge((await templates).templates[template], data);
}
