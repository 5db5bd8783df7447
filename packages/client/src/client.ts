import { isOrderClientError, OrderClientError } from "./error.ts";
import type { components } from "./schema.ts";
import { type Call, pause, send, type Transport } from "./send.ts";

/** The portal's client of the order service: one method for each route, for browsers and Node. */

export { type ErrorCode, type ErrorDetails, type FieldProblem, isOrderClientError, OrderClientError } from "./error.ts";
export type { components } from "./schema.ts";
export type { Transport as OrderClientOptions } from "./send.ts";

type Schemas = components["schemas"];
export type NewOrder = Schemas["CreateOrderRequest"];
export type OrderChange = Schemas["UpdateOrderRequest"];
export type Payment = Schemas["PaymentConfirmationRequest"];
export type AcceptedOrder = Schemas["AcceptedOrder"];
export type Order = Schemas["Order"];
export type OrderStatus = Order["status"];
export type OrderList = Schemas["OrderList"];
export type OrderSummary = Schemas["OrderSummary"];
export type PublicStatus = Schemas["PublicStatus"];
export type InvoiceLocation = Schemas["InvoiceLocation"];
export type DocumentType = InvoiceLocation["documentType"];
export type PaymentConfirmation = Schemas["PaymentConfirmation"];
export type Health = Schemas["Health"];

export type CallOptions = {
  signal?: AbortSignal;
  /** Carried through the service's logs and events. */
  correlationId?: string;
};
export type CreateOptions = CallOptions & {
  /** The order's own key, where a checkout survives a reload; else a new one for each call, the same for its repeats. */
  idempotencyKey?: string;
};
export type ReadOptions = CallOptions & { includeInactive?: boolean };
export type InvoiceOptions = CallOptions & { type?: DocumentType };
export type UpdateOptions = CallOptions & { ifMatch?: string };
export type WaitOptions = CallOptions & {
  /** How long to wait in all, in ms; 30 s unless told. */
  timeoutMs?: number;
};
export type ListQuery = {
  pageSize?: number;
  startAt?: string;
  status?: OrderStatus | readonly OrderStatus[];
  /** A timestamp, or a date of Africa/Johannesburg (`yyyy-mm-dd`). */
  fromDate?: string;
  toDate?: string;
  includeInactive?: boolean;
};

export type OrderClient = ReturnType<typeof createOrderClient>;

const POLL_MS = 500;

/** A client of the service at `baseUrl`. Every method throws OrderClientError. */
export function createOrderClient(transport: Transport) {
  const data = async <Data>(call: Call, options: CallOptions = {}): Promise<Data> => {
    const { signal, correlationId } = options;
    const headers = { ...call.headers, ...(correlationId && { "x-correlation-id": correlationId }) };
    return (await send<{ data: Data }>(transport, { ...call, headers, signal })).data;
  };
  const create = (path: string, body: NewOrder, options: CreateOptions = {}) =>
    data<AcceptedOrder>({ method: "POST", path, body, headers: { "idempotency-key": options.idempotencyKey ?? newKey() } }, options);
  const show = (path: string, { includeInactive, ...options }: ReadOptions = {}) =>
    data<Order>({ path, query: { includeInactive } }, options);
  const list = (path: string, query: ListQuery = {}, options?: CallOptions) => data<OrderList>({ path, query }, options);
  const update = (path: string, body: OrderChange, { ifMatch, ...options }: UpdateOptions = {}) =>
    data<Order>(
      // A repeat of a change that names its version would be a conflict with itself.
      { method: "PUT", path, body, headers: ifMatch ? { "if-match": ifMatch } : {}, repeatable: !ifMatch && body.version === undefined },
      options,
    );

  return {
    /** Places an order: for the token's tenant, or as a guest without a token. */
    createOrder: (order: NewOrder, options?: CreateOptions) => create("/v1.0/orders", order, options),
    /** Places an order for a tenant. */
    createTenantOrder: (tenantId: string, order: NewOrder, options?: CreateOptions) =>
      create(`${tenantPath(tenantId)}/orders`, order, options),

    getOrder: (orderId: string, options?: ReadOptions) => show(orderPath(orderId), options),
    getTenantOrder: (tenantId: string, orderId: string, options?: ReadOptions) => show(tenantOrderPath(tenantId, orderId), options),

    /** Where the order's PDF can be fetched for ten minutes. INVOICE_NOT_READY while it is being made. */
    getInvoice: (orderId: string, { type, ...options }: InvoiceOptions = {}) =>
      data<InvoiceLocation>({ path: `${orderPath(orderId)}/invoice`, query: { type } }, options),
    /** @param link path and query of the signed link in a mail */
    getInvoiceByLink: (link: string, options?: CallOptions) => data<InvoiceLocation>({ path: pathOf(link) }, options),
    /** @param statusUrl as the create answered it */
    getOrderStatus: (statusUrl: string, options?: CallOptions) => data<PublicStatus>({ path: pathOf(statusUrl) }, options),

    /** One page of the orders of the token's tenant, newest first. */
    listOrders: (query?: ListQuery, options?: CallOptions) => list("/v1.0/orders", query, options),
    listTenantOrders: (tenantId: string, query?: ListQuery, options?: CallOptions) =>
      list(`${tenantPath(tenantId)}/orders`, query, options),

    updateOrder: (orderId: string, change: OrderChange, options?: UpdateOptions) => update(orderPath(orderId), change, options),
    updateTenantOrder: (tenantId: string, orderId: string, change: OrderChange, options?: UpdateOptions) =>
      update(tenantOrderPath(tenantId, orderId), change, options),

    /** For the payment service. The same payment again answers the same. */
    confirmPayment: (orderId: string, payment: Payment, options?: CallOptions) =>
      data<PaymentConfirmation>({ method: "POST", path: `${orderPath(orderId)}/paymentconfirmation`, body: payment }, options),

    getHealth: ({ signal }: CallOptions = {}) => send<Health>(transport, { path: "/health", signal }),
    getOpenApi: ({ signal }: CallOptions = {}) => send<Record<string, unknown>>(transport, { path: "/v1.0/openapi.json", signal }),

    /** The order as soon as it is recorded (normally within a second of the create). */
    waitForOrder: (orderId: string, options: WaitOptions = {}) =>
      until(options, async () => {
        try {
          return await show(orderPath(orderId), options);
        } catch (error) {
          if (isOrderClientError(error, "ORDER_NOT_FOUND")) return undefined;
          throw error;
        }
      }),
    /** The same for a guest, who has no token: the public status as soon as the order has its number. */
    waitForStatus: (statusUrl: string, options: WaitOptions = {}) =>
      until(options, async () => {
        const found = await data<PublicStatus>({ path: pathOf(statusUrl) }, options);
        return found.status === "ACCEPTED" ? undefined : found;
      }),
  };
}

async function until<Found>({ timeoutMs = 30_000, signal }: WaitOptions, look: () => Promise<Found | undefined>): Promise<Found> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() + POLL_MS > deadline) {
      throw new OrderClientError("The order has not been recorded in time", { code: "ORDER_NOT_FOUND", status: 404 });
    }
    await pause(POLL_MS, signal);
  }
}

const orderPath = (orderId: string) => `/v1.0/orders/${encodeURIComponent(orderId)}`;
const tenantPath = (tenantId: string) => `/v1.0/tenants/${encodeURIComponent(tenantId)}`;
const tenantOrderPath = (tenantId: string, orderId: string) => `${tenantPath(tenantId)}/orders/${encodeURIComponent(orderId)}`;

/** A link may be absolute (in a mail) or relative (in an answer): the client talks to its own service only. */
function pathOf(link: string): string {
  const { pathname, search } = new URL(link, "http://relative");
  return pathname + search;
}

/** `crypto.randomUUID` exists on secure pages only. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
