/** What a create costs before anything is looked up: the body's schema, beside the body's JSON and beside its bare shapes. */
import { CreateOrderRequest } from "@bbws/core/order/requests.ts";
import { parse } from "@bbws/core/parse.ts";
import * as v from "valibot";
import { finish, progress } from "../harness/report-back.ts";
import { takeTurns } from "../harness/rounds.ts";

const bodies = Array.from({ length: 64 }, (_, i) =>
  JSON.stringify({
    customerEmail: `thandi.nkosi-${i}@example.co.za`,
    firstName: "Thandi",
    lastName: "Nkosi",
    company: "Nkosi Bakery",
    primaryPhone: "+27821234567",
    purchaseOrderNumber: `PO-${i}`,
    items: Array.from({ length: 5 }, (_, line) => ({ productId: `PROD-00${line}`, quantity: 1 + ((i + line) % 9) })),
    billingAddress: { street: "12 Long Street", city: "Cape Town", province: "Western Cape", postalCode: "8001", country: "ZA" },
    campaignCode: "SUMMER2025",
    attribution: { source: "newsletter", medium: "e-mail" },
    paymentMethod: "payfast",
    currency: "ZAR",
  }),
);
const parsed = bodies.map((body) => JSON.parse(body) as unknown);

/** The same members with nothing asked of them but their types. */
const Shapes = v.object({
  customerEmail: v.string(),
  firstName: v.optional(v.string()),
  lastName: v.optional(v.string()),
  company: v.optional(v.string()),
  primaryPhone: v.optional(v.string()),
  purchaseOrderNumber: v.optional(v.string()),
  items: v.array(v.object({ productId: v.string(), quantity: v.number() })),
  billingAddress: v.object({
    street: v.string(),
    city: v.string(),
    province: v.optional(v.string()),
    postalCode: v.string(),
    country: v.optional(v.string()),
  }),
  campaignCode: v.optional(v.string()),
  attribution: v.optional(v.object({ source: v.optional(v.string()), medium: v.optional(v.string()) })),
  paymentMethod: v.optional(v.string()),
  currency: v.optional(v.string()),
});

const quick = process.argv[2] === "quick";
await finish(
  await takeTurns(
    [
      { name: "validate", run: (i) => parse(CreateOrderRequest, parsed[i % parsed.length]) },
      { name: "shapes", run: (i) => parse(Shapes, parsed[i % parsed.length]) },
      { name: "JSON.parse", run: (i) => JSON.parse(bodies[i % bodies.length]!) },
    ],
    { rounds: quick ? 20 : 100, perSample: 1000, onRound: (done, of) => progress(`round ${done} of ${of}`) },
  ),
);
