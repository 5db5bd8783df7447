import * as v from "valibot";

/** C0 and C1 control characters, and the invisible bidirectional overrides that make a text read as another one. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const LINE_BREAK = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** Most of what customers write needs none of it. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Customer text in any script: line breaks become spaces, control characters go, ends are trimmed, lone surrogates are replaced. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  return text.replace(LINE_BREAK, " ").replace(CONTROL, "").toWellFormed().trim();
}

const cleaned = (max: number, label: string) =>
  v.pipe(
    v.string(`${label} must be a string`),
    v.transform(cleanText),
    v.check((text) => text.length <= max || [...text].length <= max, `${label} must have at most ${max} characters`),
  );

/** What the OpenAPI document cannot read from a check or a transform: JSON Schema keywords, and that a value must be there. Stands before a pipe's first transform. */
export const documented = <Input>(facts: {
  required?: boolean;
  format?: string;
  maxLength?: number;
  pattern?: string;
  enum?: readonly string[];
}) => v.metadata<Input, typeof facts>(facts);

/** Required text of at most `max` characters; blank counts as missing. */
export const text = (max: number, label: string) =>
  v.pipe(
    v.nullish(cleaned(max, label), ""),
    v.check((value) => value !== "", `${label} is required`),
    documented({ required: true, maxLength: max }),
  );

/** Optional text of at most `max` characters; blank and null count as missing. */
export const optionalText = (max: number, label: string) =>
  v.pipe(
    v.nullish(cleaned(max, label)),
    documented({ maxLength: max }),
    v.transform((value) => value || undefined),
  );
