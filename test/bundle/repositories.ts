/** What the functions do with the table; test/bundle builds it with ElectroDB and with its stand-in. */
export { mailLedger } from "@bbws/core/mail/ledger.ts";
export { idempotency } from "@bbws/core/order/idempotency.ts";
export { orders } from "@bbws/core/order/orders.ts";
export { tenants } from "@bbws/core/tenant/tenants.ts";
