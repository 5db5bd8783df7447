import { type Findings, lastNumberIn, problemsOf, rangeOf } from "@bbws/ops/load/consistency.ts";
import { barsOf, distributionOf } from "@bbws/ops/load/distribution.ts";
import { inParallel } from "@bbws/ops/load/in-parallel.ts";
import { memoryProblems, memoryVerdict } from "@bbws/ops/load/memory.ts";
import { picture } from "@bbws/ops/load/picture.ts";
import { describe, expect, it } from "vitest";

const numbers = [7, 8, 9];
const ids = numbers.map((number) => `order_${number}`);

/** Three orders of a load, as they must be found afterwards. */
function findings() {
  const accepted = ids.map((id) => ({ id, customerEmail: `${id}@example.com` }));
  const seen = numbers.map((number) => ({ id: `order_${number}`, orderNumber: `ORD-2026-0000${number}`, documented: true, listed: true }));
  return {
    accepted,
    seen,
    after: 6 as number | undefined,
    mails: seen.flatMap(({ id, orderNumber }) => [
      { subject: `Order Confirmation - #${orderNumber}`, to: [`${id}@example.com`] },
      { subject: `New Order Received: ${orderNumber}`, to: ["support@example.com", "sales@example.com"] },
    ]),
    queues: { InvoiceQueue: { waiting: 0, dead: 0 } },
  } satisfies Findings;
}
type All = ReturnType<typeof findings>;

/** The orders under other numbers, and their mails with them. */
function numbered({ seen }: All, orderNumbers: string[]): Partial<Findings> {
  return { seen: seen.map((order, i) => ({ ...order, orderNumber: orderNumbers[i]! })), mails: undefined };
}

describe("after a load", () => {
  it("all is well when every order has its number, its document and two mails", () => {
    expect(problemsOf(findings())).toEqual([]);
  });

  const broken: [what: string, change: (all: All) => Partial<Findings>, ...complaints: RegExp[]][] = [
    [
      "an order that was accepted and lost",
      ({ seen, mails }) => ({ seen: seen.slice(0, 2), mails: mails.slice(0, 4) }),
      /^1 orders were accepted and are not recorded, for example order_9$/,
    ],
    [
      "two creates that were answered with one id",
      ({ accepted }) => ({ accepted: [...accepted, accepted[0]!] }),
      /under an id that another has/,
    ],
    ["an order that is listed twice", ({ seen }) => ({ seen: [...seen, seen[0]!] }), /^1 orders are listed twice$/],
    [
      "an order that its list does not know",
      ({ seen }) => ({ seen: seen.map((order) => ({ ...order, listed: order.id !== ids[1] })) }),
      /^1 orders are not in their tenant's list, for example order_8$/,
    ],
    [
      "an order that nobody placed",
      ({ seen }) => ({ seen: [...seen, { id: "order_x", orderNumber: "ORD-2026-00010", documented: true }] }),
      /^1 orders are recorded that nobody placed$/,
    ],
    [
      "a number that was given twice",
      (all) => numbered(all, ["ORD-2026-00007", "ORD-2026-00007", "ORD-2026-00008"]),
      /^1 order numbers are given twice$/,
    ],
    [
      "a gap in the numbers",
      (all) => numbered(all, ["ORD-2026-00007", "ORD-2026-00009", "ORD-2026-00010"]),
      /^1 gaps are in the order numbers, for example before 9$/,
    ],
    ["numbers that do not follow the last one before", () => ({ after: 5 }), /^1 gaps are in the order numbers, for example before 7$/],
    [
      "numbers that had been given before",
      (all) => numbered(all, ["ORD-2026-00006", "ORD-2026-00007", "ORD-2026-00008"]),
      /^1 order numbers had been given before, for example 6$/,
    ],
    [
      "what is no order number",
      (all) => numbered(all, ["ORD-2026-00007", "ORD-2026-x", "ORD-2026-00008"]),
      /^1 orders have no order number, for example order_8$/,
    ],
    [
      "the number of something else",
      (all) => numbered(all, ["ORD-2026-00007", "ORD-2026-00008", "INV-2026-00009"]),
      /^1 orders have no order number, for example order_9$/,
    ],
    [
      "an order without a document",
      ({ seen }) => ({ seen: seen.map((order) => ({ ...order, documented: order.id !== ids[2] })) }),
      /^1 orders have no document, for example order_9$/,
    ],
    [
      "a mail that never came",
      ({ mails }) => ({ mails: mails.slice(1) }),
      /^1 mails are missing, for example Order Confirmation - #ORD-2026-00007 to order_7@example.com$/,
    ],
    [
      "a mail that came twice",
      ({ mails }) => ({ mails: [...mails, mails[3]!] }),
      /^1 mails went out more than once, for example New Order Received: ORD-2026-00008$/,
    ],
    [
      "a mail of an order that is not there",
      ({ mails }) => ({ mails: [...mails, { subject: "New Order Received: ORD-2026-00010", to: ["support@example.com"] }] }),
      /^1 mails went out that no order of the load is due, for example New Order Received: ORD-2026-00010$/,
    ],
    [
      "a confirmation that went to somebody else",
      ({ mails }) => ({ mails: mails.map((mail, i) => (i === 0 ? { ...mail, to: ["order_8@example.com"] } : mail)) }),
      /^1 mails are missing, for example Order Confirmation - #ORD-2026-00007 to order_7@/,
      /^1 mails went out that no order of the load is due, for example Order Confirmation - #ORD-2026-00007 to order_8@/,
    ],
    ["a message that still waits", () => ({ queues: { InvoiceQueue: { waiting: 2, dead: 0 } } }), /^2 messages wait in InvoiceQueue$/],
    ["a dead letter", () => ({ queues: { InvoiceQueue: { waiting: 0, dead: 1 } } }), /^1 dead letters lie in InvoiceQueue$/],
  ];
  it.each(broken)("%s is told", (_, change, ...complaints) => {
    const all = findings();
    expect(problemsOf({ ...all, ...change(all) })).toEqual(complaints.map((complaint) => expect.stringMatching(complaint)));
  });

  it("the orders, numbers and mails of others are no fault where others order too", () => {
    const all = findings();
    const theirs = { id: "order_x", orderNumber: "ORD-2026-00012", documented: true };
    const mail = { subject: "New Order Received: ORD-2026-00012", to: ["support@example.com"] };
    expect(problemsOf({ ...all, seen: [...all.seen, theirs], mails: [...all.mails, mail], after: undefined })).toEqual([]);
  });
});

describe("order numbers", () => {
  it("are told from the least to the highest, and begin after the last that staff heard of", () => {
    expect(rangeOf(findings().seen)).toEqual({ first: 7, last: 9 });
    expect(rangeOf([])).toBeUndefined();
    const subjects = [
      "New Order Received: ORD-2026-00012",
      "Payment Received - Tax Invoice INV-2026-00099",
      "New Order Received: ORD-2026-00011",
    ];
    expect(lastNumberIn(subjects.map((subject) => ({ subject, to: [] })))).toBe(12);
    expect(lastNumberIn([])).toBe(0);
  });
});

describe("work in parallel", () => {
  it("begins nothing after a failure, waits for what was begun, and throws the first", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = async (i: number) => {
      begun.push(i);
      await Promise.resolve();
      if (i === 1) throw new Error("the second failed");
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(i);
    };
    await expect(inParallel(10, 3, work)).rejects.toThrow("the second failed");
    expect(begun).toEqual([0, 1, 2]);
    expect(ended).toEqual([0, 2]);
  });
});

describe("a distribution", () => {
  it("tells durations that were measured, not some between two", () => {
    expect(distributionOf([40, 10, 30, 20])).toEqual({ count: 4, p50: 20, p95: 40, p99: 40, most: 40 });
    expect(distributionOf([])).toBeUndefined();
  });

  it("puts every sample into one bar, the slowest too", () => {
    const bars = barsOf([0, 1, 5, 10], 2);
    expect(bars.map(({ count }) => count)).toEqual([2, 2]);
    expect(barsOf([3, 3], 4).reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it("is drawn with what was measured in words", () => {
    const drawn = picture("5 < 6 orders", { accepted: [10, 20, 1500], mailed: [] });
    expect(drawn).toContain("5 &#60; 6 orders");
    expect(drawn).toContain("accepted (3): p50 20 ms, p95 1.5 s, p99 1.5 s");
    expect(drawn).not.toContain("mailed");
    expect(drawn).not.toMatch(/NaN|undefined/);
  });
});

describe("memory during a load", () => {
  const over = (looks: number, bytes: (look: number) => number) =>
    memoryVerdict(Array.from({ length: looks }, (_, look) => ({ ms: look * 2000, bytes: bytes(look) })))!;

  it("is flat when only the first quarter grew", () => {
    const verdict = over(100, (look) => Math.min(look, 9) * 100);
    expect(verdict).toMatchObject({ first: 0, most: 900, growth: 1 });
    expect(memoryProblems(verdict)).toEqual([]);
  });

  it("grows when it does so to the end, and a long load tells it", () => {
    expect(memoryProblems(over(100, (look) => 100 + look * 10))).toEqual([expect.stringMatching(/^the stack's memory grew by \d+ %/)]);
    expect(memoryProblems(over(30, (look) => 100 + look * 10))).toEqual([]);
  });
});
