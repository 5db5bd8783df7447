import type { Table } from "../table.ts";
import { counterEntity, numberEntity } from "./numbering.entity.ts";
import { formatNumber, type NumberKind } from "./numbering.ts";
import { orderEntity } from "./order.entity.ts";
import type { StoredOrder } from "./orders.ts";

/** A number of a series and the order that has it; without one it is a gap. */
export type IssuedNumber = { number: string; order: StoredOrder | undefined };

/** Numbers read together. */
const PAGE = 100;

/** Reading a whole series of numbers: for finance, who must see every one of them. */
export function numberSeries(table: Table) {
  const entities = { counter: counterEntity(table), number: numberEntity(table), order: orderEntity(table) };

  /** The last number taken of a series in a year; 0 when none was. */
  async function last(kind: NumberKind, year: string): Promise<number> {
    const { data } = await entities.counter.get({ kind, year }).go({ consistent: true });
    return data?.value ?? 0;
  }

  /** Every number from the first to the last, in order, a page at a time. */
  async function* issued(kind: NumberKind, year: string): AsyncGenerator<IssuedNumber[]> {
    const until = await last(kind, year);
    for (let from = 1; from <= until; from += PAGE) {
      const size = Math.min(PAGE, until - from + 1);
      yield await page(Array.from({ length: size }, (_, i) => formatNumber(kind, year, from + i)));
    }
  }

  async function page(numbers: string[]): Promise<IssuedNumber[]> {
    const taken = await entities.number.get(numbers.map((number) => ({ number }))).go({ consistent: true });
    if (taken.unprocessed.length > 0) throw new Error("the table left reads unprocessed");
    const keys = taken.data.map(({ tenantId, orderId }) => ({ tenantId, id: orderId }));
    const found = keys.length === 0 ? undefined : await entities.order.get(keys).go({ consistent: true });
    if (found && found.unprocessed.length > 0) throw new Error("the table left reads unprocessed");
    const orders = new Map((found?.data as StoredOrder[] | undefined)?.map((order) => [order.id, order]));
    const holders = new Map(taken.data.map(({ number, orderId }) => [number, orderId]));
    return numbers.map((number) => ({ number, order: orders.get(holders.get(number) ?? "") }));
  }

  return { last, issued };
}
