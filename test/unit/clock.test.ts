import { businessDate, businessDay, businessYear, epochSeconds, formatBusinessDate, systemClock } from "@bbws/core/clock.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("the South African calendar", () => {
  it("is two hours ahead of UTC, in summer and in winter", () => {
    expect(businessDate(new Date("2026-01-15T21:59:59.999Z"))).toBe("2026-01-15");
    expect(businessDate(new Date("2026-01-15T22:00:00.000Z"))).toBe("2026-01-16");
    expect(businessDate(new Date("2026-07-15T22:00:00.000Z"))).toBe("2026-07-16");
  });

  it("turns the year two hours before UTC does", () => {
    expect(businessYear(new Date("2026-12-31T21:59:59.999Z"))).toBe("2026");
    expect(businessYear(new Date("2026-12-31T22:00:00.000Z"))).toBe("2027");
  });

  it("has days from their first to their last millisecond", () => {
    expect(businessDay("2026-11-24")).toEqual({ start: "2026-11-23T22:00:00.000Z", end: "2026-11-24T21:59:59.999Z" });
    expect(businessDay("2028-02-29")).toEqual({ start: "2028-02-28T22:00:00.000Z", end: "2028-02-29T21:59:59.999Z" });
  });

  it("puts every moment into the day it names", () => {
    const moment = fc.date({ min: new Date("2000-01-01T00:00:00Z"), max: new Date("2099-12-31T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (at) => {
        const { start, end } = businessDay(businessDate(at));
        expect(start <= at.toISOString() && at.toISOString() <= end).toBe(true);
      }),
    );
  });

  it("is how documents print a date", () => {
    expect(formatBusinessDate("2026-11-23T22:30:00.000Z")).toBe("24 November 2026");
  });

  it("is the one of the time-zone tables, in the words of en-ZA", () => {
    const timeZone = "Africa/Johannesburg";
    const date = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
    const words = new Intl.DateTimeFormat("en-ZA", { timeZone, year: "numeric", month: "long", day: "numeric" });
    const moment = fc.date({ min: new Date("1950-01-01T00:00:00Z"), max: new Date("2099-12-31T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (at) => {
        expect(businessDate(at)).toBe(date.format(at));
        expect(formatBusinessDate(at.toISOString())).toBe(words.format(at));
      }),
    );
  });
});

describe("time", () => {
  it("in seconds since the epoch has no fraction", () => {
    expect(epochSeconds(new Date("1970-01-01T00:00:01.999Z"))).toBe(1);
  });

  it("of the system is now", () => {
    const before = Date.now();
    const now = systemClock().getTime();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});
