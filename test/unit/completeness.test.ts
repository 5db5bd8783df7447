import { gapsOf, gapText, impliedEvents, type KnownMail } from "@bbws/core/order/completeness.ts";
import { ERASED, erasedFields } from "@bbws/core/order/erasure.ts";
import { changeToEvents, type OrderEvent, queuesOf } from "@bbws/core/order/events.ts";
import type { Order } from "@bbws/core/order/order.ts";
import { applied } from "@bbws/core/order/orders.ts";
import { describe, expect, it } from "vitest";
import { NOW, order, orderIn } from "../support/order.ts";

const timer = { expiresAt: NOW.getTime() / 1000 + 7 * 86_400 };
const mail = (kind: KnownMail["kind"], orderVersion: string | number, changes: Partial<KnownMail> = {}): KnownMail => ({
  kind,
  orderVersion: String(orderVersion),
  state: "SENT",
  leaseUntil: 0,
  ...changes,
});
const stored = (key: string) => ({ key, sha256: "0".repeat(64), issuedAt: NOW.toISOString() });
const texts = (subject: Order, mails: KnownMail[] = [], now = NOW, known: { expiresAt: number } | undefined = timer) =>
  gapsOf(subject, { mails, timer: known }, now).map(gapText);

describe("the events an order's state implies", () => {
  it("are those its changes gave, ids and versions included", () => {
    const who = { by: "user-1", correlationId: "c-1" };
    const steps = ["PAYMENT_PENDING", "PAID", "PROCESSING", "COMPLETED", "REFUNDED"] as const;
    let current: Order & { correlationId?: string } = { ...order(), correlationId: "c-1" };
    const emitted: OrderEvent[] = changeToEvents(undefined, current);
    steps.forEach((to, i) => {
      let next = applied(current, { to }, who, new Date(NOW.getTime() + (i + 1) * 60_000));
      if (to === "PAID")
        next = { ...next, documents: { ...next.documents, taxInvoice: { number: "INV-2026-00001", issuedAt: next.dateLastUpdated } } };
      if (to === "REFUNDED")
        next = { ...next, documents: { ...next.documents, creditNote: { number: "CRN-2026-00001", issuedAt: next.dateLastUpdated } } };
      emitted.push(...changeToEvents(current, next));
      current = next;
      for (const type of ["taxInvoice", "creditNote"] as const) {
        const document = current.documents[type];
        if (!document || document.key) continue;
        const documented = { ...current, documents: { ...current.documents, [type]: { ...document, key: "k", sha256: "h" } } };
        emitted.push(...changeToEvents(current, documented));
        current = documented;
      }
    });
    expect(impliedEvents(current, [])).toEqual(emitted.filter((event) => queuesOf(event).length > 0));
  });

  it("count a soft delete before a refund, so that the refund's mail is recognised", () => {
    const who = { by: "user-1", correlationId: "c-1" };
    const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
    const hidden = applied(orderIn("COMPLETED"), { active: false }, who, later(10));
    const refunded = applied(hidden, { to: "REFUNDED" }, who, later(11));
    expect(impliedEvents(refunded, []).at(-1)).toMatchObject({ orderVersion: refunded.version, data: { to: "REFUNDED" } });

    const shown = applied(refunded, { active: true }, who, later(12));
    const mails = [mail("internal_refunded", refunded.version)];
    expect(impliedEvents(shown, mails).at(-1)).toMatchObject({ orderVersion: refunded.version, data: { to: "REFUNDED" } });
  });

  it("give a late document's event the version under which its mail went out", () => {
    const processing = orderIn("PROCESSING");
    const documented = { ...processing, documents: { taxInvoice: { number: "INV-2026-00001", ...stored("k") } } };
    const versionOfReceipt = (mails: KnownMail[]) =>
      impliedEvents(documented, mails).find(({ type }) => type === "order.document_ready")?.orderVersion;
    expect(versionOfReceipt([])).toBe(2);
    // The event of the document itself, however late it came, is the same.
    expect(changeToEvents(processing, documented)).toEqual(
      impliedEvents(documented, []).filter(({ type }) => type === "order.document_ready"),
    );
    expect(versionOfReceipt([mail("payment_received", 3)])).toBe(3);
    expect(versionOfReceipt([mail("payment_received", "2#request")])).toBe(2);
  });
});

describe("what an order lacks", () => {
  it("is everything right after it was recorded, and nothing once all has happened", () => {
    expect(texts(order())).toEqual(["order document", "mail order_confirmation", "mail internal_new"]);
    const whole = order({ documents: { order: stored("o") } });
    expect(texts(whole, [mail("order_confirmation", 1), mail("internal_new", 1)])).toEqual([]);
  });

  it("is not a mail that waits for its document", () => {
    const paid = orderIn("PAID");
    const mails = [mail("order_confirmation", 1), mail("internal_new", 1), mail("internal_paid", 2)];
    expect(texts({ ...paid, documents: { order: stored("o"), ...paid.documents } }, mails)).toEqual(["taxInvoice document"]);
    const documented = { ...paid, documents: { order: stored("o"), taxInvoice: { number: "INV-2026-00001", ...stored("i") } } };
    expect(texts(documented, mails)).toEqual(["mail payment_received"]);
  });

  it("is not a mail that SES refused or that somebody is sending, but one whose sender vanished", () => {
    const whole = order({ documents: { order: stored("o") } });
    const others = [mail("order_confirmation", 1)];
    const internal = (changes: Partial<KnownMail>) => texts(whole, [...others, mail("internal_new", 1, changes)]);
    expect(internal({ state: "REFUSED" })).toEqual([]);
    expect(internal({ state: "CLAIMED", leaseUntil: NOW.getTime() + 1 })).toEqual([]);
    expect(internal({ state: "CLAIMED", leaseUntil: NOW.getTime() - 1 })).toEqual(["mail internal_new, begun"]);
  });

  it("is not satisfied by a mail that an operator asked for", () => {
    const whole = order({ documents: { order: stored("o") } });
    expect(texts(whole, [mail("order_confirmation", "1#r"), mail("internal_new", 1)])).toEqual(["mail order_confirmation"]);
  });

  it("of a suspended tenant's refused order is the internal mail only", () => {
    const refused = order({ status: "CANCELLED", statusHistory: [{ status: "CANCELLED", at: NOW.toISOString(), by: "system" }] });
    expect(texts(refused, [], NOW, undefined)).toEqual(["mail internal_cancelled"]);
  });

  it("is a timer while it waits for money, and its expiry when the time is over", () => {
    const whole = order({ documents: { order: stored("o") } });
    const mails = [mail("order_confirmation", 1), mail("internal_new", 1)];
    expect(gapsOf(whole, { mails, timer: undefined }, NOW)).toEqual([{ kind: "timer" }]);
    const late = new Date(NOW.getTime() + 7 * 86_400_000 + 1);
    expect(gapsOf(whole, { mails, timer }, late)).toEqual([{ kind: "expiry" }]);
  });

  it("is nothing once the customer was erased, but for the documents the law keeps", () => {
    const kept = { ...orderIn("PAID"), customerEmail: ERASED };
    expect(texts(kept)).toEqual(["taxInvoice document"]);
    expect(texts({ ...kept, billingAddress: { ...kept.billingAddress, street: ERASED } })).toEqual([]);
    expect(texts({ ...order(), ...erasedFields(order(), "whole") })).toEqual([]);
  });
});
