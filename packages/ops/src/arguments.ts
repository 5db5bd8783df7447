import { InvalidArgumentError } from "commander";

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `24h`, `7d`, or a moment in the past as ISO 8601: as ms before now. */
export function pastSpan(text: string, now = Date.now()): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * unitMs[unit]!;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (at <= now) return now - at;
  throw new InvalidArgumentError("A span like 90s, 15m, 24h or 7d, or a moment in the past like 2026-11-24.");
}

/** A whole number from 1. */
export function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number from 1.");
}

/** A month `yyyy-mm`. */
export function month(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError("A month like 2026-11.");
}

/** One of the given words, in any case. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
    if (found) return found;
    throw new InvalidArgumentError(`One of ${words.join(", ")}.`);
  };
}
