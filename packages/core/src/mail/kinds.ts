/** Every kind of mail, customers' first. A kind and an order's version make one occasion: one mail. */
export const customerMailKinds = ["order_confirmation", "payment_received", "order_cancelled", "order_status_update"] as const;
export const internalMailKinds = ["internal_new", "internal_paid", "internal_cancelled", "internal_refunded"] as const;
export const mailKinds = [...customerMailKinds, ...internalMailKinds] as const;

export type CustomerMailKind = (typeof customerMailKinds)[number];
export type InternalMailKind = (typeof internalMailKinds)[number];
export type MailKind = (typeof mailKinds)[number];
