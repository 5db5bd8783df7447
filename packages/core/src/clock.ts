/** The current time; injected, so that every decision is a function of its arguments. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/**
 * South Africa Standard Time, in ms: UTC+2 all year round (no daylight saving since 1944), so that no time-zone tables are
 * needed, which cost a cold start milliseconds and a mail most of its time.
 */
const BUSINESS_OFFSET_MS = 2 * 3_600_000;
const BUSINESS_OFFSET = "+02:00";

const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
] as const;

/** The calendar date in South Africa, `yyyy-mm-dd`. */
export function businessDate(at: Date): string {
  return new Date(at.getTime() + BUSINESS_OFFSET_MS).toISOString().slice(0, 10);
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
  const [year, month, day] = businessDate(new Date(iso)).split("-");
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** Seconds since the epoch, as DynamoDB's TTL wants them. */
export const epochSeconds = (at: Date) => Math.floor(at.getTime() / 1000);
