import * as v from "valibot";
import { fromRand } from "../money.ts";
import { cleanText, documented, optionalText, text } from "../text.ts";
import { orderStatuses, paymentMethods } from "./order.ts";
import { readStatus } from "./status.ts";

/**
 * The bodies callers send, hostile until parsed. Every schema turns what it accepts into the service's own form:
 * trimmed text, lower-case e-mail, cents, upper-case codes. Unknown members are dropped.
 */

/** Local part of letters, digits and the usual marks; a domain of dot-separated labels. Stricter than RFC 5321 on purpose: what we accept, SES delivers. */
const EMAIL =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

const Email = v.pipe(
  v.nullish(v.string("customerEmail must be a string"), ""),
  v.trim(),
  v.toLowerCase(),
  v.check((value) => value !== "", "customerEmail is required"),
  v.maxLength(254, "customerEmail must have at most 254 characters"),
  v.check((value) => value === "" || (EMAIL.test(value) && value.indexOf("@") <= 64), "customerEmail must be a valid e-mail address"),
  documented({ required: true, format: "email" }),
);

/** E.164, or a South African local number, stored as E.164. */
const Phone = v.pipe(
  optionalText(40, "primaryPhone"),
  v.transform((value) =>
    value
      ?.replace(/[\s().-]/g, "")
      .replace(/^00/, "+")
      .replace(/^0(?=\d{9}$)/, "+27"),
  ),
  v.check((value) => value === undefined || /^\+[1-9]\d{6,14}$/.test(value), "primaryPhone must be an E.164 or South African number"),
);

const Quantity = v.pipe(
  v.number("quantity must be a whole number from 1 to 99"),
  v.integer("quantity must be a whole number from 1 to 99"),
  v.minValue(1, "quantity must be a whole number from 1 to 99"),
  v.maxValue(99, "quantity must be a whole number from 1 to 99"),
);

const Item = v.object({
  productId: v.pipe(text(100, "productId"), v.regex(/^[A-Za-z0-9_.-]*$/, "productId may have letters, digits, '_', '.' and '-' only")),
  quantity: Quantity,
});

/** Same product twice: one line with the sum. */
const Items = v.pipe(
  v.array(Item, "items must be a list of 1 to 50 lines"),
  v.minLength(1, "items must be a list of 1 to 50 lines"),
  v.maxLength(50, "items must be a list of 1 to 50 lines"),
  documented({ required: true }),
  v.transform((items) => {
    const merged = new Map<string, number>();
    for (const { productId, quantity } of items) merged.set(productId, (merged.get(productId) ?? 0) + quantity);
    return [...merged].map(([productId, quantity]) => ({ productId, quantity }));
  }),
  v.check((items) => items.every((item) => item.quantity <= 99), "quantity of one product must be at most 99 over all lines"),
);

/** Officially assigned ISO 3166-1 alpha-2 codes. */
const COUNTRIES = new Set(
  (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ " +
    "DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM " +
    "PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
    "UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
  ).split(" "),
);

const Country = v.pipe(
  // A member that is not sent is skipped, transforms and all, unless its schema has a default.
  v.nullish(v.string("country must be a string"), "ZA"),
  documented({ pattern: "^[A-Za-z]{2}$" }),
  v.transform((value) => cleanText(value).toUpperCase() || "ZA"),
  v.check((value) => COUNTRIES.has(value), "country must be an ISO 3166 alpha-2 code"),
);

const Address = v.pipe(
  v.object(
    {
      fullName: optionalText(100, "fullName"),
      street: optionalText(200, "street"),
      addressLine1: optionalText(200, "addressLine1"),
      addressLine2: optionalText(200, "addressLine2"),
      city: text(100, "city"),
      province: optionalText(100, "province"),
      stateProvince: optionalText(100, "stateProvince"),
      postalCode: text(14, "postalCode"),
      country: Country,
      vatNumber: v.pipe(
        optionalText(20, "vatNumber"),
        v.check((value) => value === undefined || /^[A-Za-z0-9 -]{4,20}$/.test(value), "vatNumber must have 4 to 20 letters and digits"),
      ),
    },
    (issue) =>
      issue.received === "undefined" || issue.received === "null" ? "billingAddress is required" : "billingAddress must be an object",
  ),
  v.forward(
    v.partialCheck([["street"], ["addressLine1"]], (address) => Boolean(address.street ?? address.addressLine1), "street is required"),
    ["street"],
  ),
  v.forward(
    v.partialCheck(
      [["postalCode"], ["country"]],
      ({ postalCode, country }) => (country === "ZA" ? /^\d{4}$/ : /^[A-Za-z0-9][A-Za-z0-9 -]{1,12}[A-Za-z0-9]$/).test(postalCode),
      "postalCode must have 4 digits in South Africa, 3 to 14 letters and digits elsewhere",
    ),
    ["postalCode"],
  ),
  v.transform(({ addressLine1, stateProvince, ...address }) => ({
    ...address,
    country: address.country as string,
    street: (address.street ?? addressLine1)!,
    province: address.province ?? stateProvince,
  })),
);

/** Rand with at most two decimals, as cents. */
const rand = (field: string) =>
  v.pipe(
    v.number(`${field} must be a number in rand`),
    v.check((value) => fromRand(value) !== undefined, `${field} must have at most two decimals`),
    v.transform((value) => fromRand(value)!),
  );

const positiveRand = (field: string) =>
  v.pipe(v.number(`${field} must be a number in rand`), v.minValue(0, `${field} must not be negative`), rand(field));

const methodIn = (field: string) =>
  v.pipe(
    v.string(`${field} must be one of ${paymentMethods.join(", ")}`),
    documented({ enum: paymentMethods }),
    v.trim(),
    v.toLowerCase(),
    v.picklist(paymentMethods, `${field} must be one of ${paymentMethods.join(", ")}`),
  );

/** `POST /v1.0/orders`. */
export const CreateOrderRequest = v.object(
  {
    customerEmail: Email,
    items: v.nullish(Items, []) as unknown as typeof Items,
    billingAddress: Address,
    firstName: optionalText(100, "firstName"),
    lastName: optionalText(100, "lastName"),
    company: optionalText(150, "company"),
    primaryPhone: Phone,
    notes: optionalText(500, "notes"),
    purchaseOrderNumber: optionalText(50, "purchaseOrderNumber"),
    campaignCode: v.pipe(
      optionalText(50, "campaignCode"),
      v.transform((value) => value?.toUpperCase()),
      v.check(
        (value) => value === undefined || /^[A-Z0-9_-]{3,50}$/.test(value),
        "campaignCode must have 3 to 50 letters, digits, '_' or '-'",
      ),
    ),
    attribution: v.nullish(
      v.object({
        campaignName: optionalText(100, "campaignName"),
        source: optionalText(100, "source"),
        medium: optionalText(100, "medium"),
      }),
    ),
    paymentMethod: v.nullish(methodIn("paymentMethod"), "payfast"),
    currency: v.pipe(
      v.nullish(v.string("currency must be ZAR"), "ZAR"),
      documented({ enum: ["ZAR"] }),
      v.trim(),
      v.toUpperCase(),
      v.literal("ZAR", "currency must be ZAR"),
    ),
    totalAmount: v.nullish(rand("totalAmount")),
  },
  "The body must be a JSON object",
);
export type CreateOrderRequest = v.InferOutput<typeof CreateOrderRequest>;

/** A status in any case; the old spelling PENDING_PAYMENT too. */
export const StatusText = v.pipe(
  v.string(`status must be one of ${orderStatuses.join(", ")}`),
  documented({ enum: orderStatuses }),
  v.transform(readStatus),
  v.picklist(orderStatuses, `status must be one of ${orderStatuses.join(", ")}`),
);

/** `PUT /v1.0/orders/{orderId}`. */
export const UpdateOrderRequest = v.pipe(
  v.object(
    {
      status: v.optional(StatusText),
      cancellationReason: optionalText(500, "cancellationReason"),
      active: v.optional(v.boolean("active must be true or false")),
      version: v.optional(v.pipe(v.number("version must be a whole number"), v.integer("version must be a whole number"))),
    },
    "The body must be a JSON object",
  ),
  v.check(
    (body) => Object.values(body).some((value) => value !== undefined),
    "Give at least one of status, cancellationReason, active, version",
  ),
);
export type UpdateOrderRequest = v.InferOutput<typeof UpdateOrderRequest>;

/** `POST /v1.0/orders/{orderId}/paymentconfirmation`. Amounts arrive in rand and leave as cents. */
export const PaymentConfirmationRequest = v.object(
  {
    paymentReference: v.pipe(text(100, "paymentReference"), v.regex(/^[\x20-\x7e]*$/, "paymentReference must be printable ASCII")),
    paymentMethod: methodIn("paymentMethod"),
    paymentAmount: positiveRand("paymentAmount"),
    paymentCurrency: v.pipe(
      v.string("paymentCurrency must be a currency code"),
      v.trim(),
      v.toUpperCase(),
      v.regex(/^[A-Z]{3}$/, "paymentCurrency must be a currency code"),
    ),
    paidAt: v.nullish(
      v.pipe(
        v.string("paidAt must be an ISO 8601 timestamp"),
        v.isoTimestamp("paidAt must be an ISO 8601 timestamp"),
        v.check((value) => !Number.isNaN(Date.parse(value)), "paidAt must be an ISO 8601 timestamp"),
        v.transform((value) => new Date(value).toISOString()),
      ),
    ),
    payfastPaymentId: optionalText(100, "payfastPaymentId"),
    amountFee: v.nullish(rand("amountFee")),
    amountNet: v.nullish(rand("amountNet")),
  },
  "The body must be a JSON object",
);
export type PaymentConfirmationRequest = v.InferOutput<typeof PaymentConfirmationRequest>;
