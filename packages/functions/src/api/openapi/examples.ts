import { staticCatalogue } from "@bbws/core/catalogue/static-catalogue.ts";
import { acceptance } from "@bbws/core/order/accept.ts";
import type { AcceptedOrder, Order } from "@bbws/core/order/order.ts";
import { applied, newOrder } from "@bbws/core/order/orders.ts";
import { confirmedAt, paymentDetails } from "@bbws/core/order/payment.ts";
import { lookUp, price } from "@bbws/core/order/pricing.ts";
import type { OrderListResponse, OrderResponse } from "@bbws/core/order/responses.ts";
import { orderSummary, orderView, paymentView } from "@bbws/core/order/view.ts";

/** The document's examples, made by the service's own code from one order, so that they cannot contradict it. */

const acceptedAt = new Date("2026-11-24T08:15:30.250Z");
const paidAt = new Date("2026-11-24T08:20:11.004Z");
const orderId = "order_019ab4f2-7d3a-7c41-9d5e-1f2a3b4c5d6e";
const tenantId = "tenant_3f1c9a52-6f0e-4f7b-9a63-0d1e2f3a4b5c";
const signature = "b0nxU1Yw3J4Yt5o6cM9qk2zX8vL7hR1dS0eFgTaWi-E";

export const createRequest = {
  customerEmail: "thandi@example.com",
  firstName: "Thandi",
  lastName: "Nkosi",
  primaryPhone: "082 123 4567",
  items: [{ productId: "PROD-002", quantity: 1 }],
  billingAddress: { street: "12 Long Street", city: "Cape Town", province: "Western Cape", postalCode: "8001", country: "ZA" },
  campaignCode: "SUMMER2025",
  paymentMethod: "payfast",
  totalAmount: 1380,
};

export const paymentRequest = {
  paymentReference: "PAY-2026-001234",
  paymentMethod: "card",
  paymentAmount: 1380,
  paymentCurrency: "ZAR",
  paidAt: "2026-11-24T08:20:00.000Z",
};

export const updateRequest = { status: "CANCELLED", cancellationReason: "Ordered twice by mistake", version: 1 };

export async function responseExamples() {
  const accepted = await acceptedOrder();
  const { payment, list, ...rest } = orderExamples(accepted);
  const data = acceptance(accepted, { current: "example" }, acceptedAt);
  const statusUrl = data.statusUrl.replace(/signature=.*/, `signature=${signature}`);
  return {
    ...rest,
    payment,
    list,
    accepted: { ...data, statusUrl, _links: { ...data._links, status: { href: statusUrl } } },
    publicStatus: { orderId, orderNumber: "ORD-2026-00042", status: "PENDING" },
    invoiceLocation: {
      url: `https://bbws-orders-prod.s3.af-south-1.amazonaws.com/${tenantId}/invoices/INV-2026-00017.pdf?X-Amz-Expires=600&X-Amz-Signature=4f1d0c`,
      expiresAt: "2026-11-24T08:30:11.004Z",
      documentType: "taxInvoice",
    },
    health: { status: "ok", service: "bbws-order", version: "1.0.0", stage: "prod" },
  };
}

async function acceptedOrder(): Promise<AcceptedOrder & { tenantId: string }> {
  const found = await lookUp(staticCatalogue(), createRequest.items, createRequest.campaignCode);
  const priced = price(createRequest.items, { ...found, campaignCode: createRequest.campaignCode }, acceptedAt);
  const { items: _, campaignCode: __, totalAmount: ___, ...customer } = createRequest;
  return {
    ...customer,
    ...priced,
    id: orderId,
    tenantId,
    source: "api",
    primaryPhone: "+27821234567",
    paymentMethod: "payfast",
    currency: "ZAR",
    items: priced.items.map((item) => ({ ...item, id: "item_7c9e6679-7425-40de-944b-e07fc1f90ae7" })),
    createdBy: "3e1b6c1e-51a4-4f0e-8a5c-6c1f1d0b2a77",
    dateCreated: acceptedAt.toISOString(),
  };
}

function orderExamples(accepted: AcceptedOrder & { tenantId: string }) {
  const by = "3e1b6c1e-51a4-4f0e-8a5c-6c1f1d0b2a77";
  const recorded: Order = {
    ...newOrder(accepted, "ORD-2026-00042", acceptedAt),
    documents: { order: { key: `${tenantId}/orders/${orderId}.pdf`, sha256: "", issuedAt: acceptedAt.toISOString() } },
  };
  const cancelled = applied(recorded, { to: "CANCELLED", reason: updateRequest.cancellationReason }, { by, correlationId: "" }, paidAt);
  const paid: Order = {
    ...applied(recorded, { to: "PAID" }, { by: "system", correlationId: "" }, paidAt),
    paymentDetails: paymentDetails(
      {
        paymentReference: paymentRequest.paymentReference,
        method: "card",
        amount: recorded.total,
        currency: "ZAR",
        paidAt: paymentRequest.paidAt,
      },
      paidAt,
    ),
    documents: { ...recorded.documents, taxInvoice: { number: "INV-2026-00017", issuedAt: paidAt.toISOString() } },
  };
  const order: OrderResponse = orderView(recorded, ["Customer"]);
  const list: OrderListResponse = {
    items: [orderSummary(paid)],
    count: 1,
    startAt: `eyJwYWdlIjoi4oCmIn0.${signature}`,
    moreAvailable: true,
  };
  return { order, cancelled: orderView(cancelled, ["Customer"]), list, payment: paymentView(paid, confirmedAt(paid)) };
}
