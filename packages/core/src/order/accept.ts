import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Clock } from "../clock.ts";
import { OrderError } from "../errors.ts";
import { newOrderId, queueJson } from "../id.ts";
import { toRand } from "../money.ts";
import { signedLink } from "../signed-link.ts";
import type { SigningKeys } from "../signing.ts";
import type { Tenants } from "../tenant/tenants.ts";
import { EVENT_VERSION, type OrderAccepted } from "./events.ts";
import { type IdempotentRequest, type idempotency, type Remembered, scopeOf } from "./idempotency.ts";
import type { AcceptedOrder } from "./order.ts";
import { lookUp, type PricedItems, price } from "./pricing.ts";
import type { CreateOrderRequest } from "./requests.ts";
import { invoicePath, orderPath } from "./view.ts";

/** Who places the order: a tenant's user, or a guest known by e-mail only. */
export type Orderer = { tenantId: string; sub: string } | "guest";

export type AcceptDependencies = {
  catalogue: Catalogue;
  tenants: Tenants;
  idempotency: ReturnType<typeof idempotency>;
  /** Puts one message on the order-creation queue. @throws OrderError QUEUE_UNAVAILABLE */
  send: (message: string) => Promise<void>;
  keys: SigningKeys;
  clock: Clock;
  /** 0 = no limit. */
  guestOrdersPerHour: number;
};

export type AcceptInput = { request: CreateOrderRequest; orderer: Orderer; idempotencyKey?: string; correlationId: string };

export type Acceptance = ReturnType<typeof acceptance>;
export type AcceptResult = {
  orderId: string;
  data: Record<string, unknown>;
  replayed: boolean;
  /** Whether nobody was told of this order before. */
  first: boolean;
};

/**
 * Accepts an order: priced, remembered under its idempotency key, and durable in the queue. A repeat of a key answers
 * and sends the very same again.
 * @throws OrderError for everything api.md lists under Create.
 */
export async function acceptOrder(input: AcceptInput, deps: AcceptDependencies): Promise<AcceptResult> {
  const { request, orderer, idempotencyKey, correlationId } = input;
  const keyed = idempotencyKey
    ? { scope: scopeOf(orderer === "guest" ? { guest: request.customerEmail } : orderer), key: idempotencyKey, body: request }
    : undefined;

  const [earlier, suspended] = await Promise.all([
    keyed && deps.idempotency.recall(keyed),
    orderer !== "guest" && deps.tenants.isSuspended(orderer.tenantId),
  ]);
  if (keyed && earlier) return repeat(keyed, earlier, deps);

  if (suspended) throw new OrderError("ACCOUNT_SUSPENDED", "This account is suspended; please contact support");
  const found = await lookUp(deps.catalogue, request.items, request.campaignCode);
  const now = deps.clock();
  const priced = price(request.items, { ...found, campaignCode: request.campaignCode }, now);
  checkExpectedTotal(request.totalAmount ?? undefined, priced);
  if (orderer === "guest") await checkGuestLimit(request.customerEmail, deps);

  const order = acceptedOrder(request, orderer, priced, now);
  const message = queueJson(acceptedMessage(order, correlationId));
  const data = acceptance(order, deps.keys, now);
  if (!keyed) {
    await deps.send(message);
    return { orderId: order.id, data, replayed: false, first: true };
  }
  const { remembered, first } = await deps.idempotency.remember(keyed, { orderId: order.id, response: data, message });
  if (!first) return repeat(keyed, remembered, deps);
  try {
    await deps.send(message);
  } catch (error) {
    // Without the note `reconcile` takes the order for one that was accepted and lost, and completes it: nothing worse.
    await deps.idempotency.noteUnsent(keyed).catch(() => undefined);
    throw error;
  }
  return { orderId: order.id, data, replayed: false, first: true };
}

/** The same message and the same answer again. */
async function repeat(keyed: IdempotentRequest, earlier: Remembered, deps: AcceptDependencies): Promise<AcceptResult> {
  await deps.send(earlier.message);
  await deps.idempotency.noteSentAgain(keyed);
  return { orderId: earlier.orderId, data: earlier.response, replayed: true, first: earlier.refused ?? false };
}

/** A client may state what it showed: with or without tax, but it must be today's price. */
function checkExpectedTotal(received: number | undefined, { subtotal, total }: PricedItems): void {
  if (received === undefined || received === total || received === subtotal) return;
  throw new OrderError("PRICE_CHANGED", "The prices have changed; please show the new total", {
    details: { expected: toRand(total), received: toRand(received) },
  });
}

async function checkGuestLimit(email: string, { tenants, guestOrdersPerHour }: AcceptDependencies): Promise<void> {
  if (guestOrdersPerHour === 0) return;
  const retryAfterSeconds = await tenants.countGuestOrder(email, guestOrdersPerHour);
  if (retryAfterSeconds === undefined) return;
  throw new OrderError("RATE_LIMITED", "Too many orders within an hour; please try again later", { retryAfterSeconds });
}

function acceptedOrder(request: CreateOrderRequest, orderer: Orderer, priced: PricedItems, now: Date): AcceptedOrder {
  const { items: _, campaignCode: __, totalAmount: ___, attribution, ...customer } = request;
  const guest = orderer === "guest";
  return {
    id: newOrderId(),
    ...(!guest && { tenantId: orderer.tenantId }),
    source: guest ? "guest" : "api",
    ...customer,
    ...(attribution && { attribution }),
    ...priced,
    createdBy: guest ? "guest" : orderer.sub,
    dateCreated: now.toISOString(),
  };
}

/** What the record function is told of an accepted order. */
export function acceptedMessage(order: AcceptedOrder, correlationId: string): OrderAccepted {
  const type = "order.accepted";
  return { eventId: `${order.id}:0:${type}`, type, version: EVENT_VERSION, occurredAt: order.dateCreated, correlationId, order };
}

/** The 202's data: the same for guests and tenants, and it never tells whether an e-mail is known. */
export function acceptance(order: AcceptedOrder, keys: SigningKeys, now: Date) {
  const statusUrl = signedLink(keys, "status", order.id, now);
  return {
    orderId: order.id,
    status: "PENDING" as const,
    message: "Order accepted for processing",
    currency: order.currency,
    subtotal: toRand(order.subtotal),
    discount: toRand(order.discount),
    tax: toRand(order.tax),
    total: toRand(order.total),
    statusUrl,
    _links: { self: { href: orderPath(order.id) }, invoice: { href: invoicePath(order.id) }, status: { href: statusUrl } },
  };
}
