import type { FieldProblem, OrderError } from "@bbws/core/errors.ts";
import { ListOrdersQuery } from "@bbws/core/order/list-query.ts";
import { parse } from "@bbws/core/parse.ts";
import { describe, expect, it } from "vitest";

const read = (query: Record<string, unknown>) => parse(ListOrdersQuery, query);
const refused = (query: Record<string, unknown>): FieldProblem[] => {
  try {
    read(query);
    return [];
  } catch (error) {
    return (error as OrderError).details as FieldProblem[];
  }
};

describe("the query of a list", () => {
  it("without anything asks for the first fifty active orders", () => {
    expect(read({})).toEqual({ pageSize: 50, startAt: undefined, statuses: [], from: undefined, to: undefined, includeInactive: false });
  });

  it.each(["1", "7", "100", "050"])("may ask for pages of %s", (pageSize) => {
    expect(read({ pageSize }).pageSize).toBe(Number(pageSize));
  });

  it.each(["0", "101", "-1", "1.5", "ten", "", " 5", "1e2", "99999999999", "0x10"])("names pageSize when it is %j", (pageSize) => {
    expect(refused({ pageSize })).toEqual([{ field: "pageSize", message: "pageSize must be a whole number from 1 to 100" }]);
  });

  it("takes statuses repeated or as a comma list, in any case, each once", () => {
    expect(read({ status: ["paid", "PENDING,paid", " pending_payment "] }).statuses).toEqual(["PAID", "PENDING", "PAYMENT_PENDING"]);
    expect(read({ status: [""] }).statuses).toEqual([]);
  });

  it("names status when one of them is unknown", () => {
    expect(refused({ status: ["PAID,SHIPPED"] })[0]).toMatchObject({ field: "status" });
  });

  it("reads a date as the whole day in South Africa", () => {
    expect(read({ fromDate: "2026-11-24", toDate: "2026-11-24" })).toMatchObject({
      from: "2026-11-23T22:00:00.000Z",
      to: "2026-11-24T21:59:59.999Z",
    });
  });

  it.each([
    ["2026-11-24T08:00:00Z", "2026-11-24T08:00:00.000Z"],
    ["2026-11-24T10:00+02:00", "2026-11-24T08:00:00.000Z"],
    // A plus sign that nobody encoded arrives as a space.
    ["2026-11-24T10:00:00.5 02:00", "2026-11-24T08:00:00.500Z"],
    ["2026-11-24T08:00:00.123456Z", "2026-11-24T08:00:00.123Z"],
  ])("reads the timestamp %s as %s", (given, moment) => {
    expect(read({ fromDate: given }).from).toBe(moment);
    expect(read({ toDate: given }).to).toBe(moment);
  });

  it.each(["2026-02-30", "2026-13-01", "24/11/2026", "yesterday", "2026-11-24T08:00:00", "2026-11-24T25:00:00Z", "", "20261124"])(
    "names the date that is %j",
    (date) => {
      expect(refused({ fromDate: date })[0]?.field).toBe("fromDate");
      expect(refused({ toDate: date })[0]?.field).toBe("toDate");
    },
  );

  it("names the dates when they end before they begin", () => {
    expect(refused({ fromDate: "2026-11-25", toDate: "2026-11-24" })).toEqual([
      { field: "toDate", message: "toDate must not be before fromDate" },
    ]);
  });

  it("asks for removed orders by true or false only", () => {
    expect(read({ includeInactive: "true" }).includeInactive).toBe(true);
    expect(read({ includeInactive: "false" }).includeInactive).toBe(false);
    for (const wrong of ["1", "yes", "TRUE", ""]) expect(refused({ includeInactive: wrong })[0]?.field).toBe("includeInactive");
  });

  it("does not care for parameters it does not know", () => {
    expect(read({ tenantId: "other", limit: "5" })).toEqual(read({}));
  });
});
