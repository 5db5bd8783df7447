import { CustomAttributeType, Entity } from "electrodb";
import type { Clock } from "../clock.ts";
import { entityOptions, isConditionFailure, key, type Table } from "../table.ts";
import type { MailKind } from "./kinds.ts";

/** CLAIMED: being sent until the lease ends. SENT: SES has it. REFUSED: SES will never take it. */
export type LedgerState = "CLAIMED" | "SENT" | "REFUSED";

const mailEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "Mail", version: "1", service: "bbws-order" },
      attributes: {
        orderId: { type: "string", required: true },
        kind: { type: CustomAttributeType<MailKind>("string"), required: true },
        /** Version of the order the mail speaks of; an operator's request adds its id, so that it is an occasion of its own. */
        orderVersion: { type: "string", required: true },
        state: { type: CustomAttributeType<LedgerState>("string"), required: true },
        /** Epoch ms; another sender may claim the mail after it. */
        leaseUntil: { type: "number", required: true },
        at: { type: "string", required: true },
        sesMessageId: { type: "string" },
        /** Name of SES's refusal. */
        refusal: { type: "string" },
      },
      indexes: {
        byOrder: {
          pk: key("PK", ["orderId"], "ORDER#${orderId}"),
          sk: key("SK", ["kind", "orderVersion"], "MAIL#${kind}#${orderVersion}"),
        },
      },
    },
    entityOptions(table),
  );

/** A message with this attribute tells that SES has its mail, and by which id: only the note is missing. */
export const SENT_AS = "sesMessageId";

/** One occasion for one mail. */
export type MailOccasion = { orderId: string; kind: MailKind; orderVersion: string };

export type Claim = { state: "claimed"; leaseUntil: number } | { state: "done" } | { state: "busy"; leaseUntil: number };

/** Remembers which mails went out, so that a redelivered event does not send one twice. */
export function mailLedger(table: Table, clock: Clock) {
  const entity = mailEntity(table);

  /**
   * Takes the right to send one mail for `leaseMs`.
   * @returns `busy` with the end of the other sender's lease, `done` when it went out or was refused before.
   */
  async function claim(occasion: MailOccasion, leaseMs: number): Promise<Claim> {
    const now = clock();
    const leaseUntil = now.getTime() + leaseMs;
    try {
      await entity
        .put({ ...occasion, state: "CLAIMED", leaseUntil, at: now.toISOString() })
        .where(
          ({ state, leaseUntil: lease }, { notExists, eq, lte }) =>
            `${notExists(state)} OR (${eq(state, "CLAIMED")} AND ${lte(lease, now.getTime())})`,
        )
        .go();
      return { state: "claimed", leaseUntil };
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
    const { data } = await entity.get(occasion).go({ consistent: true });
    if (data && data.state !== "CLAIMED") return { state: "done" };
    return { state: "busy", leaseUntil: data?.leaseUntil ?? now.getTime() };
  }

  /** SES has the mail. */
  async function markSent(occasion: MailOccasion, sesMessageId: string): Promise<void> {
    await entity.patch(occasion).set({ state: "SENT", sesMessageId, at: clock().toISOString() }).go();
  }

  /** SES will never take the mail: no retry. */
  async function markRefused(occasion: MailOccasion, refusal: string): Promise<void> {
    await entity.patch(occasion).set({ state: "REFUSED", refusal, at: clock().toISOString() }).go();
  }

  /** The send failed before SES took it: anyone may try again at once, unless somebody already does. */
  async function release(occasion: MailOccasion, leaseUntil: number): Promise<void> {
    try {
      await entity
        .patch(occasion)
        .set({ leaseUntil: 0 })
        .where((attr, { eq }) => `${eq(attr.state, "CLAIMED")} AND ${eq(attr.leaseUntil, leaseUntil)}`)
        .go();
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  }

  /** Every mail of an order, for the operators. */
  async function ofOrder(orderId: string) {
    const { data } = await entity.query.byOrder({ orderId }).go({ pages: "all" });
    return data;
  }

  return { claim, markSent, markRefused, release, ofOrder };
}

export type MailLedger = ReturnType<typeof mailLedger>;
