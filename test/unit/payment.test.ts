import type { Order } from "@bbws/core/order/order.ts";
import { confirmedAt, decidePayment, type Payment, payableStatuses, paymentDetails } from "@bbws/core/order/payment.ts";
import { describe, expect, it } from "vitest";
import { NOW, order, orderIn } from "../support/order.ts";

const payment = (changes: Partial<Payment> = {}): Payment => ({
  paymentReference: "PF-2",
  method: "payfast",
  amount: 172_500,
  currency: "ZAR",
  ...changes,
});

const refusal = (of: Order, by: Payment, usedBy?: string) => {
  try {
    return decidePayment(of, by, usedBy);
  } catch (error) {
    const { code, status, details } = error as { code: string; status: number; details: unknown };
    return { code, status, details };
  }
};

describe("a payment", () => {
  it.each(["PENDING", "PAYMENT_PENDING"] as const)("of the exact amount for an order that is %s is confirmed", (status) => {
    expect(decidePayment(orderIn(status), payment(), undefined)).toBe("confirm");
  });

  it("is one cent too little or too much, or in another currency: refused with both amounts", () => {
    for (const wrong of [{ amount: 172_499 }, { amount: 172_501 }, { amount: 0 }, { currency: "USD" }]) {
      expect(refusal(order(), payment(wrong))).toEqual({
        code: "PAYMENT_AMOUNT_MISMATCH",
        status: 400,
        details: { orderTotal: 1725, paymentAmount: (wrong.amount ?? 172_500) / 100 },
      });
    }
  });

  it.each(["PAID", "PROCESSING", "COMPLETED", "REFUNDED"] as const)(
    "with the reference that is already stored on an order that is %s is a repeat",
    (status) => {
      const paid = orderIn(status);
      expect(decidePayment(paid, payment({ paymentReference: "PF-1" }), paid.id)).toBe("repeat");
    },
  );

  it.each(["PAID", "PROCESSING", "COMPLETED"] as const)(
    "with another reference for an order that is %s is refused: it is paid",
    (status) => {
      expect(refusal(orderIn(status), payment())).toMatchObject({ code: "ORDER_ALREADY_PAID", status: 409 });
    },
  );

  it.each(["CANCELLED", "EXPIRED", "REFUNDED"] as const)(
    "for an order that is %s is refused with 422: money came for a dead order",
    (status) => {
      expect(refusal(orderIn(status), payment())).toEqual({
        code: "INVALID_STATUS_TRANSITION",
        status: 422,
        details: { currentStatus: status, allowedStatuses: ["PENDING", "PAYMENT_PENDING"] },
      });
    },
  );

  it("whose reference belongs to another order is refused", () => {
    expect(refusal(order(), payment(), "order_other")).toMatchObject({ code: "PAYMENT_REFERENCE_USED", status: 409 });
  });
});

describe("when several things are wrong with a payment, the answer is", () => {
  const wrongAmount = { amount: 1 };

  it("a repeat before anything else", () => {
    expect(decidePayment(orderIn("REFUNDED"), payment({ paymentReference: "PF-1", ...wrongAmount }), "order_other")).toBe("repeat");
  });

  it("already paid before a reference of another order", () => {
    expect(refusal(orderIn("PAID"), payment(wrongAmount), "order_other")).toMatchObject({ code: "ORDER_ALREADY_PAID" });
  });

  it("a reference of another order before a dead order", () => {
    expect(refusal(orderIn("CANCELLED"), payment(wrongAmount), "order_other")).toMatchObject({ code: "PAYMENT_REFERENCE_USED" });
  });

  it("a dead order before a wrong amount", () => {
    expect(refusal(orderIn("EXPIRED"), payment(wrongAmount))).toMatchObject({ code: "INVALID_STATUS_TRANSITION" });
  });
});

describe("what is stored of a payment", () => {
  it("is what the payment service said, with its own time", () => {
    const said = payment({ paidAt: "2026-11-24T07:59:00.000Z", payfastPaymentId: "9", amountFee: 500, amountNet: 172_000 });
    expect(paymentDetails(said, NOW)).toEqual({ ...said, currency: "ZAR" });
  });

  it("has our time where the payment service names none", () => {
    expect(paymentDetails(payment(), NOW).paidAt).toBe(NOW.toISOString());
  });
});

describe("an order", () => {
  it("can be paid while it is PENDING or PAYMENT_PENDING", () => {
    expect(payableStatuses).toEqual(["PENDING", "PAYMENT_PENDING"]);
  });

  it("knows when it was marked PAID, whatever happened since", () => {
    expect(confirmedAt(orderIn("REFUNDED"))).toBe("2026-11-24T08:01:00.000Z");
    expect(confirmedAt(order())).toBeUndefined();
  });
});
