import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHECKOUT_TOTAL, call, newReference, type Placed, placed, service, tokenFor } from "../support/contract/service.ts";

/** Random sequences of changes against a model of the state table that was written from the specification, not from the code. */

type Status = "PENDING" | "PAYMENT_PENDING" | "PAID" | "PROCESSING" | "COMPLETED" | "CANCELLED" | "EXPIRED" | "REFUNDED";
type Role = "Customer" | "Support" | "Admin" | "System";
type Step = { as: Role; to: Status } | { pay: "right" | "wrong" };

const model: Record<Status, Partial<Record<Status, Role[]>>> = {
  PENDING: { PAYMENT_PENDING: ["System", "Admin"], CANCELLED: ["Customer", "Support", "Admin"] },
  PAYMENT_PENDING: { CANCELLED: ["Customer", "Support", "Admin"] },
  PAID: { PROCESSING: ["Admin"], REFUNDED: ["Admin"] },
  PROCESSING: { COMPLETED: ["Admin"], REFUNDED: ["Admin"] },
  COMPLETED: { REFUNDED: ["Admin"] },
  CANCELLED: {},
  EXPIRED: {},
  REFUNDED: {},
};
/** Each on an order of its own; `endOnFailure` keeps it that way, the seed makes a failure come again. */
const RUNS = 20;
/** Far beyond what it takes: two cores may have other work. */
const LIMIT_MS = 240_000;
const statuses = Object.keys(model) as Status[];
const roles: Role[] = ["Customer", "Support", "Admin", "System"];
const payable: Status[] = ["PENDING", "PAYMENT_PENDING"];
const paid: Status[] = ["PAID", "PROCESSING", "COMPLETED"];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ as: fc.constantFrom(...roles), to: fc.constantFrom(...statuses) }) },
  { weight: 3, arbitrary: fc.record({ pay: fc.constantFrom("right" as const, "right" as const, "wrong" as const) }) },
);

/** The usual way of an order, of which a sequence may have the start: else chance would hardly reach the late states. */
const usual: Step[] = [
  { as: "Admin", to: "PAYMENT_PENDING" },
  { pay: "right" },
  { as: "Admin", to: "PROCESSING" },
  { as: "Admin", to: "COMPLETED" },
];
const sequence = fc
  .tuple(fc.nat({ max: usual.length }), fc.array(step, { minLength: 1, maxLength: 10 }))
  .map(([start, rest]) => [...usual.slice(0, start), ...rest]);

describe.runIf(service.local)("a random sequence of changes", () => {
  test(
    "never disagrees with the state table",
    async () => {
      const tokens = {
        Support: await tokenFor({ roles: "Support" }),
        Admin: await tokenFor({ roles: "Admin" }),
        System: await tokenFor({ roles: "System" }),
      };
      const fresh: Placed[] = [];
      while (fresh.length < RUNS) fresh.push(...(await Promise.all(Array.from({ length: 5 }, () => placed()))));
      const reached = new Set<Status>();
      await fc.assert(
        fc.asyncProperty(sequence, async (steps) => {
          const order = fresh.pop()!;
          let status: Status = "PENDING";
          let version = 1;
          for (const one of steps) {
            const answer =
              "pay" in one
                ? await pay(order, one.pay, tokens.System)
                : await move(order, one.to, one.as === "Customer" ? order.customer : tokens[one.as]);
            const expected: { status: number; next: Status } = "pay" in one ? expectedPayment(status, one.pay) : expectedMove(status, one);
            expect(answer.status, `${status} ${JSON.stringify(one)}: ${answer.text.slice(0, 200)}`).toBe(expected.status);
            if (expected.next !== status) version++;
            status = expected.next;
            reached.add(status);
          }
          const { data } = (await call({ path: `/v1.0/orders/${order.orderId}`, token: order.customer })).body;
          expect(data).toMatchObject({ status, version });
          expect(data.statusHistory).toHaveLength(version);
        }),
        { numRuns: RUNS, seed: 20261124, endOnFailure: true },
      );
      expect([...reached].sort()).toEqual(statuses.filter((status) => status !== "EXPIRED").sort());
    },
    LIMIT_MS,
  );
});

const move = ({ orderId }: Placed, to: Status, token: string) =>
  call({ method: "PUT", path: `/v1.0/orders/${orderId}`, token, body: { status: to } });

function pay({ orderId }: Placed, amount: "right" | "wrong", system: string) {
  const body = {
    paymentReference: newReference(),
    paymentMethod: "eft",
    paymentAmount: amount === "right" ? CHECKOUT_TOTAL : CHECKOUT_TOTAL + 1,
    paymentCurrency: "ZAR",
  };
  return call({ method: "POST", path: `/v1.0/orders/${orderId}/paymentconfirmation`, token: system, body });
}

function expectedMove(from: Status, { as, to }: { as: Role; to: Status }): { status: number; next: Status } {
  if (from === to) return { status: 200, next: from };
  if (model[from][to]?.includes(as)) return { status: 200, next: to };
  // A role that may never set this status is told so; a state that forbids it, likewise. PAID is nobody's to set.
  const ever = statuses.some((any) => model[any][to]?.includes(as));
  const legalForSomebody =
    model[from][to] !== undefined || (to === "PAID" && payable.includes(from)) || (to === "EXPIRED" && payable.includes(from));
  if (!ever && (as !== "Admin" || legalForSomebody)) return { status: 403, next: from };
  return { status: 400, next: from };
}

function expectedPayment(from: Status, amount: "right" | "wrong"): { status: number; next: Status } {
  if (paid.includes(from)) return { status: 409, next: from };
  if (!payable.includes(from)) return { status: 422, next: from };
  return amount === "right" ? { status: 200, next: "PAID" } : { status: 400, next: from };
}
