import { type OrderStatus, orderStatuses } from "@bbws/core/order/order.ts";
import {
  type Actor,
  actors,
  allowedStatuses,
  initialStatus,
  isFinal,
  isLegal,
  isTerminal,
  isUnpaid,
  latestDocument,
  mayTransition,
  readStatus,
  transitions,
} from "@bbws/core/order/status.ts";
import { describe, expect, it } from "vitest";

/** The state table of the service's design, written here a second time: from, to, who. */
const design: [from: OrderStatus, to: OrderStatus, who: Actor[]][] = [
  ["PENDING", "PAYMENT_PENDING", ["System", "Admin"]],
  ["PENDING", "PAID", ["Payment"]],
  ["PENDING", "CANCELLED", ["Customer", "Support", "Admin"]],
  ["PENDING", "EXPIRED", ["Timer"]],
  ["PAYMENT_PENDING", "PAID", ["Payment"]],
  ["PAYMENT_PENDING", "CANCELLED", ["Customer", "Support", "Admin"]],
  ["PAYMENT_PENDING", "EXPIRED", ["Timer"]],
  ["PAID", "PROCESSING", ["Admin"]],
  ["PROCESSING", "COMPLETED", ["Admin"]],
  ["PAID", "REFUNDED", ["Admin"]],
  ["PROCESSING", "REFUNDED", ["Admin"]],
  ["COMPLETED", "REFUNDED", ["Admin"]],
];

const designed = (from: OrderStatus, to: OrderStatus) => design.find(([f, t]) => f === from && t === to);
const pairs = orderStatuses.flatMap((from) => orderStatuses.map((to) => [from, to] as const));

describe("the state table", () => {
  it.each(pairs)("lets from %s to %s exactly those whom the design names", (from, to) => {
    const who = designed(from, to)?.[2] ?? [];
    expect(actors.filter((actor) => mayTransition(from, to, [actor])).sort()).toEqual([...who].sort());
    expect(isLegal(from, to)).toBe(who.length > 0);
  });

  it("has no row twice and none that leads nowhere", () => {
    const rows = transitions.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(rows).size).toBe(rows.length);
    expect(transitions.every(({ from, to, by }) => from !== to && by.length > 0)).toBe(true);
  });

  it("reaches every status from the first one", () => {
    const reached = new Set<OrderStatus>([initialStatus]);
    for (const status of reached) for (const { to } of transitions.filter(({ from }) => from === status)) reached.add(to);
    expect([...reached].sort()).toEqual([...orderStatuses].sort());
  });

  it("starts with PENDING, to which nothing leads back", () => {
    expect(initialStatus).toBe("PENDING");
    expect(transitions.some(({ to }) => to === initialStatus)).toBe(false);
  });
});

describe("a status", () => {
  it("is final when it is CANCELLED, EXPIRED or REFUNDED", () => {
    expect(orderStatuses.filter(isFinal)).toEqual(["CANCELLED", "EXPIRED", "REFUNDED"]);
  });

  it("is terminal when it is final or COMPLETED", () => {
    expect(orderStatuses.filter(isTerminal)).toEqual(["COMPLETED", "CANCELLED", "EXPIRED", "REFUNDED"]);
  });

  it("waits for money when it is PENDING or PAYMENT_PENDING", () => {
    expect(orderStatuses.filter(isUnpaid)).toEqual(["PENDING", "PAYMENT_PENDING"]);
  });

  it("tells what a caller with several roles may do next, each status once", () => {
    expect(allowedStatuses("PENDING", ["Customer", "Admin"])).toEqual(["PAYMENT_PENDING", "CANCELLED"]);
    expect(allowedStatuses("PENDING", ["System", "Customer"])).toEqual(["PAYMENT_PENDING", "CANCELLED"]);
    expect(allowedStatuses("PAID", ["Customer"])).toEqual([]);
    expect(allowedStatuses("PENDING", [])).toEqual([]);
  });

  it.each([
    ["pending", "PENDING"],
    [" Payment_Pending ", "PAYMENT_PENDING"],
    ["PENDING_PAYMENT", "PAYMENT_PENDING"],
    ["pending_payment", "PAYMENT_PENDING"],
    ["nonsense", "NONSENSE"],
  ])("written %j is read as %s", (text, status) => {
    expect(readStatus(text)).toBe(status);
  });
});

describe("the latest document", () => {
  const stored = (number: string) => ({ number, key: `${number}.pdf`, issuedAt: "2026-11-24T08:00:00.000Z" });

  it("is the credit note, else the tax invoice, else the order document", () => {
    const all = { order: stored("ORD"), taxInvoice: stored("INV"), creditNote: stored("CRN") };
    expect(latestDocument(all)).toBe("creditNote");
    expect(latestDocument({ order: all.order, taxInvoice: all.taxInvoice })).toBe("taxInvoice");
    expect(latestDocument({ order: all.order })).toBe("order");
    expect(latestDocument({})).toBeUndefined();
  });

  it("is one whose PDF is stored, not one that has only its number yet", () => {
    expect(latestDocument({ order: stored("ORD"), taxInvoice: { number: "INV-2026-00001", issuedAt: "2026-11-24T08:00:00.000Z" } })).toBe(
      "order",
    );
  });
});
