/** The current time; injected, so that every decision is a function of its arguments. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

const BUSINESS_TIME_ZONE = "Africa/Johannesburg";
/** South Africa Standard Time is UTC+2 all year round (no daylight saving since 1944). */
const BUSINESS_OFFSET = "+02:00";

const businessDateFormat = new Intl.DateTimeFormat("en-CA", {
  timeZone: BUSINESS_TIME_ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

/** The calendar date in South Africa, `yyyy-mm-dd`. */
export function businessDate(at: Date): string {
  return businessDateFormat.format(at);
}

/** The calendar year in South Africa: the year of order and invoice numbers. */
export function businessYear(at: Date): string {
  return businessDate(at).slice(0, 4);
}

/** First and last instant of a South African calendar date `yyyy-mm-dd`, as ISO 8601 UTC with milliseconds. */
export function businessDay(date: string): { start: string; end: string } {
  const start = new Date(`${date}T00:00:00.000${BUSINESS_OFFSET}`);
  return { start: start.toISOString(), end: new Date(start.getTime() + 86_400_000 - 1).toISOString() };
}

/** A date as South African documents print it, e.g. `24 November 2026`. */
export function formatBusinessDate(iso: string): string {
  return new Intl.DateTimeFormat("en-ZA", { timeZone: BUSINESS_TIME_ZONE, day: "numeric", month: "long", year: "numeric" }).format(
    new Date(iso),
  );
}

/** Seconds since the epoch, as DynamoDB's TTL wants them. */
export const epochSeconds = (at: Date) => Math.floor(at.getTime() / 1000);
