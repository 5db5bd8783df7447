import type { MailTemplate } from "@bbws/core/mail/mails.ts";

/** Subject of each template, with merge tags. */
export const subjects: Record<MailTemplate, string> = {
  "customer/order_confirmation": "Order Confirmation - #{{orderNumber}}",
  "customer/order_status_update": "Order #{{orderNumber}} - Status Update: {{status}}",
  "customer/order_cancelled": "Order #{{orderNumber}} Cancelled",
  "customer/payment_received": "Payment Received - Tax Invoice {{invoiceNumber}}",
  "internal/order_notification": "{{occasion}}: {{orderNumber}}",
};
