import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { createWriteTransaction } from "electrodb";
import { type Clock, epochSeconds } from "../clock.ts";
import { OrderError } from "../errors.ts";
import { backoffMs, ifSoon, sleep } from "../retry.ts";
import { awsErrorOf, commit, isConditionFailure, isContention, isInvalidRequest, type Table, type Writes } from "../table.ts";
import { advance, counterEntity, numberEntity } from "./numbering.entity.ts";
import { type NumberKind, nextNumbers, numberYear } from "./numbering.ts";
import { expiryTimerEntity, orderEntity, paymentReferenceEntity } from "./order.entity.ts";
import type { AcceptedOrder, DocumentType, IssuedDocument, Order, OrderStatus } from "./order.ts";
import { confirmedAt, decidePayment, type Payment, paymentDetails } from "./payment.ts";
import { initialStatus } from "./status.ts";
import type { OrderUpdate } from "./update.ts";

/** Days an unpaid order lives. */
export const EXPIRY_DAYS = 7;
/** How long a transaction is retried against a contended counter, in ms. */
const CONTENTION_MS = 5_000;
/** How long a write that failed may look whether it took place all the same, in ms: its caller waits, and a function has 15 s. */
const LOOK_MS = 2_000;
/** Orders whose recording fits one transaction: 1 counter + 3 items each (DynamoDB allows 100). */
const MAX_BATCH = 10;

/** An accepted order with its tenant resolved, ready to be recorded. */
export type Recordable = {
  order: AcceptedOrder & { tenantId: string };
  correlationId: string;
  /** Set when the tenant may not order: recorded as CANCELLED with this reason. */
  refusal?: string;
};

/** Per order: it is in the table now (`recorded`: by this call), or why not. */
export type RecordOutcome = { orderId: string } & ({ recorded: boolean } | { error: unknown });

export type ListQuery = {
  tenantId: string;
  /** ISO timestamps, inclusive. */
  from?: string;
  to?: string;
  statuses?: readonly OrderStatus[];
  includeInactive?: boolean;
  pageSize: number;
  /** Where the page before ended. */
  after?: ListPosition;
};
export type ListPosition = { dateCreated: string; id: string };
export type ListPage = { orders: Order[]; next: ListPosition | undefined };

/** Reads of one list call when a filter hides most orders; the page is then shorter and says that more may follow. */
const MAX_LIST_READS = 12;
const FILTERED_READ_SIZE = 200;

export type Who = { by: string; correlationId: string };

/** The orders of the table: every read and every write of them. */
export function orders(table: Table, clock: Clock) {
  const entities = {
    order: orderEntity(table),
    timer: expiryTimerEntity(table),
    reference: paymentReferenceEntity(table),
    counter: counterEntity(table),
    number: numberEntity(table),
  };

  /** An order of a tenant, read consistently. */
  async function get(tenantId: string, id: string): Promise<StoredOrder | undefined> {
    const { data } = await entities.order.get({ tenantId, id }).go({ consistent: true });
    return (data as StoredOrder | null) ?? undefined;
  }

  /** An order by its id alone: the index tells the tenant, a consistent read the rest. */
  async function find(id: string): Promise<StoredOrder | undefined> {
    const { data } = await entities.order.query.byId({ id }).go({ limit: 1 });
    const found = data[0];
    return found && get(found.tenantId, id);
  }

  /** An order by its order, invoice or credit-note number. */
  async function findByNumber(number: string): Promise<StoredOrder | undefined> {
    const { data } = await entities.number.get({ number }).go({ consistent: true });
    return data ? get(data.tenantId, data.orderId) : undefined;
  }

  /**
   * One page of a tenant's orders, newest first. Reads on under a filter until the page is full, the list ends, or the
   * bound on reads is met; `next` is undefined only at the end of the list.
   */
  async function list(query: ListQuery): Promise<ListPage> {
    const filtered = (query.statuses?.length ?? 0) > 0 || !query.includeInactive;
    const found: Order[] = [];
    let start = query.after && positionKey(query.tenantId, query.after);
    for (let read = 0; read < MAX_LIST_READS; read++) {
      const { data, cursor } = await entities.order.query
        .byDate({ tenantId: query.tenantId })
        .between({ dateCreated: query.from ?? "0", id: "!" }, { dateCreated: query.to ?? "9", id: "~" })
        .where(({ status, active }, { eq }) =>
          [query.includeInactive ? "" : eq(active, true), (query.statuses ?? []).map((wanted) => eq(status, wanted)).join(" OR ")]
            .filter(Boolean)
            .map((clause) => `(${clause})`)
            .join(" AND "),
        )
        .go({
          order: "desc",
          pager: "raw",
          cursor: start as never,
          limit: filtered ? Math.max(query.pageSize + 1, query.statuses?.length ? FILTERED_READ_SIZE : 0) : query.pageSize + 1,
        });
      found.push(...(data as Order[]));
      if (found.length > query.pageSize) {
        const page = found.slice(0, query.pageSize);
        return { orders: page, next: positionOf(page.at(-1)!) };
      }
      const last = cursor as unknown as PositionKey | null;
      if (!last) return { orders: found, next: undefined };
      start = last;
    }
    return { orders: found, next: start && keyPosition(start) };
  }

  /**
   * Records a batch: counter, numbers, orders and timers in one transaction, so that numbers have no gap and no repeat.
   * An order that exists already is left alone and keeps its number, also where its e-mail leads to another tenant by now:
   * its timer (or what an erasure left in its place) holds the id. A lost race re-reads everything and tries again with a
   * fresh token; a batch that is invalid as a whole is tried order by order, so that one cannot block the others.
   */
  async function record(batch: readonly Recordable[]): Promise<RecordOutcome[]> {
    const outcomes: RecordOutcome[] = [];
    for (let i = 0; i < batch.length; i += MAX_BATCH) outcomes.push(...(await recordTogether(batch.slice(i, i + MAX_BATCH))));
    return outcomes;
  }

  async function recordTogether(batch: readonly Recordable[]): Promise<RecordOutcome[]> {
    const mine = new Set<string>();
    /** Ids that a timer held at the last attempt, and whether their order is recorded, be it for another tenant. */
    const taken = new Map<string, boolean>();
    /** What was tried and got no answer: it may have been written, and is ours then. */
    const unanswered: Order[] = [];
    const lookUp = async () => {
      const existing = await existingOrders(batch);
      for (const order of unanswered) if (isSameRecord(existing.get(order.id), order)) mine.add(order.id);
      return existing;
    };
    try {
      await untilUncontended(async () => {
        const now = clock();
        const year = numberYear(now);
        const [existing, current] = await Promise.all([lookUp(), counterValue("order", year)]);
        const missing = batch.filter(({ order }) => !existing.has(order.id) && !taken.get(order.id));
        if (missing.length === 0) return true;
        const { numbers, value } = nextNumbers("order", year, current, missing.length);
        const records = missing.map((one, i) => ({
          ...one,
          item: newOrder(one.order, numbers[i]!, now, one.refusal),
          isOrphaned: taken.has(one.order.id),
        }));
        const written = await writeRecords(records, { year, current, value }).catch((error: unknown) => {
          if (!isRefusedForGood(error)) unanswered.push(...records.map(({ item }) => item));
          throw error;
        });
        if (written === "done") for (const { order } of missing) mine.add(order.id);
        else for (const id of written.taken) taken.set(id, await isRecorded(id));
        return written === "done";
      });
      return batch.map(({ order }) => ({ orderId: order.id, recorded: mine.has(order.id) }));
    } catch (error) {
      if (isRefusedForGood(error) && batch.length > 1) return (await Promise.all(batch.map((one) => recordTogether([one])))).flat();
      const refusal = isInvalidRequest(error) ? new RefusedTransaction([awsErrorOf(error).name ?? "invalid"]) : error;
      const existing = unanswered.length > 0 ? await ifSoon(lookUp(), LOOK_MS) : undefined;
      return batch.map(({ order: { id } }) => ({ orderId: id, ...(existing?.has(id) ? { recorded: mine.has(id) } : { error: refusal }) }));
    }
  }

  async function existingOrders(batch: readonly Recordable[]): Promise<Map<string, RecordMark>> {
    const keys = batch.map(({ order }) => ({ tenantId: order.tenantId, id: order.id }));
    const { data, unprocessed } = await entities.order
      .get(keys)
      .go({ consistent: true, attributes: ["id", "orderNumber", "statusHistory"] });
    if (unprocessed.length > 0) throw new Error("the table left reads unprocessed");
    return new Map(data.map((order) => [order.id, order]));
  }

  /** @returns the ids whose timer was there already, when contention cancelled it */
  async function writeRecords(
    records: readonly (Recordable & { item: Order; isOrphaned: boolean })[],
    { year, current, value }: { year: string; current: number; value: number },
  ): Promise<"done" | { taken: string[] }> {
    const timed = records.filter(({ refusal }) => refusal === undefined);
    const outcome = await commit(
      createWriteTransaction(entities, (e) => [
        advance(e.counter, "order", year, current, value),
        ...timed.map(({ order, isOrphaned }) => (isOrphaned ? e.timer.put(timerOf(order)) : e.timer.create(timerOf(order))).commit()),
        ...records.flatMap(({ item, correlationId }) => [
          e.number.create({ number: item.orderNumber, tenantId: item.tenantId, orderId: item.id }).commit(),
          e.order.create({ ...item, correlationId }).commit(),
        ]),
      ]),
      randomUUID(),
    );
    if (!outcome.cancelled) return "done";
    if (!isContention(outcome)) throw new RefusedTransaction(outcome.codes);
    const [, ...codes] = outcome.codes;
    return { taken: timed.filter((_, i) => codes[i] === "ConditionalCheckFailed").map(({ order }) => order.id) };
  }

  async function counterValue(kind: NumberKind, year: string): Promise<number> {
    const { data } = await entities.counter.get({ kind, year }).go({ consistent: true });
    return data?.value ?? 0;
  }

  /**
   * Writes a decided update, conditional on the status and version it was decided on, and on no erasure since: what is
   * written of the history was read with the order. @throws OrderError VERSION_CONFLICT
   */
  async function update(order: Order, change: OrderUpdate, who: Who): Promise<StoredOrder> {
    const next = applied(order, change, who, clock());
    return change.to === "REFUNDED" ? refund(order, next) : write(order, next);
  }

  async function write(order: Order, next: StoredOrder): Promise<StoredOrder> {
    try {
      await entities.order.patch({ tenantId: order.tenantId, id: order.id }).set(changesOf(next)).where(asRead(order)).go();
      return next;
    } catch (error) {
      // The client tries by itself: the condition may have failed on what the same call wrote before.
      const refused = isConditionFailure(error);
      const written = refused && awsErrorOf(error).$metadata?.attempts === 1 ? undefined : await writtenOf(order, [next]);
      if (written) return written;
      throw refused ? await conflict(order) : error;
    }
  }

  /** The order as it is now, if one of the changes that got no answer was made all the same; undefined when nobody can tell. */
  async function writtenOf(before: Order, unanswered: readonly StoredOrder[]): Promise<StoredOrder | undefined> {
    if (unanswered.length === 0) return undefined;
    const current = await ifSoon(get(before.tenantId, before.id), LOOK_MS);
    return current && unanswered.some((next) => holdsChange(current, before, next)) ? current : undefined;
  }

  /** The same write inside a transaction that also gives the order a numbered document. */
  function writeNumbered(e: Writes<typeof entities.order>, order: Order, next: StoredOrder, type: "taxInvoice" | "creditNote") {
    return e
      .patch({ tenantId: order.tenantId, id: order.id })
      .set(changesOf(next))
      .data((attr, { set }) => set(documentPaths(attr.documents)[type], next.documents[type] as never))
      .where(asRead(order))
      .commit();
  }

  /** REFUNDED takes a credit-note number in the same transaction. */
  async function refund(order: Order, refunded: StoredOrder): Promise<StoredOrder> {
    const now = new Date(refunded.dateLastUpdated);
    const year = numberYear(now);
    const unanswered: StoredOrder[] = [];
    let result = refunded;
    try {
      await untilUncontended(async () => {
        const current = await counterValue("creditNote", year);
        const { numbers, value } = nextNumbers("creditNote", year, current, 1);
        const next = withDocument(refunded, "creditNote", numbers[0]!);
        const outcome = await commit(
          createWriteTransaction(entities, (e) => [
            advance(e.counter, "creditNote", year, current, value),
            e.number.create({ number: numbers[0]!, tenantId: order.tenantId, orderId: order.id }).commit(),
            writeNumbered(e.order, order, next, "creditNote"),
          ]),
          randomUUID(),
        ).catch((error: unknown) => {
          unanswered.push(next);
          throw error;
        });
        result = next;
        if (!outcome.cancelled) return true;
        if (!isContention(outcome)) throw new RefusedTransaction(outcome.codes);
        if (outcome.codes[2] === "ConditionalCheckFailed") throw await conflict(order);
        return false;
      });
      return result;
    } catch (error) {
      const written = await writtenOf(order, unanswered);
      if (written) return written;
      throw error;
    }
  }

  /**
   * Marks an order PAID: order, unique payment reference and tax-invoice number in one transaction. The same reference
   * again changes nothing and answers what is stored.
   * @throws OrderError as `decidePayment`; ORDER_NOT_FOUND; TRY_AGAIN when the counter stays contended for 5 s.
   */
  async function confirmPayment(orderId: string, payment: Payment, who: Who): Promise<{ order: StoredOrder; repeated: boolean }> {
    /** What was tried and got no answer: found written, it is this call's payment and not a repeat of another's. */
    const unanswered: StoredOrder[] = [];
    const isOurs = (order: StoredOrder) => unanswered.some((next) => isSamePayment(order, next));
    let result: { order: StoredOrder; repeated: boolean } | undefined;
    try {
      await untilUncontended(async () => {
        const now = clock();
        const year = numberYear(now);
        // Read side by side: what changes in between fails one of the transaction's conditions.
        const [order, { data: holder }, current] = await Promise.all([
          find(orderId),
          entities.reference.get({ reference: payment.paymentReference }).go({ consistent: true }),
          counterValue("invoice", year),
        ]);
        if (!order) throw new OrderError("ORDER_NOT_FOUND", "There is no such order");
        if (decidePayment(order, payment, holder?.orderId) === "repeat") {
          result = { order, repeated: !isOurs(order) };
          return true;
        }
        const { numbers, value } = nextNumbers("invoice", year, current, 1);
        const paid = { ...applied(order, { to: "PAID" }, who, now), paymentDetails: paymentDetails(payment, now) };
        const next = withDocument(paid, "taxInvoice", numbers[0]!);
        const outcome = await commit(
          createWriteTransaction(entities, (e) => [
            advance(e.counter, "invoice", year, current, value),
            e.number.create({ number: numbers[0]!, tenantId: order.tenantId, orderId }).commit(),
            e.reference.create({ reference: payment.paymentReference, orderId, amount: payment.amount }).commit(),
            writeNumbered(e.order, order, next, "taxInvoice"),
          ]),
          randomUUID(),
        ).catch((error: unknown) => {
          unanswered.push(next);
          throw error;
        });
        if (outcome.cancelled) {
          if (!isContention(outcome)) throw new RefusedTransaction(outcome.codes);
          return false;
        }
        result = { order: next, repeated: false };
        return true;
      });
      return result!;
    } catch (error) {
      const order = unanswered.length > 0 ? await ifSoon(find(orderId), LOOK_MS) : undefined;
      if (order && isOurs(order)) return { order, repeated: false };
      throw error;
    }
  }

  /**
   * Notes a rendered document on its order and touches nothing else.
   * @returns false when it was noted before, or what it says of the customer was erased since the order was read.
   */
  async function setDocument(
    order: Order,
    type: DocumentType,
    issued: { key: string; sha256: string; issuedAt: string },
  ): Promise<boolean> {
    try {
      await entities.order
        .patch({ tenantId: order.tenantId, id: order.id })
        .data(({ documents }, { set }) => {
          const path = documentPaths(documents)[type];
          if (type === "order") return set(path, issued as never);
          set(path.key, issued.key as never);
          set(path.sha256, issued.sha256 as never);
        })
        .where(({ documents, customerEmail, billingAddress }, { eq, notExists }) => {
          const { street } = billingAddress as unknown as Record<"street", string>;
          const unerased = type === "order" ? eq(customerEmail, order.customerEmail) : eq(street, order.billingAddress.street);
          return `${notExists(documentPaths(documents)[type].key)} AND ${unerased}`;
        })
        .go();
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  }

  /** The timer of an order, if it still runs. */
  async function timer(orderId: string) {
    const { data } = await entities.timer.get({ orderId }).go({ consistent: true });
    return data ?? undefined;
  }

  /**
   * True when an order is recorded, whatever tenant it was recorded for, as long as a timer holds its id. The timer alone
   * tells nothing: after a failover it may be all that reached the other region.
   */
  async function isRecorded(orderId: string): Promise<boolean> {
    const holder = await timer(orderId);
    return holder !== undefined && (await get(holder.tenantId, orderId)) !== undefined;
  }

  async function conflict(order: Order): Promise<OrderError> {
    const current = await get(order.tenantId, order.id);
    return versionConflict(current?.version);
  }

  return { get, find, findByNumber, list, record, update, confirmPayment, setDocument, timer, isRecorded };
}

export type Orders = ReturnType<typeof orders>;

/** An order as it lies in the table: with the correlation id of the request that changed it last. */
export type StoredOrder = Order & { correlationId?: string };

type Eq<Attribute> = (attribute: Attribute, value: unknown) => string;

/** Holds while the order is what the caller read: its version, its status, and whether its customer was erased. */
const asRead =
  (order: Order) =>
  <A>(attributes: Record<"version" | "status" | "customerEmail", A>, { eq }: { eq: Eq<A> }) =>
    [eq(attributes.version, order.version), eq(attributes.status, order.status), eq(attributes.customerEmail, order.customerEmail)].join(
      " AND ",
    );

/** What tells one recording of an order from another of the same order. */
type RecordMark = Pick<Order, "orderNumber" | "statusHistory">;

const isSameRecord = (stored: RecordMark | undefined, tried: RecordMark) =>
  stored?.orderNumber === tried.orderNumber && stored.statusHistory[0]?.at === tried.statusHistory[0]?.at;

const isSamePayment = (stored: StoredOrder, tried: StoredOrder) =>
  stored.documents.taxInvoice?.number === tried.documents.taxInvoice?.number && confirmedAt(stored) === confirmedAt(tried);

/** True when an order went through this very change: it stands in the history, or is the last one that was made. */
function holdsChange(current: StoredOrder, before: Order, next: StoredOrder): boolean {
  const entries = next.statusHistory.length;
  if (entries === before.statusHistory.length) return isDeepStrictEqual(changesOf(current), changesOf(next));
  const isThere = isDeepStrictEqual(current.statusHistory[entries - 1], next.statusHistory[entries - 1]);
  return isThere && (next.status !== "REFUNDED" || current.documents.creditNote?.number === next.documents.creditNote?.number);
}

/** What a change of status or visibility writes; everything else stays as it was created. */
function changesOf(next: StoredOrder) {
  const {
    status,
    statusHistory,
    version,
    active,
    dateLastUpdated,
    lastUpdatedBy,
    correlationId,
    cancellationReason,
    paymentDetails: payment,
  } = next;
  return {
    ...{ status, statusHistory, version, active, dateLastUpdated, lastUpdatedBy, correlationId },
    ...(cancellationReason !== undefined && { cancellationReason }),
    ...(payment && { paymentDetails: payment }),
  };
}

/** ElectroDB builds document paths at run time, but knows nothing of the inside of an attribute whose type is ours. */
type Path = { [Member in keyof IssuedDocument]-?: string } & string;
type DocumentPaths = Record<DocumentType, Path>;
const documentPaths = (attribute: unknown) => attribute as DocumentPaths;

/** The caller acted on a version that is not the current one. */
export function versionConflict(currentVersion: number | undefined): OrderError {
  return new OrderError("VERSION_CONFLICT", "The order has changed since it was read", { details: { currentVersion } });
}

/** The order as it is first written. Pure. */
export function newOrder(accepted: AcceptedOrder & { tenantId: string }, orderNumber: string, now: Date, refusal?: string): Order {
  const at = now.toISOString();
  const status = refusal ? "CANCELLED" : initialStatus;
  return {
    ...accepted,
    orderNumber,
    status,
    statusHistory: [{ status, at, by: "system", ...(refusal && { reason: refusal }) }],
    ...(refusal && { cancellationReason: refusal }),
    documents: {},
    lastUpdatedBy: "system",
    dateLastUpdated: at,
    active: true,
    version: 1,
  };
}

/** The order after a decided change. Pure. */
export function applied(order: Order, change: OrderUpdate, who: Who, now: Date): StoredOrder {
  const at = now.toISOString();
  const { to, active, reason } = change;
  return {
    ...order,
    ...(to && {
      status: to,
      statusHistory: [...order.statusHistory, { status: to, at, by: who.by, ...(reason && { reason }) }],
    }),
    ...(to === "CANCELLED" && reason && { cancellationReason: reason }),
    active: active ?? order.active,
    version: order.version + 1,
    dateLastUpdated: at,
    lastUpdatedBy: who.by,
    correlationId: who.correlationId,
  };
}

function withDocument(order: StoredOrder, type: "taxInvoice" | "creditNote", number: string): StoredOrder {
  return { ...order, documents: { ...order.documents, [type]: { number, issuedAt: order.dateLastUpdated } } };
}

function timerOf(order: AcceptedOrder & { tenantId: string }) {
  return {
    orderId: order.id,
    tenantId: order.tenantId,
    expiresAt: epochSeconds(new Date(order.dateCreated)) + EXPIRY_DAYS * 24 * 3600,
  };
}

/** A transaction that was cancelled for another reason than contention: repeating it cannot help. */
export class RefusedTransaction extends Error {
  override readonly name = "RefusedTransaction";
  constructor(codes: readonly string[]) {
    super(`transaction refused: ${codes.join(", ")}`);
  }
}

const isRefusedForGood = (error: unknown) => error instanceof RefusedTransaction || isInvalidRequest(error);

/**
 * Repeats `attempt` (which re-reads everything it depends on) until it says true. Lost races are repeated for 5 s with
 * full jitter; so are a conflicting or unfinished transaction and a call that hung. Throttling, and what else AWS asks to
 * repeat, the client has tried again by itself before it is thrown here.
 * @throws OrderError TRY_AGAIN
 */
async function untilUncontended(attempt: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + CONTENTION_MS;
  for (let n = 0; ; n++) {
    try {
      if (await attempt()) return;
    } catch (error) {
      if (!isTransient(error) || performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline)
      throw new OrderError("TRY_AGAIN", "The service is busy; please repeat the request", { retryAfterSeconds: 1 });
    await sleep(backoffMs(n, { baseMs: 5, capMs: 250 }));
  }
}

const transientNames = ["TransactionInProgressException", "TransactionConflictException", "TimeoutError"];
const isTransient = (error: unknown) => transientNames.includes(awsErrorOf(error).name ?? "");

/** DynamoDB's ExclusiveStartKey on OrdersByDateIndex. */
type PositionKey = { PK: string; SK: string; GSI1_PK: string; GSI1_SK: string };

const positionOf = ({ dateCreated, id }: Order): ListPosition => ({ dateCreated, id });

function positionKey(tenantId: string, { dateCreated, id }: ListPosition): PositionKey {
  const partition = `TENANT#${tenantId}`;
  return { PK: partition, SK: `ORDER#${id}`, GSI1_PK: partition, GSI1_SK: `${dateCreated}#${id}` };
}

function keyPosition(start: PositionKey): ListPosition {
  const [dateCreated, id] = start.GSI1_SK.split("#") as [string, string];
  return { dateCreated, id };
}
