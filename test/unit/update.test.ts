import { OrderError } from "@bbws/core/errors.ts";
import { type OrderStatus, orderStatuses } from "@bbws/core/order/order.ts";
import { applied, newOrder } from "@bbws/core/order/orders.ts";
import { type Actor, allowedStatuses } from "@bbws/core/order/status.ts";
import { decideUpdate, type UpdateRequest } from "@bbws/core/order/update.ts";
import { describe, expect, it } from "vitest";
import { acceptedOrder, NOW, order, orderIn } from "../support/order.ts";

type Role = Extract<Actor, "Customer" | "Support" | "Admin" | "System">;
const roles: Role[] = ["Customer", "Support", "Admin", "System"];

function answerOf(status: OrderStatus, request: UpdateRequest, by: Role[], active = true) {
  try {
    return decideUpdate(orderIn(status, { active }), request, by);
  } catch (error) {
    if (error instanceof OrderError) return `${error.status} ${error.code}`;
    throw error;
  }
}

/** What each role may ever set, by the service's design. */
const mayEverSet: Record<Role, OrderStatus[]> = {
  Customer: ["CANCELLED"],
  Support: ["CANCELLED"],
  Admin: ["PAYMENT_PENDING", "CANCELLED", "PROCESSING", "COMPLETED", "REFUNDED"],
  System: ["PAYMENT_PENDING"],
};

describe("asking for a status", () => {
  const cases = roles.flatMap((role) => orderStatuses.flatMap((from) => orderStatuses.map((to) => [role, from, to] as const)));

  it.each(cases)("as %s, of an order that is %s, to become %s", (role, from, to) => {
    const answer = answerOf(from, { status: to }, [role]);
    if (from === to) {
      expect(answer).toBeUndefined();
      return;
    }
    if (allowedStatuses(from, [role]).includes(to)) {
      expect(answer).toMatchObject({ to });
      return;
    }
    // Forbidden is who may never do it; everything else is the wrong moment.
    const never = !mayEverSet[role].includes(to);
    const possibleForSomebody = allowedStatuses(from, ["Customer", "Support", "Admin", "System", "Payment", "Timer"]).includes(to);
    expect(answer).toBe(never && (possibleForSomebody || role !== "Admin") ? "403 FORBIDDEN" : "400 INVALID_STATUS_TRANSITION");
  });

  it.each(roles)("never makes an order PAID, not even as %s: only a payment confirmation does", (role) => {
    expect(answerOf("PENDING", { status: "PAID" }, [role])).toBe("403 FORBIDDEN");
  });

  it("at the wrong moment tells where the order stands and what is possible", () => {
    expect(() => decideUpdate(orderIn("PAID"), { status: "CANCELLED" }, ["Admin"])).toThrow(
      expect.objectContaining({
        code: "INVALID_STATUS_TRANSITION",
        status: 400,
        details: { currentStatus: "PAID", allowedStatuses: ["PROCESSING", "REFUNDED"] },
      }),
    );
  });

  it("as somebody with two roles is as good as the better of them", () => {
    expect(answerOf("PENDING", { status: "PAYMENT_PENDING" }, ["Customer", "System"])).toMatchObject({ to: "PAYMENT_PENDING" });
  });
});

describe("a cancellation", () => {
  it("carries its reason", () => {
    expect(answerOf("PENDING", { status: "CANCELLED", cancellationReason: "Ordered twice" }, ["Customer"])).toEqual({
      to: "CANCELLED",
      reason: "Ordered twice",
    });
  });

  it("asked for again changes nothing", () => {
    expect(answerOf("CANCELLED", { status: "CANCELLED", cancellationReason: "Again" }, ["Customer"])).toBeUndefined();
  });

  it("reason without a cancellation is a mistake of the caller", () => {
    expect(answerOf("PAID", { status: "PROCESSING", cancellationReason: "Why" }, ["Admin"])).toBe("400 VALIDATION_ERROR");
    expect(answerOf("PENDING", { cancellationReason: "Why" }, ["Customer"])).toBe("400 VALIDATION_ERROR");
  });
});

describe("removing an order", () => {
  it.each(["PENDING", "PAYMENT_PENDING"] as const)("that is %s cancels it", (status) => {
    expect(answerOf(status, { active: false }, ["Customer"])).toEqual({ to: "CANCELLED", active: false, reason: undefined });
  });

  it("that still waits for money may give the cancellation's reason", () => {
    expect(answerOf("PENDING", { active: false, cancellationReason: "Ordered twice" }, ["Customer"])).toEqual({
      to: "CANCELLED",
      active: false,
      reason: "Ordered twice",
    });
  });

  it.each(["COMPLETED", "CANCELLED", "EXPIRED", "REFUNDED"] as const)("that is %s only hides it", (status) => {
    expect(answerOf(status, { active: false }, ["Customer"])).toEqual({ active: false });
  });

  it.each(["PAID", "PROCESSING"] as const)("that is %s is not possible", (status) => {
    expect(answerOf(status, { active: false }, ["Customer"])).toBe("400 INVALID_STATUS_TRANSITION");
    expect(answerOf(status, { active: false }, ["Admin"])).toBe("400 INVALID_STATUS_TRANSITION");
  });

  it("is for the customer and an admin, not for support or the system", () => {
    expect(answerOf("CANCELLED", { active: false }, ["Support"])).toBe("403 FORBIDDEN");
    expect(answerOf("CANCELLED", { active: false }, ["System"])).toBe("403 FORBIDDEN");
    expect(answerOf("PENDING", { active: false }, ["System"])).toBe("403 FORBIDDEN");
    expect(answerOf("CANCELLED", { active: false }, ["Admin"])).toEqual({ active: false });
  });

  it("that moves it on at the same time looks at where it ends", () => {
    expect(answerOf("PROCESSING", { status: "COMPLETED", active: false }, ["Admin"])).toEqual({ to: "COMPLETED", active: false });
    expect(answerOf("PENDING", { status: "PAYMENT_PENDING", active: false }, ["Admin"])).toBe("400 INVALID_STATUS_TRANSITION");
  });

  it("is undone by an admin only", () => {
    expect(answerOf("CANCELLED", { active: true }, ["Customer"], false)).toBe("403 FORBIDDEN");
    expect(answerOf("CANCELLED", { active: true }, ["Admin"], false)).toEqual({ active: true });
  });

  it("asked for again changes nothing", () => {
    expect(answerOf("CANCELLED", { active: false }, ["Customer"], false)).toBeUndefined();
  });
});

describe("a change that is decided", () => {
  const who = { by: "user-2", correlationId: "c-2" };

  it("adds one entry to the history and one to the version", () => {
    const before = order();
    const after = applied(before, { to: "CANCELLED", reason: "Ordered twice" }, who, NOW);
    expect(after).toEqual({
      ...before,
      status: "CANCELLED",
      cancellationReason: "Ordered twice",
      statusHistory: [...before.statusHistory, { status: "CANCELLED", at: NOW.toISOString(), by: "user-2", reason: "Ordered twice" }],
      version: 2,
      dateLastUpdated: NOW.toISOString(),
      lastUpdatedBy: "user-2",
      correlationId: "c-2",
    });
  });

  it("of the soft-delete flag alone leaves the history as it is", () => {
    const before = orderIn("CANCELLED");
    expect(applied(before, { active: false }, who, NOW)).toMatchObject({ active: false, version: 3, statusHistory: before.statusHistory });
  });
});

describe("an order as it is first written", () => {
  it("is PENDING, active, at version 1, in the system's name", () => {
    const accepted = acceptedOrder();
    expect(newOrder(accepted, "ORD-2026-00007", NOW)).toEqual({
      ...accepted,
      orderNumber: "ORD-2026-00007",
      status: "PENDING",
      statusHistory: [{ status: "PENDING", at: NOW.toISOString(), by: "system" }],
      documents: {},
      lastUpdatedBy: "system",
      dateLastUpdated: NOW.toISOString(),
      active: true,
      version: 1,
    });
  });

  it("for a suspended account is CANCELLED from the start, with the reason", () => {
    expect(newOrder(acceptedOrder(), "ORD-2026-00008", NOW, "The account is suspended")).toMatchObject({
      status: "CANCELLED",
      cancellationReason: "The account is suspended",
      statusHistory: [{ status: "CANCELLED", reason: "The account is suspended" }],
      version: 1,
    });
  });
});
