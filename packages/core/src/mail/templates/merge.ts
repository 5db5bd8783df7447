import Mustache from "mustache";
import { cleanText } from "../../text.ts";
import type { Template } from "../template-store.ts";
import type { MailData } from "./mail-data.ts";

/**
 * A published template with its data in place. HTML is escaped, the text part and the subject are not: they are no
 * markup. A value is data and never read as a template; a subject is one line.
 */
export function merge(template: Template, data: MailData): Template {
  const { subject, html, text } = parsed(template);
  return {
    subject: cleanText(fill(subject, template.subject, data, plain)),
    html: fill(html, template.html, data, escaped),
    text: fill(text, template.text, data, plain)
      .replace(/\n{3,}/g, "\n\n")
      .trimStart(),
  };
}

type Tokens = Parameters<InstanceType<typeof Mustache.Writer>["renderTokens"]>[0];
type Escape = { escape: (value: string) => string };

/** Mustache's own cache looks a template up by its whole text; ours by the object it came in. */
const known = new WeakMap<Template, Record<keyof Template, Tokens>>();
const writer = new Mustache.Writer();

function parsed(template: Template): Record<keyof Template, Tokens> {
  const before = known.get(template);
  if (before) return before;
  const tokens = {
    subject: writer.parse(template.subject),
    html: writer.parse(template.html),
    text: writer.parse(template.text),
  };
  known.set(template, tokens);
  return tokens;
}

function fill(tokens: Tokens, source: string, data: MailData, escaping: Escape): string {
  return writer.renderTokens(tokens, new Mustache.Context(data), undefined, source, escaping);
}

const plain: Escape = { escape: String };

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

/** As React escapes, so that a merged template equals the rendered component. */
const escaped: Escape = { escape: (value) => String(value).replace(/[&<>"']/g, (character) => entities[character]!) };
