import { type Findings, lastNumberIn, problemsOf, rangeOf } from "@bbws/ops/load/consistency.ts";
import { barsOf, distributionOf } from "@bbws/ops/load/distribution.ts";
import { memoryProblems, memoryVerdict } from "@bbws/ops/load/memory.ts";
import { picture } from "@bbws/ops/load/picture.ts";
import { describe, expect, it } from "vitest";

const numbers = [7, 8, 9];
const ids = numbers.map((number) => `order_${number}`);

/** Three orders of a load, as they must be found afterwards. */
function findings(): Findings & { accepted: string[]; seen: Findings["seen"][number][]; subjects: string[] } {
  const seen = numbers.map((number) => ({ id: `order_${number}`, orderNumber: `ORD-2026-0000${number}`, documented: true }));
  return {
    accepted: [...ids],
    seen,
    after: 6,
    subjects: seen.flatMap(({ orderNumber }) => [`Order Confirmation - #${orderNumber}`, `New Order Received: ${orderNumber}`]),
    queues: { InvoiceQueue: { waiting: 0, dead: 0 } },
  };
}

describe("after a load", () => {
  it("all is well when every order has its number, its document and two mails", () => {
    expect(problemsOf(findings())).toEqual([]);
  });

  const broken: [what: string, change: (all: ReturnType<typeof findings>) => Partial<Findings>, complaint: RegExp][] = [
    [
      "an order that was accepted and lost",
      ({ seen }) => ({ seen: seen.slice(0, 2) }),
      /^1 orders were accepted and are not recorded, for example order_9$/,
    ],
    [
      "two creates that were answered with one id",
      ({ accepted }) => ({ accepted: [...accepted, ids[0]!] }),
      /under an id that another has/,
    ],
    ["an order that is listed twice", ({ seen }) => ({ seen: [...seen, seen[0]!] }), /^1 orders are listed twice$/],
    [
      "an order that nobody placed",
      ({ seen }) => ({ seen: [...seen, { id: "order_x", orderNumber: "ORD-2026-00010", documented: true }] }),
      /^1 orders are recorded that nobody placed$/,
    ],
    [
      "a number that was given twice",
      ({ seen }) => ({ seen: seen.map((order) => ({ ...order, orderNumber: "ORD-2026-00007" })), subjects: undefined }),
      /^2 order numbers are given twice$/,
    ],
    [
      "a gap in the numbers",
      ({ accepted, seen }) => ({ accepted: accepted.filter((id) => id !== ids[1]), seen: seen.filter(({ id }) => id !== ids[1]) }),
      /^1 gaps are in the order numbers, for example before 9$/,
    ],
    ["numbers that do not follow the last one before", () => ({ after: 5 }), /^1 gaps are in the order numbers, for example before 7$/],
    [
      "an order without a document",
      ({ seen }) => ({ seen: seen.map((order) => ({ ...order, documented: order.id !== ids[2] })) }),
      /^1 orders have no document, for example order_9$/,
    ],
    [
      "a mail that never came",
      ({ subjects }) => ({ subjects: subjects.slice(1) }),
      /^1 mails are missing, for example Order Confirmation - #ORD-2026-00007$/,
    ],
    [
      "a mail that came twice",
      ({ subjects }) => ({ subjects: [...subjects, subjects[3]!] }),
      /^1 mails went out more than once, for example New Order Received: ORD-2026-00008$/,
    ],
    ["a message that still waits", () => ({ queues: { InvoiceQueue: { waiting: 2, dead: 0 } } }), /^2 messages wait in InvoiceQueue$/],
    ["a dead letter", () => ({ queues: { InvoiceQueue: { waiting: 0, dead: 1 } } }), /^1 dead letters lie in InvoiceQueue$/],
  ];
  it.each(broken)("%s is told", (_, change, complaint) => {
    const all = findings();
    expect(problemsOf({ ...all, ...change(all) } as Findings)).toEqual([expect.stringMatching(complaint)]);
  });

  it("the orders and numbers of others are no fault where others order too", () => {
    const all = findings();
    const theirs = { id: "order_x", orderNumber: "ORD-2026-00012", documented: true };
    expect(problemsOf({ ...all, seen: [...all.seen, theirs], after: undefined })).toEqual([]);
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
    expect(lastNumberIn(subjects)).toBe(12);
    expect(lastNumberIn([])).toBe(0);
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
