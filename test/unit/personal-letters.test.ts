import { acceptedMessage } from "@bbws/core/order/accept.ts";
import { recordedEvent } from "@bbws/core/order/events.ts";
import { isPersonal } from "@bbws/ops/tenant/personal-letters.ts";
import { describe, expect, it } from "vitest";
import { acceptedOrder, guestOrder, NOW, order } from "../support/order.ts";

const traces = {
  tenantId: "tenant-a",
  orderIds: new Set(["order_1", "order_2"]),
  emails: ["thandi@example.co.za"],
  typed: ["typed@example.co.za"],
  began: new Date(NOW.getTime() + 1),
};
const personal = (body: unknown) => isPersonal(typeof body === "string" ? body : JSON.stringify(body), traces);
const accepted = (message: Parameters<typeof acceptedMessage>[0]) => personal(acceptedMessage(message, "c"));

describe("a dead letter holds personal data of a tenant", () => {
  it("when it is an order of the tenant: by its tenant, by its id, or by an e-mail that leads to the tenant alone", () => {
    expect(accepted(acceptedOrder({ customerEmail: "any@example.com" }))).toBe(true);
    expect(accepted(guestOrder({ id: "order_2", customerEmail: "any@example.com" }))).toBe(true);
    expect(accepted(guestOrder({ customerEmail: "Thandi@example.co.za" }))).toBe(true);
    expect(accepted(guestOrder({ customerEmail: "typed@example.co.za" }))).toBe(false);
    expect(accepted(acceptedOrder({ tenantId: "tenant-b", customerEmail: "any@example.com" }))).toBe(false);
  });

  it("not when the order was accepted after the erasure began, unless it is known to be the tenant's", () => {
    const dateCreated = new Date(NOW.getTime() + 2).toISOString();
    expect(accepted(acceptedOrder({ dateCreated }))).toBe(false);
    expect(accepted(guestOrder({ customerEmail: "thandi@example.co.za", dateCreated }))).toBe(false);
    expect(accepted(guestOrder({ id: "order_2", dateCreated }))).toBe(true);
  });

  it("when a mail was asked for to an address, and in no other event", () => {
    const event = recordedEvent(order());
    const asked = (data: object) => ({
      ...event,
      type: "order.mail_requested",
      data: { kind: "internal_new", status: "PENDING", requestId: "r", ...data },
    });
    expect(personal(event)).toBe(false);
    expect(personal(asked({}))).toBe(false);
    expect(personal(asked({ to: "boss@example.com" }))).toBe(true);
    expect(personal({ ...asked({ to: "boss@example.com" }), tenantId: "tenant-b" })).toBe(false);
  });

  it("never when it is a change of the table", () => {
    expect(personal({ eventID: "1", eventName: "INSERT", keys: { PK: { S: "TENANT#tenant-a" } }, sequenceNumber: "1" })).toBe(false);
    expect(personal({ DDBStreamBatchInfo: { batchSize: 3 }, tenantId: "tenant-a" })).toBe(false);
  });

  it.each([
    '{"order": {"tenantId": "tenant-a", "firstName": "Tha',
    "order_1 of Thandi",
    '{"type":"order.accepted","version":"9.0","order":{"customerEmail":"THANDI@example.co.za"}}',
    "to <typed@example.co.za>.",
  ])("when nobody can read it and it names a trace of the tenant: %s", (body) => {
    expect(personal(body)).toBe(true);
  });

  it.each([
    "joan.thandi@example.co.za",
    "thandi@example.co.zambia",
    "thandi@example.co.za.com",
    "tenant-ab",
    "my-tenant-a",
    "order_10",
    "null",
    "",
  ])("not when nobody can read it and it names another: %s", (body) => {
    expect(personal(body)).toBe(false);
  });
});
