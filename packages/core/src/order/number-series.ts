import { randomUUID } from "node:crypto";
import { createWriteTransaction } from "electrodb";
import { OrderError } from "../errors.ts";
import { commit, type Table } from "../table.ts";
import { advance, counterEntity, gapEntity, numberEntity } from "./numbering.entity.ts";
import { formatNumber, type NumberKind, numberKinds } from "./numbering.ts";
import { orderEntity } from "./order.entity.ts";
import type { StoredOrder } from "./orders.ts";

/** A number of a series and the order that has it; without one it is a gap, `declared` where somebody passed over it on purpose. */
export type IssuedNumber = { number: string; order: StoredOrder | undefined; declared: boolean };

/** Numbers that were passed over and declared, `first` and `last` included. */
export type DeclaredGap = { kind: NumberKind; year: string; first: number; last: number; at: string; by: string };

/** Numbers read together. */
const PAGE = 100;

/** Reading whole series of numbers, for finance, who must see every one of them; and passing over numbers after a failover. */
export function numberSeries(table: Table) {
  const entities = { counter: counterEntity(table), number: numberEntity(table), gap: gapEntity(table), order: orderEntity(table) };

  /** The last number taken of a series in a year; 0 when none was. */
  async function last(kind: NumberKind, year: string): Promise<number> {
    const { data } = await entities.counter.get({ kind, year }).go({ consistent: true });
    return data?.value ?? 0;
  }

  /** Every number from the first to the last, in order, a page at a time. */
  async function* issued(kind: NumberKind, year: string): AsyncGenerator<IssuedNumber[]> {
    const until = await last(kind, year);
    const gaps = await declaredGaps(kind, year);
    const isDeclared = (value: number) => gaps.some((gap) => gap.first <= value && value <= gap.last);
    for (let from = 1; from <= until; from += PAGE) {
      const values = Array.from({ length: Math.min(PAGE, until - from + 1) }, (_, i) => from + i);
      const orders = await holders(values.map((value) => formatNumber(kind, year, value)));
      yield values.map((value) => {
        const number = formatNumber(kind, year, value);
        return { number, order: orders.get(number), declared: isDeclared(value) };
      });
    }
  }

  /** The orders that have these numbers. */
  async function holders(numbers: string[]): Promise<Map<string, StoredOrder | undefined>> {
    const taken = await entities.number.get(numbers.map((number) => ({ number }))).go({ consistent: true });
    if (taken.unprocessed.length > 0) throw new Error("the table left reads unprocessed");
    const keys = taken.data.map(({ tenantId, orderId }) => ({ tenantId, id: orderId }));
    const found = keys.length === 0 ? undefined : await entities.order.get(keys).go({ consistent: true });
    if (found && found.unprocessed.length > 0) throw new Error("the table left reads unprocessed");
    const orders = new Map((found?.data as StoredOrder[] | undefined)?.map((order) => [order.id, order]));
    return new Map(taken.data.map(({ number, orderId }) => [number, orders.get(orderId)]));
  }

  /** What was declared of a series in a year, in the order of the numbers. */
  async function declaredGaps(kind: NumberKind, year: string): Promise<DeclaredGap[]> {
    const { data } = await entities.gap.query.byKind({ kind, year }).go({ pages: "all", consistent: true });
    return data.sort((a, b) => a.first - b.first);
  }

  /** What `skip` would pass over: the next `count` numbers of each series. */
  async function nextGaps(year: string, count: number, { at, by }: { at: Date; by: string }): Promise<DeclaredGap[]> {
    return Promise.all(
      numberKinds.map(async (kind) => {
        const value = await last(kind, year);
        return { kind, year, first: value + 1, last: value + count, at: at.toISOString(), by };
      }),
    );
  }

  /**
   * Passes over the given numbers: every counter set ahead, every gap declared, in one transaction.
   * @throws OrderError TRY_AGAIN when a number was given since they were read
   */
  async function skip(gaps: readonly DeclaredGap[]): Promise<void> {
    const outcome = await commit(
      createWriteTransaction(entities, (e) =>
        gaps.flatMap((gap) => [advance(e.counter, gap.kind, gap.year, gap.first - 1, gap.last), e.gap.create(gap).commit()]),
      ),
      randomUUID(),
    );
    if (outcome.cancelled) throw new OrderError("TRY_AGAIN", "numbers are being given at this very moment: nothing was changed, try again");
  }

  return { last, issued, declaredGaps, nextGaps, skip };
}
