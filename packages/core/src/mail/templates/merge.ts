import Mustache from "mustache";
import { cleanText } from "../../text.ts";
import type { Template } from "../template-store.ts";
import type { MailData } from "./mail-data.ts";

/**
 * A published template with its data in place. HTML is escaped, the text part and the subject are not: they are no
 * markup. A value is data and never read as a template; a subject is one line.
 */
export function merge(template: Template, data: MailData): Template {
  return {
    subject: cleanText(Mustache.render(template.subject, data, undefined, plain)),
    html: Mustache.render(template.html, data, undefined, escaped),
    text: Mustache.render(template.text, data, undefined, plain).replace(/\n{3,}/g, "\n\n"),
  };
}

const plain = { escape: (value: unknown) => String(value) };

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

/** As React escapes, so that a merged template equals the rendered component. */
const escaped = { escape: (value: unknown) => String(value).replace(/[&<>"']/g, (character) => entities[character]!) };
