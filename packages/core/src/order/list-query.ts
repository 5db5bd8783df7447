import * as v from "valibot";
import { businessDay } from "../clock.ts";
import { type OrderStatus, orderStatuses } from "./order.ts";
import { readStatus } from "./status.ts";

/** The query of `GET …/orders`. */

export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 50;

const pageSizeMessage = `pageSize must be a whole number from 1 to ${MAX_PAGE_SIZE}`;
const PageSize = v.pipe(
  v.optional(v.string(), String(DEFAULT_PAGE_SIZE)),
  v.regex(/^\d{1,9}$/, pageSizeMessage),
  v.transform(Number),
  v.minValue(1, pageSizeMessage),
  v.maxValue(MAX_PAGE_SIZE, pageSizeMessage),
);

const statusMessage = `status must be one of ${orderStatuses.join(", ")}`;
/** Repeated, or a comma list, in any case. */
const Statuses = v.pipe(
  v.optional(v.array(v.string()), []),
  v.transform((values) =>
    values
      .flatMap((value) => value.split(","))
      .map(readStatus)
      .filter(Boolean),
  ),
  v.check((values) => values.every((value) => (orderStatuses as readonly string[]).includes(value)), statusMessage),
  v.transform((values) => [...new Set(values)] as OrderStatus[]),
);

const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** A timestamp, or a date of Africa/Johannesburg of which the given end counts; as ISO 8601 UTC with milliseconds. */
const bound = (field: string, end: "start" | "end") =>
  v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.trim().replace(/ (?=\d{2}:?\d{2}$)/, "+")),
      v.check(
        (text) => (CALENDAR_DATE.test(text) && isRealDate(text)) || (TIMESTAMP.test(text) && !Number.isNaN(Date.parse(text))),
        `${field} must be a date (yyyy-mm-dd) or an ISO 8601 timestamp`,
      ),
      v.transform((text) => (CALENDAR_DATE.test(text) ? businessDay(text)[end] : new Date(text).toISOString())),
    ),
  );

const isRealDate = (text: string) => {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

export const ListOrdersQuery = v.pipe(
  v.object({
    pageSize: PageSize,
    startAt: v.optional(v.string()),
    status: Statuses,
    fromDate: bound("fromDate", "start"),
    toDate: bound("toDate", "end"),
    includeInactive: v.pipe(
      v.optional(v.picklist(["true", "false"], "includeInactive must be true or false"), "false"),
      v.transform((value) => value === "true"),
    ),
  }),
  // The table refuses a range that ends before it begins.
  v.forward(
    v.partialCheck(
      [["fromDate"], ["toDate"]],
      ({ fromDate, toDate }) => fromDate === undefined || toDate === undefined || fromDate <= toDate,
      "toDate must not be before fromDate",
    ),
    ["toDate"],
  ),
  v.transform(({ status, fromDate, toDate, ...rest }) => ({ ...rest, statuses: status, from: fromDate, to: toDate })),
);
