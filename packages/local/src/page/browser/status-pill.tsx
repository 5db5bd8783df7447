/** @jsxImportSource preact */
import type { OrderStatus } from "@bbws/core/order/order.ts";

const looks: Record<OrderStatus | "ACCEPTED", { label: string; tone: "wait" | "good" | "busy" | "over" }> = {
  ACCEPTED: { label: "Accepted", tone: "wait" },
  PENDING: { label: "Pending", tone: "wait" },
  PAYMENT_PENDING: { label: "Awaiting payment", tone: "wait" },
  PAID: { label: "Paid", tone: "good" },
  PROCESSING: { label: "In progress", tone: "busy" },
  COMPLETED: { label: "Completed", tone: "good" },
  CANCELLED: { label: "Cancelled", tone: "over" },
  EXPIRED: { label: "Expired", tone: "over" },
  REFUNDED: { label: "Refunded", tone: "over" },
};

export const statusLabel = (status: OrderStatus | "ACCEPTED") => looks[status].label;

export const StatusPill = ({ status }: { status: OrderStatus | "ACCEPTED" }) => (
  <span class={`pill pill-${looks[status].tone}`}>{looks[status].label}</span>
);
