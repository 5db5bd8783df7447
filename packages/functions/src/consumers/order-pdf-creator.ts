import { setImmediate } from "node:timers/promises";
import { systemClock } from "@bbws/core/clock.ts";
import { documentFacts, documentFileName, documentKey } from "@bbws/core/document/document.ts";
import { renderDocument } from "@bbws/core/document/render.tsx";
import { Supplier } from "@bbws/core/document/supplier.ts";
import { OrderError, PermanentError } from "@bbws/core/errors.ts";
import { sha256 } from "@bbws/core/id.ts";
import { isErased, isErasedWhole } from "@bbws/core/order/erasure.ts";
import { documentOf, OrderEvent } from "@bbws/core/order/events.ts";
import type { DocumentType, Order } from "@bbws/core/order/order.ts";
import { orders as ordersOf } from "@bbws/core/order/orders.ts";
import * as v from "valibot";
import { environment, tableName } from "../runtime/config.ts";
import { putIfAbsent } from "../runtime/documents.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { count } from "../runtime/metrics.ts";
import { batch, done, failed, type Outcome, type Received } from "./batch.ts";

const orders = ordersOf({ client: dynamodb, table: tableName() }, systemClock);
const supplier = v.parse(Supplier, environment("SUPPLIER").SUPPLIER);

/** One after the other: a render fills a core, and a macrotask between two lets the heap settle. */
async function handle(messages: Received<OrderEvent>[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { message } of messages) {
    outcomes.push(await issue(message).catch(failed));
    await setImmediate();
  }
  return outcomes;
}

async function issue(event: OrderEvent): Promise<Outcome> {
  const type = documentOf(event);
  if (!type) return done("no document");
  const order = await orders.get(event.tenantId, event.orderId);
  if (!order) throw new OrderError("ORDER_NOT_FOUND", "The order is not in the table yet");
  if (order.documents[type]?.key) return done("already issued");
  if (isForgotten(order, type)) return done("the customer was erased");
  if (!(await store(order, type))) return done("the customer was erased meanwhile");
  count("DocumentsRendered");
  return done(type);
}

/** Of an erased customer only what the tax record needs is still issued. */
const isForgotten = (order: Order, type: DocumentType) => isErasedWhole(order) || (isErased(order) && type === "order");

/**
 * Renders from facts that never change, stores once, then notes it on the order.
 * @returns false when the customer was erased since the order was read: nothing is noted, and the erasure, which waits for
 * as long as this function may run, deletes what was stored
 */
async function store(order: Order, type: DocumentType): Promise<boolean> {
  const facts = documentFacts(order, type, supplier);
  const pdf = await renderDocument(facts);
  const key = documentKey(order, type);
  const put = await putIfAbsent(key, pdf, { sha256: sha256(pdf), fileName: documentFileName(facts) });
  const hash = put === "stored" ? sha256(pdf) : put.existing;
  // What was stored before an erasure and not noted names the customer's contact still: it stays as it was issued.
  if (hash === undefined || (hash !== sha256(pdf) && !isErased(order))) {
    throw new PermanentError(`another ${type} is stored under this number`);
  }
  if (await orders.setDocument(order, type, { key, sha256: hash, issuedAt: facts.issuedAt })) return true;
  const current = await orders.get(order.tenantId, order.id);
  return current !== undefined && !isForgotten(current, type);
}

export const handler = batch({ queue: "InvoiceQueue", deadLetterQueue: "InvoiceDLQ", schema: OrderEvent, handle });
