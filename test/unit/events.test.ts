import { type CustomerMailKind, customerMailKinds, mailKinds } from "@bbws/core/mail/kinds.ts";
import { customerMailOf, internalMailOf, type Mail } from "@bbws/core/mail/mails.ts";
import { changeToEvents, documentOf, OrderEvent, queuesOf, recordedEvent } from "@bbws/core/order/events.ts";
import { type DocumentType, documentTypes, type Order, type OrderStatus, orderStatuses } from "@bbws/core/order/order.ts";
import { applied } from "@bbws/core/order/orders.ts";
import { transitions } from "@bbws/core/order/status.ts";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { NOW, order, orderIn } from "../support/order.ts";

const stored = (key: string) => ({ key, sha256: "0".repeat(64), issuedAt: NOW.toISOString() });
const withDocument = (of: Order, type: DocumentType): Order => ({
  ...of,
  documents: { ...of.documents, [type]: { ...of.documents[type], ...stored(`${type}.pdf`) } },
});
const moved = (from: Order, to: OrderStatus) => applied(from, { to }, { by: "user-1", correlationId: "c-9" }, NOW);

/** The one event of a change. */
function eventOf(before: Order | undefined, after: Order | undefined): OrderEvent {
  const events = changeToEvents(before, after);
  expect(events).toHaveLength(1);
  return events[0]!;
}
const changedTo = (to: OrderStatus): OrderEvent => {
  const from = transitions.find((t) => t.to === to)!.from;
  return eventOf(orderIn(from), moved(orderIn(from), to));
};
const ready = (type: DocumentType): OrderEvent => {
  const before = orderIn(type === "creditNote" ? "REFUNDED" : "PAID");
  return eventOf(before, withDocument(before, type));
};

describe("a change of an order", () => {
  it("that is its first appearance is order.recorded", () => {
    const recorded = { ...order(), correlationId: "c-1" };
    expect(changeToEvents(undefined, recorded)).toEqual([
      {
        eventId: `${recorded.id}:1:order.recorded`,
        type: "order.recorded",
        version: "1.0",
        occurredAt: recorded.dateCreated,
        tenantId: "tenant-a",
        orderId: recorded.id,
        orderVersion: 1,
        correlationId: "c-1",
        data: { status: "PENDING" },
      },
    ]);
  });

  it("of its status is order.status_changed from the one to the other", () => {
    const before = order();
    const after = moved(before, "PAID");
    expect(changeToEvents(before, after)).toEqual([
      {
        eventId: `${before.id}:2:order.status_changed`,
        type: "order.status_changed",
        version: "1.0",
        occurredAt: after.dateLastUpdated,
        tenantId: "tenant-a",
        orderId: before.id,
        orderVersion: 2,
        correlationId: "c-9",
        data: { from: "PENDING", to: "PAID" },
      },
    ]);
  });

  it.each([
    ["order", 1],
    ["taxInvoice", 2],
    ["creditNote", 3],
  ] as const)("by which the key of its %s appears is order.document_ready, of the transition that issued it", (type, orderVersion) => {
    const before = { ...orderIn("REFUNDED"), version: 5 };
    const after = withDocument(before, type);
    expect(changeToEvents(before, after)).toMatchObject([
      {
        eventId: `${before.id}:${orderVersion}:order.document_ready:${type}`,
        type: "order.document_ready",
        orderVersion,
        data: { documentType: type },
      },
    ]);
  });

  it("that only gives its tax invoice a number is not yet a document", () => {
    expect(changeToEvents(order(), orderIn("PAID", { id: "order_x" })).map(({ type }) => type)).toEqual(["order.status_changed"]);
  });

  it("that tells nobody anything is no event: its removal, the soft-delete flag, a document's second appearance", () => {
    const cancelled = orderIn("CANCELLED");
    expect(changeToEvents(cancelled, undefined)).toEqual([]);
    expect(changeToEvents(cancelled, { ...cancelled, active: false, version: 3 })).toEqual([]);
    expect(changeToEvents(withDocument(cancelled, "order"), withDocument(cancelled, "order"))).toEqual([]);
    expect(changeToEvents(undefined, undefined)).toEqual([]);
  });

  it("that moves it on and stores a document tells both", () => {
    const before = orderIn("PAID");
    const after = moved(withDocument(before, "taxInvoice"), "PROCESSING");
    expect(changeToEvents(before, after).map(({ type }) => type)).toEqual(["order.status_changed", "order.document_ready"]);
  });

  it("without a correlation id is told under the order's own", () => {
    const recorded = order();
    expect(eventOf(undefined, recorded).correlationId).toBe(recorded.id);
  });

  it("gives the same events with the same ids however often it is told, and each is a message the consumers understand", () => {
    const status = fc.constantFrom(...orderStatuses);
    const documents = fc.subarray([...documentTypes]);
    const some = (s: OrderStatus, types: DocumentType[]) => types.reduce(withDocument, orderIn(s, { id: "order_1" }));
    fc.assert(
      fc.property(fc.option(fc.tuple(status, documents), { nil: undefined }), fc.tuple(status, documents), (old, now) => {
        const before = old && some(...old);
        const after = some(...now);
        const events = changeToEvents(before, after);
        expect(changeToEvents(structuredClone(before), structuredClone(after))).toEqual(events);
        expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
        for (const event of events) expect(v.parse(OrderEvent, JSON.parse(JSON.stringify(event)))).toEqual(event);
      }),
    );
  });
});

describe("the event of an order's recording, told again later,", () => {
  it("is the one of its first version", () => {
    const later = orderIn("REFUNDED");
    expect(recordedEvent(later)).toMatchObject({ eventId: `${later.id}:1:order.recorded`, orderVersion: 1, data: { status: "PENDING" } });
  });

  it("takes the status as it is where the history is empty", () => {
    expect(recordedEvent(order({ statusHistory: [] }))).toMatchObject({ data: { status: "PENDING" } });
  });
});

type Row = [what: string, event: OrderEvent, pdf: DocumentType | undefined, staff: string | undefined, customer: string | undefined];

/** The table of the service's design: which event asks for which document and which mails. */
const table: Row[] = [
  ["an order recorded", eventOf(undefined, order()), "order", "internal_new", "order_confirmation"],
  ["an order refused at recording", eventOf(undefined, orderRefused()), undefined, "internal_cancelled", undefined],
  ["PENDING -> PAYMENT_PENDING", changedTo("PAYMENT_PENDING"), undefined, undefined, undefined],
  ["-> PAID", changedTo("PAID"), "taxInvoice", "internal_paid", undefined],
  ["tax invoice ready", ready("taxInvoice"), undefined, undefined, "payment_received"],
  ["-> CANCELLED", changedTo("CANCELLED"), undefined, "internal_cancelled", "order_cancelled"],
  ["-> REFUNDED", changedTo("REFUNDED"), "creditNote", "internal_refunded", undefined],
  ["credit note ready", ready("creditNote"), undefined, undefined, "order_status_update"],
  ["-> EXPIRED", changedTo("EXPIRED"), undefined, undefined, "order_status_update"],
  ["-> PROCESSING", changedTo("PROCESSING"), undefined, undefined, "order_status_update"],
  ["-> COMPLETED", changedTo("COMPLETED"), undefined, undefined, "order_status_update"],
  ["order document ready", ready("order"), undefined, undefined, undefined],
];

function orderRefused(): Order {
  return order({ status: "CANCELLED", statusHistory: [{ status: "CANCELLED", at: NOW.toISOString(), by: "system" }] });
}

describe("the table of events:", () => {
  it.each(table)("%s", (_, event, pdf, staff, customer) => {
    expect(documentOf(event)).toBe(pdf);
    expect(internalMailOf(event)?.kind).toBe(staff);
    expect(customerMailOf(event)?.kind).toBe(customer);
    // Who has something to do gets the event, and nobody else.
    const queues = [pdf && "InvoiceQueue", staff && "InternalNotificationQueue", customer && "CustomerNotificationQueue"];
    expect(queuesOf(event).sort()).toEqual(queues.filter(Boolean).sort());
  });

  it("covers every status and every document", () => {
    const told = table.map(([, event]) => event);
    const statuses = told.flatMap((event) => (event.type === "order.status_changed" ? [event.data.to] : []));
    expect([...new Set(statuses)].sort()).toEqual(orderStatuses.filter((status) => status !== "PENDING").sort());
    const documents = told.flatMap((event) => (event.type === "order.document_ready" ? [event.data.documentType] : []));
    expect([...new Set(documents)].sort()).toEqual([...documentTypes].sort());
  });
});

describe("a mail", () => {
  const mail = (event: OrderEvent, who: "customer" | "staff"): Mail =>
    (who === "customer" ? customerMailOf(event) : internalMailOf(event))!;

  it("to the customer comes from the template of its occasion, with the document that belongs to it", () => {
    expect(mail(eventOf(undefined, order()), "customer")).toEqual({
      kind: "order_confirmation",
      template: "customer/order_confirmation",
      status: "PENDING",
    });
    expect(mail(ready("taxInvoice"), "customer")).toEqual({
      kind: "payment_received",
      template: "customer/payment_received",
      status: "PAID",
      attachment: "taxInvoice",
    });
    expect(mail(ready("creditNote"), "customer")).toEqual({
      kind: "order_status_update",
      template: "customer/order_status_update",
      status: "REFUNDED",
      attachment: "creditNote",
    });
    expect(mail(changedTo("CANCELLED"), "customer").template).toBe("customer/order_cancelled");
    expect(mail(changedTo("EXPIRED"), "customer")).toEqual({
      kind: "order_status_update",
      template: "customer/order_status_update",
      status: "EXPIRED",
    });
  });

  it("to the staff is one template in four variants, without a document", () => {
    const mails = [eventOf(undefined, order()), changedTo("PAID"), changedTo("CANCELLED"), changedTo("REFUNDED")].map((event) =>
      mail(event, "staff"),
    );
    expect(mails.map(({ status }) => status)).toEqual(["PENDING", "PAID", "CANCELLED", "REFUNDED"]);
    expect(mails.every(({ template, attachment }) => template === "internal/order_notification" && attachment === undefined)).toBe(true);
  });
});

describe("a mail that an operator asks for again", () => {
  const requested = (kind: (typeof mailKinds)[number], data: { status?: OrderStatus; to?: string } = {}): OrderEvent => ({
    ...(recordedEvent(order()) as Extract<OrderEvent, { type: "order.recorded" }>),
    type: "order.mail_requested",
    data: { kind, status: data.status ?? "PENDING", requestId: "r-1", ...(data.to && { to: data.to }) },
  });

  it.each(mailKinds)("goes to those who send mails of the kind %s, and to them only", (kind) => {
    const toCustomer = customerMailKinds.includes(kind as CustomerMailKind);
    const event = requested(kind);
    expect(queuesOf(event)).toEqual([toCustomer ? "CustomerNotificationQueue" : "InternalNotificationQueue"]);
    expect(customerMailOf(event)?.kind).toBe(toCustomer ? kind : undefined);
    expect(internalMailOf(event)?.kind).toBe(toCustomer ? undefined : kind);
    expect(documentOf(event)).toBeUndefined();
  });

  it("is an occasion of its own, with its document and its other address", () => {
    expect(customerMailOf(requested("payment_received", { status: "PAID", to: "books@example.co.za" }))).toEqual({
      kind: "payment_received",
      template: "customer/payment_received",
      status: "PAID",
      attachment: "taxInvoice",
      request: { id: "r-1", to: "books@example.co.za" },
    });
    expect(customerMailOf(requested("order_status_update", { status: "REFUNDED" }))).toMatchObject({
      attachment: "creditNote",
      request: { id: "r-1" },
    });
    expect(customerMailOf(requested("order_status_update", { status: "COMPLETED" }))).not.toHaveProperty("attachment");
  });
});
