import type * as v from "valibot";
import type { MailTemplate } from "../mails.ts";
import { mailData, mailTemplates } from "./mail-data.ts";

/** What a release can fill in its mails, as plain data: what stands inside an object, `[…]` of a list. It travels to where another release reads it. */
export type Fields = { [name: string]: "text" | "flag" | Fields | [Fields] };
export type MailFields = Record<MailTemplate, Fields>;

type Schema = v.GenericSchema & { wrapped?: Schema; entries?: Record<string, Schema>; item?: Schema };

/** The fields of this release, by template. */
export const mailFields = Object.fromEntries(mailTemplates.map((key) => [key, fieldsIn(mailData[key] as unknown as Schema)])) as MailFields;

function fieldsIn({ entries = {} }: Schema): Fields {
  return Object.fromEntries(Object.entries(entries).map(([name, schema]) => [name, fieldOf(schema)]));
}

function fieldOf(schema: Schema): Fields[string] {
  if (schema.wrapped) return fieldOf(schema.wrapped);
  if (schema.item) return [fieldsIn(schema.item)];
  if (schema.entries) return fieldsIn(schema);
  return schema.type === "string" ? "text" : "flag";
}
