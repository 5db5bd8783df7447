/** EventBridge patterns as event source mappings use them: exact values and prefixes, nested by field. */

/** One alternative of a leaf: an exact value or `{ prefix }`. */
type Alternative = string | number | boolean | null | { prefix: string };

/** A pattern mirrors the event: an array lists the alternatives of a field, an object goes deeper. */
export type Pattern = { readonly [field: string]: readonly Alternative[] | Pattern };

/** True when any of the patterns matches; no pattern at all lets everything through. */
export function passesFilters(event: unknown, patterns: readonly Pattern[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(event, pattern));
}

function matches(value: unknown, pattern: Pattern): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(pattern).every(([field, expected]) => {
    const actual = (value as Record<string, unknown>)[field];
    return Array.isArray(expected) ? expected.some((alternative) => accepts(alternative, actual)) : matches(actual, expected as Pattern);
  });
}

function accepts(alternative: Alternative, actual: unknown): boolean {
  if (typeof alternative === "object" && alternative !== null) return typeof actual === "string" && actual.startsWith(alternative.prefix);
  return actual === alternative;
}
