/** What customers, staff and the payment service do with one order, as clients that repeat what was not answered. */
import { systemClock } from "@bbws/core/clock.ts";
import { signedLink } from "@bbws/core/signed-link.ts";
import { tenants as tenantsOf } from "@bbws/core/tenant/tenants.ts";
import { loadSecrets } from "@bbws/local/state/secrets.ts";
import { emit } from "@bbws/ops/order/emit.ts";
import { mailRequest } from "@bbws/ops/order/resend.ts";
import { storeOf } from "@bbws/ops/order/store.ts";
import { openTarget } from "@bbws/ops/target/open.ts";
import type { Target } from "@bbws/ops/target/target.ts";
import { eventually } from "../eventually.ts";
import { token } from "../stack.ts";

/**
 * What becomes of an order. `plain`: it is placed, and the same key asks for it once more. `cancel`, `expire`: and then its
 * payment comes too late. `remove`: its customer takes it off the list while its payment is awaited. `await`: a payment that
 * was awaited comes. `refund`: soon after it was paid; `return`: when it was completed and taken off the list. `complete`: and an
 * operator sends its confirmation to somebody else. `suspended`: a guest who may not order. `refused`: a customer whose
 * address SES never takes. A signed-in customer's payment is awaited before an order expires, too.
 */
export const journeys = ["plain", "cancel", "refund", "complete", "expire", "suspended", "refused", "remove", "await", "return"] as const;
export type Journey = (typeof journeys)[number];

/** The domain whose mails SES refuses. */
export const REFUSED_DOMAIN = "refused.example";
const SUSPENDED_EMAIL = "suspended@example.com";

/** Who orders is told by the correlation id of every request, and by the e-mail. */
function emailOf(customer: string, journey: Journey): string {
  if (journey === "suspended") return SUSPENDED_EMAIL;
  return `${customer}@${journey === "refused" ? REFUSED_DOMAIN : "example.com"}`;
}

const copyToOf = (customer: string) => `accounts-of-${customer}@example.com`;

/** An order that was answered 202: whose it is, and where an operator sends copies of its mails. */
export type Accepted = { orderId: string; customer: string; journey: Journey; email: string; copyTo: string };

type Answer = {
  asked: string;
  status: number;
  body: { data: Record<string, unknown> & { orderId: string; total: number; status: string; statusUrl: string }; code?: string };
};
type From = { "x-correlation-id": string };

/** A client's patience with a few orders, in ms. */
const PATIENCE_MS = 120_000;

/**
 * @param stack url and folder stay the same when it is killed and started again
 * @param patienceMs how long a client asks again before it gives up
 */
export async function client({ url, folder }: { url: string; folder: string }, patienceMs = PATIENCE_MS) {
  await onTarget(suspendGuest);
  const admin = await token({ url }, { sub: "admin-1", roles: "Admin" });
  const system = await token({ url }, { sub: "payfast", roles: "System", scope: "orders/payment.confirm" });
  const linkKeys = { current: loadSecrets(folder).LinkSigningKey! };
  const customerOf = new Map<string, Promise<string>>();
  const tokenOf = (tenantId: string) => {
    const ask = () => token({ url }, { sub: `user-${tenantId}`, tenantId, roles: "Customer" });
    const known = customerOf.get(tenantId) ?? eventually(ask, patienceMs);
    customerOf.set(tenantId, known);
    return known;
  };

  async function send(
    method: string,
    path: string,
    bearer?: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await fetch(url + path, {
      method,
      redirect: "manual",
      headers: {
        ...headers,
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { asked: `${method} ${path}`, status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : undefined };
  }

  /** Repeats while the service or the network is at fault; 404 is "not yet" here, and 409 "read again". */
  const insist = (ask: () => Promise<Answer>) =>
    eventually(async () => {
      const answer = await ask();
      if (answer.status >= 500 || [404, 409, 429].includes(answer.status)) throw new Error(`${answer.asked}: ${answer.status}`);
      return answer;
    }, patienceMs);

  /** A transition; one whose answer was lost has taken place, and asking again changes nothing. */
  async function move(orderId: string, status: string, from: From, by = admin): Promise<void> {
    const answer = await insist(() => send("PUT", `/v1.0/orders/${orderId}`, by, { status }, from));
    if (answer.status !== 200) throw new Error(`${status} of ${orderId}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  const awaitPayment = (orderId: string, from: From) => move(orderId, "PAYMENT_PENDING", from, system);

  /** Takes an order off the list: from then on nobody is shown it who does not ask for such, also when the answer was lost. */
  async function remove(orderId: string, from: From, tenantId: string | undefined): Promise<void> {
    const path = tenantId ? `/v1.0/tenants/${tenantId}/orders/${orderId}` : `/v1.0/orders/${orderId}`;
    const bearer = tenantId ? await tokenOf(tenantId) : admin;
    await eventually(async () => {
      const { status } = await send("PUT", path, bearer, { active: false }, from);
      return status === 200 || (status === 404 && (await isRemoved(orderId, from))) || undefined;
    }, patienceMs);
    const shown = await eventually(async () => {
      const { status } = await send("GET", path, bearer, undefined, from);
      return status < 500 ? status : undefined;
    }, patienceMs);
    if (shown !== 404) throw new Error(`${orderId} was removed, and a read answers ${shown}`);
  }

  async function isRemoved(orderId: string, from: From): Promise<boolean> {
    const answer = await send("GET", `/v1.0/orders/${orderId}?includeInactive=true`, admin, undefined, from);
    return answer.status === 200 && answer.body.data.active === false;
  }

  async function pay(orderId: string, total: number, from: From, expected = 200): Promise<void> {
    const payment = { paymentReference: `PF-${orderId}`, paymentMethod: "payfast", paymentAmount: total, paymentCurrency: "ZAR" };
    const answer = await insist(() => send("POST", `/v1.0/orders/${orderId}/paymentconfirmation`, system, payment, from));
    if (answer.status !== expected) throw new Error(`payment of ${orderId}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  const payTooLate = (orderId: string, total: number, from: From) => pay(orderId, total, from, 422);

  /** @param status any when it is not given */
  const isRecorded = (orderId: string, from: From, status?: string) =>
    eventually(async () => {
      const answer = await send("GET", `/v1.0/orders/${orderId}`, admin, undefined, from);
      return (answer.status === 200 && (status === undefined || answer.body.data.status === status)) || undefined;
    }, patienceMs);

  /** @param tenantId undefined orders as a guest */
  async function run(journey: Journey, customer: string, tenantId?: string): Promise<Accepted> {
    const from = { "x-correlation-id": customer };
    const order = {
      customerEmail: emailOf(customer, journey),
      firstName: "Thandi",
      lastName: "Nkosi",
      items: [{ productId: "PROD-002", quantity: 1 }],
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    };
    const bearer = tenantId && (await tokenOf(tenantId));
    // The portal names the tenant where it knows one.
    const path = bearer && journey !== "plain" ? `/v1.0/tenants/${tenantId}/orders` : "/v1.0/orders";
    const create = async () => {
      const answer = await insist(() => send("POST", path, bearer, order, { ...from, "idempotency-key": `key-${customer}` }));
      if (answer.status !== 202) throw new Error(`create: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body.data;
    };
    const { orderId, total, statusUrl } = await create();
    await isRecorded(orderId, from);
    if (!bearer) await insist(() => send("GET", statusUrl, undefined, undefined, from));
    if (bearer) await insist(() => send("GET", `${path}?pageSize=5`, bearer, undefined, from));
    if (journey === "plain" && (await create()).orderId !== orderId) throw new Error(`the key of ${orderId} brought another order`);
    if (journey === "remove" || journey === "await" || (journey === "expire" && bearer)) await awaitPayment(orderId, from);
    if (journey === "cancel") await move(orderId, "CANCELLED", from);
    if (journey === "expire") {
      await expire(orderId);
      await isRecorded(orderId, from, "EXPIRED");
    }
    if (journey === "cancel" || journey === "expire") await payTooLate(orderId, total, from);
    if (["refund", "complete", "await", "return"].includes(journey)) await pay(orderId, total, from);
    if (journey === "complete" || journey === "return") {
      await move(orderId, "PROCESSING", from);
      await move(orderId, "COMPLETED", from);
    }
    if (journey === "complete") {
      await insist(() => send("GET", `/v1.0/orders/${orderId}/invoice?type=taxInvoice`, admin, undefined, from));
      await insist(() => send("GET", signedLink(linkKeys, "invoice", orderId, systemClock()), undefined, undefined, from));
      await askForMail(orderId, customer);
    }
    if (journey === "remove" || journey === "return") await remove(orderId, from, tenantId);
    if (journey === "refund" || journey === "return") await move(orderId, "REFUNDED", from);
    return { orderId, customer, journey, email: order.customerEmail, copyTo: copyToOf(customer) };
  }

  /** A recorded order has a timer: where there is none any more, it ran out and the answer was lost. */
  async function expire(orderId: string): Promise<void> {
    await eventually(async () => {
      const answer = await send("POST", "/_local/expire", undefined, { orderId });
      return answer.status === 200 || answer.status === 404 || undefined;
    }, patienceMs);
  }

  /** As an operator does; asked again, the request is the same one. */
  async function askForMail(orderId: string, customer: string): Promise<void> {
    await onTarget(async (target) => {
      const mail = { kind: "order_confirmation", to: copyToOf(customer) } as const;
      const event = mailRequest(await storeOf(target).get(orderId), mail, { requestId: customer, now: systemClock() });
      await emit(target, [{ queue: "CustomerNotificationQueue", event }]);
    });
  }

  /** The stack as an operator reaches it; one that is being started again is waited for. */
  async function onTarget(work: (target: Target) => Promise<void>): Promise<void> {
    await eventually(async () => {
      const target = await openTarget({ stage: "local", state: folder });
      try {
        await work(target);
        return true;
      } finally {
        target.close();
      }
    }, patienceMs);
  }

  return { run };
}

async function suspendGuest({ table }: Target): Promise<void> {
  const tenants = tenantsOf(table, systemClock);
  const { tenantId } = await tenants.resolveGuest(SUSPENDED_EMAIL);
  await tenants.setStatus(tenantId, "SUSPENDED");
}
