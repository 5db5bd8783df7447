import { type DocumentFacts, documentFacts } from "@bbws/core/document/document.ts";
import type { Supplier } from "@bbws/core/document/supplier.ts";
import type { MailTemplate } from "@bbws/core/mail/mails.ts";
import { type MailData, orderMailData } from "@bbws/core/mail/templates/mail-data.ts";
import type { Order, OrderItem, OrderStatus } from "@bbws/core/order/order.ts";
import { priceOf } from "./sample-prices.ts";

/** Realistic data for the preview and the tests: usual, long, and hostile. Invented people; no network is asked. */

export const supplier: Supplier = {
  legalName: "Big Beard Web Solutions (Pty) Ltd",
  tradingName: "BBWS",
  registrationNumber: "2015/000000/07",
  vatNumber: "4000000000",
  address: ["1 Sample Street", "Cape Town 8001", "South Africa"],
  email: "support@kimmyai.io",
  phone: "+27 21 000 0000",
  website: "https://kimmyai.io",
  bank: { name: "Sample Bank", accountName: "Big Beard Web Solutions", accountNumber: "0000000000", branchCode: "000000" },
};

const summer = {
  code: "SUMMER2025",
  name: "Summer sale",
  discountPercentage: 20,
  productId: "PROD-002",
  termsConditionsLink: "https://kimmyai.io/terms/summer2025",
  fromDate: "2025-06-01",
  toDate: "2099-12-31",
};

const item = (id: number, productName: string, description: string, quantity: number, unitPrice: number, discount = 0): OrderItem => ({
  id: `item_0193a7c2-51de-7a10-9b1e-00000000${String(id).padStart(4, "0")}`,
  productId: `PROD-00${(id % 4) + 1}`,
  productName,
  description,
  quantity,
  unitPrice,
  discount,
  subtotal: unitPrice * quantity - discount,
});

type Story = { status: OrderStatus; at: string; reason?: string }[];

const placed: Story = [{ status: "PENDING", at: "2026-11-24T08:15:01.204Z" }];
const paid: Story = [...placed, { status: "PAID", at: "2026-11-24T09:02:44.910Z" }];
const refunded: Story = [
  ...paid,
  { status: "REFUNDED", at: "2026-11-26T12:30:00.000Z", reason: "Cancelled within the cooling-off period" },
];

function sampleOrder(story: Story, facts: Partial<Order> = {}): Order {
  const items = facts.items ?? [
    item(1, "Basic WordPress hosting", "10 GB SSD, one site, daily backups, free TLS certificate, e-mail support", 1, 150_000, 30_000),
    item(4, "Entry hosting", "1 GB SSD, one site", 2, 9_500),
  ];
  const last = story.at(-1)!;
  const amounts = priceOf(items);
  const isPaid = story.some(({ status }) => status === "PAID");
  return {
    id: "order_0193a7c2-51de-7a10-9b1e-4c2f0a6d8e11",
    tenantId: "tenant_0193a7c2-4f00-7b3c-8d2a-1f6e5d4c3b2a",
    source: "guest",
    orderNumber: "ORD-2026-00042",
    customerEmail: "thandi.nkosi@khumalo-design.co.za",
    firstName: "Thandi",
    lastName: "Nkosi",
    company: "Khumalo Design Studio (Pty) Ltd",
    primaryPhone: "+27821234567",
    purchaseOrderNumber: "PO-7781",
    campaign: summer,
    billingAddress: {
      fullName: "Thandi Nkosi",
      street: "24 Loop Street",
      addressLine2: "4th floor",
      city: "Cape Town",
      province: "Western Cape",
      postalCode: "8001",
      country: "ZA",
      vatNumber: "4123456789",
    },
    paymentMethod: "payfast",
    currency: "ZAR",
    createdBy: "guest",
    dateCreated: "2026-11-24T08:15:00.000Z",
    ...facts,
    items,
    ...amounts,
    status: last.status,
    statusHistory: story.map((change) => ({ by: "system", ...change })),
    paymentDetails: isPaid
      ? { paymentReference: "PF-9928123", method: "payfast", amount: amounts.total, currency: "ZAR", paidAt: "2026-11-24T09:02:41.000Z" }
      : undefined,
    documents: {
      taxInvoice: isPaid ? { number: "INV-2026-00017", issuedAt: "2026-11-24T09:02:44.910Z" } : undefined,
      creditNote: last.status === "REFUNDED" ? { number: "CRN-2026-00003", issuedAt: last.at } : undefined,
    },
    lastUpdatedBy: "system",
    dateLastUpdated: last.at,
    active: true,
    version: story.length,
  };
}

const short: Partial<Order> = {
  items: [item(4, "Entry hosting", "1 GB SSD, one site", 1, 9_500)],
  campaign: undefined,
  firstName: undefined,
  lastName: undefined,
  company: undefined,
  primaryPhone: undefined,
  purchaseOrderNumber: undefined,
  paymentMethod: "eft",
  billingAddress: { street: "7 Kerk Street", city: "Graaff-Reinet", postalCode: "6280", country: "ZA" },
};

const long: Partial<Order> = {
  items: Array.from({ length: 50 }, (_, i) =>
    item(
      i,
      `Professional WordPress hosting for agency client no. ${i + 1}`,
      i % 7 === 3
        ? "Managed hosting for agencies: a staging site, 50 GB SSD, hourly backups kept for 30 days, malware scanning, and a person who answers the telephone within the hour on business days"
        : "50 GB SSD, staging site",
      (i % 9) + 1,
      500_000,
    ),
  ),
  campaign: undefined,
  firstName: "Wilhelmina Alexandra Magdalena",
  company:
    "The Very Long Established Consolidated Agricultural and Viticultural Co-operative Society of the Greater Drakenstein and Breede River Valleys (Pty) Ltd",
  customerEmail: "accounts.payable.and.supplier.relations@consolidated-agricultural-viticultural-cooperative.example.co.za",
  billingAddress: {
    fullName: "Wilhelmina Alexandra Magdalena van der Westhuizen-Labuschagne",
    street: "Unit 1204, The Old Biscuit Mill Extension, corner of Albert Road and Railway Street, Upper Woodstock",
    addressLine2: "Care of the Facilities Management Office, Loading Bay 3, Basement Level 2",
    city: "Cape Town Central Business District",
    province: "Western Cape",
    postalCode: "7925",
    country: "ZA",
    vatNumber: "4987654321",
  },
  notes: "Please phone before eleven. ".repeat(17).trim(),
};

/** Words up to `length` characters: a field as long as the API takes it. */
const upTo = (length: number, words: string) =>
  `${words} `
    .repeat(Math.ceil(length / words.length))
    .slice(0, length)
    .trimEnd();

const longest: Partial<Order> = {
  items: Array.from({ length: 5 }, (_, i) =>
    item(
      i + 1,
      upTo(100, "Professional WordPress hosting for agencies"),
      upTo(255, "Staging site, 50 GB SSD, hourly backups, malware scanning"),
      99,
      999_999_99,
      99_999_99,
    ),
  ),
  campaign: {
    ...summer,
    code: "AN-EXTRAORDINARILY-LONG-CAMPAIGN-CODE-OF-50-LETTERS",
    name: upTo(100, "The end of summer sale for established agencies"),
    termsConditionsLink: `https://kimmyai.io/terms/${"conditions-of-the-campaign/".repeat(6)}`,
  },
  customerEmail: `${"accounts.payable.".repeat(3)}relations@${"consolidated-agricultural-viticultural-cooperative.".repeat(3)}drakenstein.co.za`,
  firstName: upTo(100, "Wilhelmina Alexandra Magdalena"),
  lastName: upTo(100, "van der Westhuizen-Labuschagne"),
  company: upTo(150, "Consolidated Agricultural and Viticultural Co-operative Society of the Breede River Valleys"),
  purchaseOrderNumber: upTo(50, "PO-2026/11/24 Drakenstein"),
  primaryPhone: "+441234567890123",
  billingAddress: {
    fullName: upTo(100, "Wilhelmina Alexandra Magdalena van der Westhuizen-Labuschagne"),
    street: upTo(200, "Unit 1204, The Old Biscuit Mill Extension, corner of Albert Road and Railway Street"),
    addressLine2: upTo(200, "Care of the Facilities Management Office, Loading Bay 3, Basement Level 2"),
    city: upTo(100, "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch on the Menai Strait"),
    province: upTo(100, "Isle of Anglesey and the Northern Counties"),
    postalCode: "LL61 5UJ 00001",
    country: "GB",
    vatNumber: "GB 123 4567 89 01234",
  },
  notes: upTo(500, "Please phone before eleven, and ask for the person who looks after the web site."),
};

/** Names as South Africans and their guests write them: every script here is printed, but for the last line's. */
const scripts: Partial<Order> = {
  items: [
    item(1, "Ukusingatha iwebhusayithi yakwaZulu", "isiZulu: Siyabonga kakhulu ngokuthenga kwenu", 1, 150_000),
    item(2, "Webwerfgasheer vir Suid-Afrikaanse ondernemings", "Afrikaans: ’n Gekoördineerde diens, môre geïnstalleer", 1, 150_000),
    item(3, "Vhuendi ha Webusaithi ya Ṱhohoyanḓou", "Tshivenḓa: Ri a livhuwa nga maanḓa, ḽusaḽa nṅwe", 1, 150_000),
    item(4, "Tšhelete ya go boloka wepsaete", "Sesotho sa Leboa: Šêumḓṋ Ntšhebe", 1, 150_000),
    item(5, "Φιλοξενία ιστοσελίδων", "Ελληνικά: καθημερινά αντίγραφα, ἐν Ἀθήναις", 1, 150_000),
    item(6, "Хостинг для бюро «Юг»", "Русский и українська: щоденні копії", 1, 150_000),
    item(7, "Hościwy gospodář, İğneş, Đặng", "Polski, Čeština, Türkçe, Tiếng Việt", 1, 150_000),
    item(8, "אירוח استضافة 托管 होस्टिंग", "Hebrew, Arabic, Chinese, Hindi", 1, 150_000),
  ],
  campaign: undefined,
  firstName: "Ndèla",
  lastName: "Ṱhifhelimbilu",
  company: "Boë & Ṱhohoyanḓou Webšop (Edms) Bpk",
  billingAddress: { street: "Boëstraat 7", city: "Ṱhohoyanḓou", province: "Vhembe", postalCode: "0950", country: "ZA" },
};

const hostile: Partial<Order> = {
  items: [
    item(1, "<b>Bold</b> {{orderUrl}} & \"quoted\" <script>alert('x')</script>", "{{{x}}} {{#lines}}", 1, 150_000, 30_000),
    item(
      2,
      "W".repeat(255),
      "\u202e\u05e9\u05dc\u05d5\u05dd \u{1f469}\u200d\u{1f469}\u200d\u{1f467} \u6f22\u5b57 \u1e12oma\u1e3dani \u0395\u03bb\u03bb\u03ac\u03b4\u03b1 \u0411\u044e\u0440\u043e",
      99,
      1_500_000,
    ),
    item(
      3,
      "\u05d0\u05d9\u05e8\u05d5\u05d7 \u0627\u0633\u062a\u0636\u0627\u0641\u0629 (2) \u{1f469}\u200d\u{1f469}\u200d\u{1f467}!",
      "",
      2,
      9_500,
    ),
  ],
  firstName: "\u05e9\u05dc\u05d5\u05dd \u{1f469}\u200d\u{1f469}\u200d\u{1f467} </p><h1>{{total}}</h1>",
  lastName: 'O\'Brien & "Sons"',
  company: "\u6f22\u5b57\u6709\u9650\u516c\u53f8 <img src=x onerror=alert(1)>",
  purchaseOrderNumber: "'; DROP TABLE orders; --",
  notes:
    "{{#each}} <style>body{display:none}</style> \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u{1f469}\u200d\u{1f469}\u200d\u{1f467}",
  billingAddress: {
    fullName: "{{supplier.email}}",
    street: "\u1e9e".repeat(200),
    city: "\u0160\u00eaum\u1e13\u1e4b",
    postalCode: "0001",
    country: "ZA",
  },
};

const portal = "https://portal.kimmyai.io";
const facts = {
  supplier,
  portalUrl: portal,
  adminUrl: "https://admin.kimmyai.io",
  invoiceUrl:
    "https://orders-api.kimmyai.io/v1.0/links/orders/order_0193a7c2-51de-7a10-9b1e-4c2f0a6d8e11/invoice?expires=1764576900&signature=Zk3l2m9Q",
};

const mail = <Key extends MailTemplate>(template: Key, order: Order, status: OrderStatus = order.status): MailData<Key> =>
  orderMailData(order, { template, status }, facts) as MailData<Key>;

const confirmed = (about?: Partial<Order>) => mail("customer/order_confirmation", sampleOrder(placed, about));
const cancelled = (about?: Partial<Order>, reason = "Ordered twice") =>
  mail("customer/order_cancelled", sampleOrder([...placed, { status: "CANCELLED", at: "2026-11-25T07:00:00.000Z", reason }], about));
const received = (about?: Partial<Order>) => mail("customer/payment_received", sampleOrder(paid, about));
const moved = (status: OrderStatus, about?: Partial<Order>) =>
  mail("customer/order_status_update", sampleOrder([...paid, { status, at: "2026-11-25T07:00:00.000Z" }], about));
const internal = (story: Story, about?: Partial<Order>) => mail("internal/order_notification", sampleOrder(story, about));

/** Data of each template, by the name of the case. */
export const samples = {
  "customer/order_confirmation": {
    usual: confirmed(),
    short: confirmed(short),
    long: confirmed(long),
    longest: confirmed(longest),
    hostile: confirmed(hostile),
  },
  "customer/order_status_update": {
    processing: moved("PROCESSING"),
    completed: moved("COMPLETED"),
    expired: mail("customer/order_status_update", sampleOrder([...placed, { status: "EXPIRED", at: "2026-12-01T08:15:03.000Z" }])),
    refunded: mail("customer/order_status_update", sampleOrder(refunded)),
    short: moved("PROCESSING", short),
    long: moved("COMPLETED", long),
    longest: moved("COMPLETED", longest),
    hostile: moved("PROCESSING", hostile),
  },
  "customer/order_cancelled": {
    usual: cancelled(),
    short: cancelled(short),
    long: cancelled(long),
    longest: cancelled(longest, upTo(500, "We found a supplier nearer to our vineyards.")),
    hostile: cancelled(hostile, "\u05d8\u05e2\u05d5\u05ea, \u062e\u0637\u0623! \u{1f64f} <b>{{reason}}</b>"),
  },
  "customer/payment_received": {
    usual: received(),
    short: received(short),
    long: received(long),
    longest: received(longest),
    hostile: received(hostile),
  },
  "internal/order_notification": {
    created: internal(placed),
    paid: internal(paid),
    cancelled: internal([...placed, { status: "CANCELLED", at: "2026-11-25T07:00:00.000Z", reason: "Ordered twice" }]),
    refunded: internal(refunded),
    short: internal(placed, short),
    long: internal(placed, long),
    longest: internal(placed, longest),
    hostile: internal(placed, hostile),
  },
} satisfies { [Key in MailTemplate]: Record<string, MailData<Key>> };

/** Facts of documents for their preview and tests, by the name of the case. */
export const documentSamples: Record<string, DocumentFacts> = {
  order: documentFacts(sampleOrder(placed), "order", supplier),
  "tax-invoice": documentFacts(sampleOrder(paid), "taxInvoice", supplier),
  "credit-note": documentFacts(sampleOrder(refunded), "creditNote", supplier),
  short: documentFacts(sampleOrder(paid, short), "taxInvoice", supplier),
  long: documentFacts(sampleOrder(paid, long), "taxInvoice", supplier),
  longest: documentFacts(sampleOrder(paid, longest), "taxInvoice", supplier),
  "longest-credit-note": documentFacts(
    sampleOrder(
      [...paid, { status: "REFUNDED", at: "2026-11-26T12:30:00.000Z", reason: upTo(500, "Cancelled within the cooling-off period") }],
      longest,
    ),
    "creditNote",
    supplier,
  ),
  scripts: documentFacts(sampleOrder(paid, scripts), "taxInvoice", supplier),
  hostile: documentFacts(sampleOrder(paid, hostile), "taxInvoice", supplier),
};
