import * as v from "valibot";
import { type FieldProblem, ValidationError } from "./errors.ts";

/**
 * Parses what a caller sent.
 * @throws ValidationError naming every field that is wrong, each once.
 */
export function parse<const Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new ValidationError(problemsOf(result.issues));
}

/** Field paths as callers write them (`items[0].quantity`) with the schema's own words; never the rejected value. */
export function problemsOf(issues: readonly v.BaseIssue<unknown>[]): FieldProblem[] {
  const problems = new Map<string, string>();
  for (const issue of issues) {
    const field = pathOf(issue);
    if (!problems.has(field)) problems.set(field, messageOf(issue, field));
  }
  return [...problems].map(([field, message]) => ({ field, message }));
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce(
    (path, { key }) => (typeof key === "number" ? `${path}[${key}]` : path ? `${path}.${String(key)}` : String(key)),
    "",
  );
}

/** Valibot's own messages quote what was received; ours must not echo input. */
function messageOf(issue: v.BaseIssue<unknown>, field: string): string {
  const name = field.split(/[.[]/).at(-1) || "value";
  // A required member that is not there is reported in the words of the object around it.
  if (issue.type === "object" && issue.path?.at(-1)?.origin === "key") return `${name} is required`;
  if (!/^Invalid /.test(issue.message)) return issue.message;
  return issue.received === "undefined" ? `${name} is required` : `${name} is not valid`;
}
