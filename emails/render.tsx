import { createHash } from "node:crypto";
import type { MailTemplate } from "@bbws/core/mail/mails.ts";
import type { Template, TemplateSet } from "@bbws/core/mail/template-store.ts";
import { checkTemplate } from "@bbws/core/mail/templates/check-template.ts";
import { mailFields } from "@bbws/core/mail/templates/fields.ts";
import { mailTemplates } from "@bbws/core/mail/templates/mail-data.ts";
import type { ComponentType } from "react";
import { render, toPlainText } from "react-email";
import { type Part, Publishing } from "./components/merge.tsx";
import { subjects } from "./subjects.ts";
import { components } from "./templates.ts";

/**
 * Renders every template with its merge tags.
 * @throws {Error} naming each tag that the mail's data does not have
 */
export async function renderTemplates(): Promise<TemplateSet> {
  const rendered = await Promise.all(mailTemplates.map(async (key) => [key, await renderTemplate(key)] as const));
  const problems = rendered.flatMap(([key, template]) => checkTemplate(key, template, mailFields[key]));
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const templates = Object.fromEntries(rendered) as Record<MailTemplate, Template>;
  return { version: createHash("sha256").update(JSON.stringify(templates)).digest("hex").slice(0, 16), templates };
}

async function renderTemplate(key: MailTemplate): Promise<Template> {
  return { subject: subjects[key], html: await renderPart(key, "html"), text: plainText(await renderPart(key, "text")) };
}

async function renderPart(key: MailTemplate, part: Part): Promise<string> {
  const Template = components[key] as unknown as ComponentType;
  return withoutMarkers(
    await render(
      <Publishing part={part}>
        <Template />
      </Publishing>,
    ),
  );
}

/** A template's HTML with data in place, as the preview shows it. */
export async function renderPreview<Key extends MailTemplate>(key: Key, data: object): Promise<string> {
  const Template = components[key] as unknown as ComponentType<object>;
  return withoutMarkers(await render(<Template {...data} />));
}

/** React marks the borders of texts and of suspended parts with comments; they mean nothing to a mail client. */
const withoutMarkers = (html: string) => html.replace(/<!--(?:\s|\/?\$|html|head|body)*-->/g, "");

function plainText(html: string): string {
  const paragraph = { format: "block", options: { leadingLineBreaks: 2, trailingLineBreaks: 2 } };
  const text = toPlainText(html, { selectors: [{ selector: "section", ...paragraph }] }).trim();
  return `${text.split("\n").map(withTagsApart).join("\n")}\n`;
}

/** Section tags that share a line get one each: Mustache removes a line that holds nothing but a section tag. */
const withTagsApart = (line: string) => (/^(\{\{[#^/][\w.]+\}\})+$/.test(line) ? line.replaceAll("}}{{", "}}\n{{") : line);
