import Mustache from "mustache";
import type * as v from "valibot";
import type { MailTemplate } from "../mails.ts";
import type { Template } from "../template-store.ts";
import { mailData } from "./mail-data.ts";

/** What Mustache parses a template into: `[kind, name, start, end, inner tokens]`. */
type Token = [kind: string, name: string, start: number, end: number, inner?: Token[]];
type Schema = v.GenericSchema & { wrapped?: Schema; entries?: Record<string, Schema>; item?: Schema };

/**
 * What is wrong with a template, in words; empty when it may be published. Every tag must name a field of the mail's
 * data, a list's fields are used inside it only, and nothing may be merged unescaped.
 */
export function checkTemplate(key: MailTemplate, template: Template): string[] {
  return (["subject", "html", "text"] as const).flatMap((part) =>
    checkPart(template[part], mailData[key] as unknown as Schema).map((problem) => `${key} ${part}: ${problem}`),
  );
}

function checkPart(source: string, schema: Schema): string[] {
  try {
    return checkTokens(Mustache.parse(source) as Token[], schema);
  } catch (error) {
    return [(error as Error).message];
  }
}

function checkTokens(tokens: Token[], scope: Schema): string[] {
  return tokens.flatMap(([kind, name, , , inner]) => {
    if (kind === "text" || kind === "!") return [];
    if (kind === "&") return [`{{{${name}}}} would be merged unescaped`];
    if (kind === ">" || kind === "=") return [`{{${kind}${name}}} is not supported`];
    const field = fieldOf(scope, name);
    if (!field) return [`{{${name}}} is not in the mail's data`];
    if (kind === "name") return isPrintable(field) ? [] : [`{{${name}}} is not a text`];
    const inside = kind === "#" && field.type === "array" && field.item ? field.item : scope;
    return checkTokens(inner ?? [], inside);
  });
}

function fieldOf(scope: Schema, path: string): Schema | undefined {
  return path.split(".").reduce<Schema | undefined>((schema, name) => unwrapped(schema?.entries?.[name]), scope);
}

function unwrapped(schema: Schema | undefined): Schema | undefined {
  return schema?.wrapped ? unwrapped(schema.wrapped) : schema;
}

const isPrintable = (schema: Schema) => schema.type === "string";
