import type { MailTemplate } from "@bbws/core/mail/mails.ts";
import type { ComponentType } from "react";
import OrderCancelled from "./customer/order_cancelled.tsx";
import OrderConfirmation from "./customer/order_confirmation.tsx";
import OrderStatusUpdate from "./customer/order_status_update.tsx";
import PaymentReceived from "./customer/payment_received.tsx";
import OrderNotification from "./internal/order_notification.tsx";

/** The component of each template. */
export const components = {
  "customer/order_confirmation": OrderConfirmation,
  "customer/order_status_update": OrderStatusUpdate,
  "customer/order_cancelled": OrderCancelled,
  "customer/payment_received": PaymentReceived,
  "internal/order_notification": OrderNotification,
} as const satisfies Record<MailTemplate, ComponentType<never>>;
