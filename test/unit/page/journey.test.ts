import { orderView } from "@bbws/core/order/view.ts";
import { type Chapter, isSettled, isStopped, journeyOf, type Sighting } from "@bbws/local/page/browser/journey.ts";
import type { Letter, Order, OrderMail } from "@bbws/local/page/browser/service.ts";
import { describe, expect, it } from "vitest";
import { NOW, orderIn } from "../../support/order.ts";

const stored = (status: Parameters<typeof orderIn>[0], documents: Parameters<typeof orderIn>[1] = {}) =>
  orderView(orderIn(status, documents), ["Support"]) as unknown as Order;

function sighting(order: Order | undefined, more: Partial<Sighting> = {}): Sighting {
  const placed = {
    orderId: order?.id ?? "order_1",
    statusUrl: "/status",
    placedAt: NOW.getTime(),
    acceptedAt: NOW.getTime() + 40,
    buyer: { name: "Thandi Nkosi", email: "thandi@example.co.za" },
    what: "1 × Basic",
    total: 1725,
    seen: {},
  };
  return { placed, order, mails: [], letters: {}, ...more };
}

const sent = (kind: string, orderVersion = "1"): OrderMail => ({ kind, orderVersion, state: "SENT", at: NOW.toISOString() });
const states = (chapters: Chapter[]) =>
  chapters.map(({ title, steps }) => [title, ...steps.map(({ label, state }) => `${label}: ${state}`)]);

describe("the journey of an order", () => {
  it("starts with what the 202 promises", () => {
    expect(states(journeyOf(sighting(undefined)))).toEqual([
      [
        "Ordered",
        "Accepted: done",
        "Record and number: running",
        "Order document: waiting",
        "Confirmation to the customer: waiting",
        "Notice to support and sales: waiting",
      ],
    ]);
  });

  it("goes on by itself once the order is recorded", () => {
    const chapters = journeyOf(sighting(stored("PENDING"), { mails: [sent("internal_new")] }));
    expect(states(chapters)).toEqual([
      [
        "Ordered",
        "Accepted: done",
        "Recorded: done",
        "Order document: running",
        "Confirmation to the customer: running",
        "Notice to support and sales: done",
      ],
    ]);
    expect(isSettled(chapters)).toBe(false);
  });

  it("lets the receipt wait for the tax invoice", () => {
    const [, paid] = journeyOf(sighting(stored("PAID")));
    expect(states([paid!])).toEqual([
      [
        "Paid",
        "Payment confirmed: done",
        "Tax invoice: running",
        "Receipt with tax invoice to the customer: waiting",
        "Notice of payment to staff: running",
      ],
    ]);
  });

  it("is settled when every document is stored and every mail is out", () => {
    const document = { key: "k", sha256: "0".repeat(64), issuedAt: NOW.toISOString() };
    const order = stored("PAID", { documents: { order: document, taxInvoice: { ...document, number: "INV-2026-00001" } } });
    const mails = [sent("order_confirmation"), sent("internal_new"), sent("payment_received", "2"), sent("internal_paid", "2")];
    expect(isSettled(journeyOf(sighting(order, { mails })))).toBe(true);
    expect(isSettled(journeyOf(sighting(order, { mails: mails.slice(1) })))).toBe(false);
  });

  it("tells two mails of one kind apart by the order's version", () => {
    const chapters = journeyOf(sighting(stored("COMPLETED"), { mails: [sent("order_status_update", "3")] }));
    expect(states(chapters.slice(2))).toEqual([
      ["In progress", "In progress recorded: done", "News to the customer: done"],
      ["Completed", "Completed recorded: done", "News to the customer: running"],
    ]);
  });

  it("does not take a mail that an operator asked for as a step", () => {
    const [ordered] = journeyOf(sighting(stored("PENDING"), { mails: [sent("order_confirmation", "1#request")] }));
    expect(ordered!.steps.find(({ label }) => label === "Confirmation to the customer")?.state).toBe("running");
  });

  const letter = (body: unknown, messageId = "m"): Letter => ({
    messageId,
    body: typeof body === "string" ? body : JSON.stringify(body),
    sentAt: NOW.toISOString(),
    receives: 1,
    inFlight: false,
    attributes: { errorReason: "no such template" },
  });
  const stoppedSteps = (chapters: Chapter[]) =>
    chapters.flatMap(({ title, steps }) =>
      steps.filter(({ state }) => state === "stopped").map(({ label, letters }) => [title, label, ...(letters ?? [])]),
    );

  it("stops at a dead letter of this order, with its reason, and at no other's", () => {
    const order = stored("PENDING");
    const recorded = (orderId: string) => letter({ type: "order.recorded", orderId, data: { status: "PENDING" } });
    const stopped = journeyOf(sighting(order, { letters: { InvoiceQueue: [recorded(order.id)] } }));
    expect(isStopped(stopped)).toBe(true);
    expect(stopped[0]!.steps[2]).toMatchObject({
      label: "Order document",
      state: "stopped",
      reason: "dead letter: no such template",
      letters: ["m"],
    });
    expect(isStopped(journeyOf(sighting(order, { letters: { InvoiceQueue: [recorded("order_other")] } })))).toBe(false);
  });

  it("stops before its record at the letter of the accepted order", () => {
    const letters = { OrderCreationQueue: [letter({ type: "order.accepted", order: { id: "order_1" } })] };
    expect(stoppedSteps(journeyOf(sighting(undefined, { letters })))).toEqual([["Ordered", "Record and number", "m"]]);
  });

  it("pins a dead letter on the step it is about, and on no other of the same queue", () => {
    const order = stored("COMPLETED");
    const changed = (to: string, messageId: string) => letter({ type: "order.status_changed", orderId: order.id, data: { to } }, messageId);
    const letters = { CustomerNotificationQueue: [changed("COMPLETED", "m2"), changed("COMPLETED", "m3")] };
    expect(stoppedSteps(journeyOf(sighting(order, { letters })))).toEqual([["Completed", "News to the customer", "m2", "m3"]]);
  });

  it("pins the letter of a stored document on the mail that carries it", () => {
    const document = { key: "k", sha256: "0".repeat(64), issuedAt: NOW.toISOString(), number: "INV-2026-00001" };
    const order = stored("PAID", { documents: { taxInvoice: document } });
    const ready = letter({ type: "order.document_ready", orderId: order.id, data: { documentType: "taxInvoice" } });
    expect(stoppedSteps(journeyOf(sighting(order, { letters: { CustomerNotificationQueue: [ready] } })))).toEqual([
      ["Paid", "Receipt with tax invoice to the customer", "m"],
    ]);
  });

  it("pins no letter that tells of no step: an operator's request, or no event at all", () => {
    const order = stored("PENDING");
    const requested = letter({ type: "order.mail_requested", orderId: order.id, data: { kind: "order_confirmation" } });
    const letters = { CustomerNotificationQueue: [requested, letter(`not JSON ${order.id}`), letter("null")] };
    expect(isStopped(journeyOf(sighting(order, { letters })))).toBe(false);
  });
});
