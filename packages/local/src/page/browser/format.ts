/** How the page writes amounts and times. */
import { formatRand } from "@bbws/core/money.ts";

/** @param amount rand as the API sends it */
export const rand = (amount: number) => formatRand(Math.round(amount * 100));

/** A duration as a stopwatch shows it, e.g. `+0.42 s`. */
export function elapsed(ms: number): string {
  if (ms < 10_000) return `+${(Math.max(0, ms) / 1000).toFixed(2)} s`;
  if (ms < 120_000) return `+${Math.round(ms / 1000)} s`;
  return `+${Math.round(ms / 60_000)} min`;
}

const clock = new Intl.DateTimeFormat("en-ZA", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Africa/Johannesburg" });
export const timeOfDay = (ms: number) => clock.format(ms);

export const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
