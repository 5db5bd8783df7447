/** Everything the page asks of the stack: the API through the portal's client, `/_local` for what only this machine has. */
import { createOrderClient, type DocumentType, type InvoiceLocation, type NewOrder, type Order } from "@bbws/order-client";
import type { OrderMail } from "../../console/order-mails.ts";
import type { QueueReport } from "../../console/queues.ts";
import type { StoredMessage } from "../../emulators/fauxqs.ts";
import type { FaultTarget } from "../../lambda/faults.ts";
import type { Quote } from "../quote.ts";

export type { OrderMail, Quote };
export type Queues = Record<string, QueueReport>;
export type Faults = Record<FaultTarget, number>;
export type Letter = StoredMessage;

type TokenRequest = { tenantId?: string; email?: string; sub: string; roles: "Customer" | "Support" | "Admin" | "System" };

/** Tokens live for an hour. */
const TOKEN_MS = 50 * 60_000;
const tokens = new Map<string, { token: Promise<string>; until: number }>();

function tokenFor(request: TokenRequest): Promise<string> {
  const key = JSON.stringify(request);
  const known = tokens.get(key);
  if (known && known.until > Date.now()) return known.token;
  const token = post<{ access_token: string }>("/_local/token", request).then((answer) => answer.access_token);
  tokens.set(key, { token, until: Date.now() + TOKEN_MS });
  token.catch(() => tokens.delete(key));
  return token;
}

const baseUrl = location.origin;
const clientOf = (request: TokenRequest, attempts?: number) =>
  createOrderClient({ baseUrl, getToken: () => tokenFor(request), ...(attempts && { attempts }) });

export const guest = createOrderClient({ baseUrl });
export const customerOf = (tenantId: string, email: string) => clientOf({ tenantId, email, sub: `user-of-${tenantId}`, roles: "Customer" });
export const payments = clientOf({ sub: "payment-service", roles: "System" });
export const admin = clientOf({ sub: "admin-on-the-page", roles: "Admin" });
/** These two look again and again: an attempt that fails is followed by the next look, not by a repeat. */
export const anyone = createOrderClient({ baseUrl, attempts: 1 });
export const watcher = clientOf({ sub: "support-on-the-page", roles: "Support" }, 1);

export type { DocumentType, NewOrder, Order };

/** The document as the API links it, fetched through this origin. */
export async function fetchDocument(
  orderId: string,
  type: DocumentType,
): Promise<{ location: InvoiceLocation; bytes: Uint8Array<ArrayBuffer> }> {
  const location = await watcher.getInvoice(orderId, { type });
  const { pathname, search } = new URL(location.url);
  const answer = await fetch(`/page/documents${pathname}${search}`);
  if (!answer.ok) throw new Error(`The bucket answered ${answer.status}`);
  return { location, bytes: new Uint8Array(await answer.arrayBuffer()) };
}

export const local = {
  mailsOf: (orderId: string) => get<OrderMail[]>(`/_local/order-mails?orderId=${encodeURIComponent(orderId)}`),
  queues: () => get<Queues>("/_local/queues"),
  letters: (queue: string) => get<Letter[]>(`/_local/dead-letters?queue=${encodeURIComponent(queue)}`),
  redrive: (queue: string, messageIds?: readonly string[]) => post<{ moved: number }>("/_local/redrive", { queue, messageIds }),
  faults: () => get<Faults>("/_local/faults"),
  fail: (target: FaultTarget, failures: number) => post<unknown>("/_local/faults", { target, failures }),
  patience: () => get<Record<string, number>>("/_local/patience"),
  setPatience: (receives: number | undefined) => post<Record<string, number>>("/_local/patience", { receives }),
  expire: (orderId: string) => post<unknown>("/_local/expire", { orderId }),
  quote: (query: Record<string, string>, signal: AbortSignal) => get<Quote>(`/page/quote?${new URLSearchParams(query)}`, signal),
};

async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return answerOf(await fetch(path, { signal }));
}

async function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return answerOf(await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }));
}

async function answerOf<Answer>(answer: Response): Promise<Answer> {
  const content = (await answer.json()) as Answer & { message?: string };
  if (answer.ok) return content;
  throw new Error(content.message ?? `The stack answered ${answer.status}`);
}
