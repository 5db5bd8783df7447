import { Entity } from "electrodb";
import { type Clock, epochSeconds } from "../clock.ts";
import { OrderError } from "../errors.ts";
import { canonicalJson, sha256 } from "../id.ts";
import { entityOptions, isConditionFailure, key, type Table } from "../table.ts";

/** How long a key is remembered: 24 h. */
export const IDEMPOTENCY_SECONDS = 24 * 3600;

export const idempotencyEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "Idempotency", version: "1", service: "bbws-order" },
      attributes: {
        scopeHash: { type: "string", required: true },
        keyHash: { type: "string", required: true },
        bodyHash: { type: "string", required: true },
        orderId: { type: "string", required: true },
        /** The 202's data as JSON: a map would lose the order of its members, and the replay is the very same answer. */
        response: { type: "string", required: true },
        /** The queue message, byte for byte. */
        message: { type: "string", required: true },
        expiresAt: { type: "number", required: true },
        /** The first request could not hand its message over and was told so. */
        unsent: { type: "boolean" },
        /** A repeat has handed the message over, and its customer counts on the order. */
        sentAgain: { type: "boolean" },
      },
      indexes: {
        byKey: { pk: key("PK", ["scopeHash", "keyHash"], "IDEMPOTENCY#${scopeHash}#${keyHash}"), sk: key("SK", [], "RECORD") },
      },
    },
    entityOptions(table),
  );

/** Whose key it is (tenant or guest e-mail), the key, and the validated body it came with. */
export type IdempotentRequest = { scope: string; key: string; body: unknown };

/** What the first request with a key was answered and sent. */
export type Remembered = {
  orderId: string;
  response: Record<string, unknown>;
  message: string;
  /** Nobody has been told yet that it was accepted. */
  refused?: true;
};

/** True when nobody was told that this order was accepted: the first request was refused, and no repeat has succeeded. */
export const isRefused = ({ unsent, sentAgain }: { unsent?: boolean; sentAgain?: boolean }) => unsent === true && sentAgain !== true;

/** Remembers creates by their `Idempotency-Key`, so that a repeat is the same order. */
export function idempotency(table: Table, clock: Clock) {
  const entity = idempotencyEntity(table);

  /**
   * What was answered to this key before.
   * @throws OrderError IDEMPOTENCY_KEY_REUSED when the key came with another body.
   */
  async function recall(request: IdempotentRequest): Promise<Remembered | undefined> {
    const { data } = await entity.get(keysOf(request)).go({ consistent: true });
    // TTL deletes late: what is over does not count.
    if (!data || data.expiresAt <= epochSeconds(clock())) return undefined;
    if (data.bodyHash !== bodyHashOf(request)) {
      throw new OrderError("IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used with another body");
    }
    const { orderId, message } = data;
    return { orderId, response: JSON.parse(data.response), message, ...(isRefused(data) && { refused: true }) };
  }

  /** Remembers an answer unless the key is taken. @returns what is remembered now and whether it is the given one. */
  async function remember(
    request: IdempotentRequest,
    answer: Omit<Remembered, "refused">,
  ): Promise<{ remembered: Remembered; first: boolean }> {
    const now = epochSeconds(clock());
    try {
      await entity
        .put({
          ...keysOf(request),
          bodyHash: bodyHashOf(request),
          ...answer,
          response: JSON.stringify(answer.response),
          expiresAt: now + IDEMPOTENCY_SECONDS,
        })
        .where(({ expiresAt }, { notExists, lte }) => `${notExists(expiresAt)} OR ${lte(expiresAt, now)}`)
        .go();
      return { remembered: answer, first: true };
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
    const earlier = await recall(request);
    if (!earlier) throw new OrderError("TRY_AGAIN", "The service is busy; please repeat the request", { retryAfterSeconds: 1 });
    // The table may hold this very answer, when only word of it was lost and the client asked again.
    return { remembered: earlier, first: earlier.orderId === answer.orderId };
  }

  /** Notes that the message of a first request was not handed over. */
  async function noteUnsent(request: IdempotentRequest): Promise<void> {
    await note(request, { unsent: true });
  }

  /**
   * Notes that a repeat handed the message over. A mark of its own, which no failure takes back: the first request may note
   * its failure later than a repeat its success.
   */
  async function noteSentAgain(request: IdempotentRequest): Promise<void> {
    await note(request, { sentAgain: true });
  }

  /** What is not remembered any more has nothing to note. */
  async function note(request: IdempotentRequest, mark: { unsent?: true; sentAgain?: true }): Promise<void> {
    try {
      await entity.patch(keysOf(request)).set(mark).go();
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  }

  return { recall, remember, noteUnsent, noteSentAgain };
}

/** Under what a request is remembered. */
export type RequestKey = { scopeHash: string; keyHash: string };

/** Who a key belongs to: a tenant, or a guest's e-mail. */
export const scopeOf = (orderer: { tenantId: string } | { guest: string }) =>
  "guest" in orderer ? `guest:${orderer.guest}` : `tenant:${orderer.tenantId}`;

const keysOf = ({ scope, key: idempotencyKey }: IdempotentRequest): RequestKey => ({
  scopeHash: sha256(scope),
  keyHash: sha256(idempotencyKey),
});
const bodyHashOf = ({ body }: IdempotentRequest) => sha256(canonicalJson(body));
