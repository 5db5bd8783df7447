import { type MailOccasion, mailLedger } from "@bbws/core/mail/ledger.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { NOW } from "../support/order.ts";
import { openTable, type TestTable } from "../support/table.ts";

const LEASE_MS = 35_000;
let now = NOW;
let table: TestTable;
let ledger: ReturnType<typeof mailLedger>;
let occasions = 0;

beforeAll(async () => {
  table = await openTable();
  ledger = mailLedger(table, () => now);
});

function newOccasion(): MailOccasion {
  occasions += 1;
  now = NOW;
  return { orderId: `order_${occasions}`, kind: "order_confirmation", orderVersion: "1" };
}
const later = (ms: number) => {
  now = new Date(NOW.getTime() + ms);
};
const leaseUntil = NOW.getTime() + LEASE_MS;

describe("a mail's occasion", () => {
  it("is claimed by one, and busy for everybody else until the lease ends", async () => {
    const occasion = newOccasion();
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "claimed", leaseUntil });
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "busy", leaseUntil });
    later(LEASE_MS - 1);
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "busy", leaseUntil });
  });

  it("claimed by ten at once is claimed by one", async () => {
    const occasion = newOccasion();
    const claims = await Promise.all(Array.from({ length: 10 }, () => mailLedger(table, () => now).claim(occasion, LEASE_MS)));
    expect(claims.filter(({ state }) => state === "claimed")).toHaveLength(1);
    expect(claims.filter(({ state }) => state === "busy")).toHaveLength(9);
  });

  it("whose sender died is claimed again when the lease has ended", async () => {
    const occasion = newOccasion();
    await ledger.claim(occasion, LEASE_MS);
    later(LEASE_MS);
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "claimed", leaseUntil: leaseUntil + LEASE_MS });
  });

  it("is done once the mail was sent, for ever", async () => {
    const occasion = newOccasion();
    await ledger.claim(occasion, LEASE_MS);
    await ledger.markSent(occasion, "ses-1");
    later(LEASE_MS * 100);
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "done" });
    expect(await table.item(`ORDER#${occasion.orderId}`, "MAIL#order_confirmation#1")).toMatchObject({
      state: "SENT",
      sesMessageId: "ses-1",
    });
  });

  it("is done once SES has refused the mail for good", async () => {
    const occasion = newOccasion();
    await ledger.claim(occasion, LEASE_MS);
    await ledger.markRefused(occasion, "MessageRejected");
    later(LEASE_MS * 100);
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "done" });
    expect(await table.item(`ORDER#${occasion.orderId}`, "MAIL#order_confirmation#1")).toMatchObject({
      state: "REFUSED",
      refusal: "MessageRejected",
    });
  });

  it("released after a failed send may be claimed at once", async () => {
    const occasion = newOccasion();
    await ledger.claim(occasion, LEASE_MS);
    await ledger.release(occasion, leaseUntil);
    expect((await ledger.claim(occasion, LEASE_MS)).state).toBe("claimed");
  });

  it("is not released by a sender whose lease somebody else has taken over", async () => {
    const occasion = newOccasion();
    await ledger.claim(occasion, LEASE_MS);
    later(LEASE_MS);
    const second = await ledger.claim(occasion, LEASE_MS);
    await ledger.release(occasion, leaseUntil);
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "busy", leaseUntil: leaseUntil + LEASE_MS });
    expect(second.state).toBe("claimed");
  });

  it("is not released once the mail was sent", async () => {
    const occasion = newOccasion();
    await ledger.claim(occasion, LEASE_MS);
    await ledger.markSent(occasion, "ses-2");
    await ledger.release(occasion, leaseUntil);
    expect(await ledger.claim(occasion, LEASE_MS)).toEqual({ state: "done" });
  });

  it("is told apart by order, by kind and by version", async () => {
    const occasion = newOccasion();
    await ledger.claim(occasion, LEASE_MS);
    const others: MailOccasion[] = [
      { ...occasion, orderId: "order_other" },
      { ...occasion, kind: "internal_new" },
      { ...occasion, orderVersion: "2" },
      { ...occasion, orderVersion: "1#request-1" },
    ];
    for (const other of others) expect((await ledger.claim(other, LEASE_MS)).state).toBe("claimed");
  });
});
