import Mustache from "mustache";
import type { Template } from "../template-store.ts";
import type { Fields } from "./fields.ts";

/** What Mustache parses a template into: `[kind, name, start, end, inner tokens]`. */
type Token = [kind: string, name: string, start: number, end: number, inner?: Token[]];

/**
 * What is wrong with a template, in words; empty when mails can be written from it. Every tag must name a field that can be
 * filled, a list's fields are used inside it only, and nothing may be merged unescaped.
 * @param key the template's, for the words
 * @param fields what the release that writes the mails can fill
 */
export function checkTemplate(key: string, template: Template, fields: Fields): string[] {
  return (["subject", "html", "text"] as const).flatMap((part) =>
    checkPart(template[part], fields).map((problem) => `${key} ${part}: ${problem}`),
  );
}

function checkPart(source: string, fields: Fields): string[] {
  try {
    return checkTokens(Mustache.parse(source) as Token[], fields);
  } catch (error) {
    return [(error as Error).message];
  }
}

function checkTokens(tokens: Token[], scope: Fields): string[] {
  return tokens.flatMap(([kind, name, , , inner]) => {
    if (kind === "text" || kind === "!") return [];
    if (kind === "&") return [`{{{${name}}}} would be merged unescaped`];
    if (kind === ">" || kind === "=") return [`{{${kind}${name}}} is not supported`];
    const field = fieldOf(scope, name);
    if (!field) return [`{{${name}}} is not in the mail's data`];
    if (kind === "name") return field === "text" ? [] : [`{{${name}}} is not a text`];
    return checkTokens(inner ?? [], kind === "#" && Array.isArray(field) ? field[0] : scope);
  });
}

function fieldOf(scope: Fields, path: string): Fields[string] | undefined {
  return path
    .split(".")
    .reduce<Fields[string] | undefined>(
      (field, name) => (typeof field === "object" && !Array.isArray(field) && Object.hasOwn(field, name) ? field[name] : undefined),
      scope,
    );
}
