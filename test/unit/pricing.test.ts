import type { Campaign, Product } from "@bbws/core/catalogue/catalogue.ts";
import { staticCatalogue } from "@bbws/core/catalogue/static-catalogue.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { fromRand } from "@bbws/core/money.ts";
import { lineAmounts, lookUp, MINIMUM_TOTAL, PRICES_INCLUDE_VAT, price, totalsOf, VAT_RATE } from "@bbws/core/order/pricing.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOW } from "../support/order.ts";

const product = (cents: number, changes: Partial<Product> = {}): Product => ({
  productId: "P",
  name: "Hosting",
  price: cents,
  active: true,
  ...changes,
});

const campaign = (changes: Partial<Campaign> = {}): Campaign => ({
  code: "TWENTY",
  name: "Twenty off",
  discountPercentage: 20,
  productId: "P",
  fromDate: "2026-11-01",
  toDate: "2026-11-30",
  active: true,
  ...changes,
});

function priced(unit: number, quantity = 1, percentage = 0, now = NOW) {
  const found = {
    products: [product(unit)],
    campaign: campaign({ discountPercentage: percentage }),
    campaignCode: percentage ? "TWENTY" : undefined,
  };
  return price([{ productId: "P", quantity }], found, now);
}

function refusalOf(work: () => unknown): OrderError {
  try {
    work();
  } catch (error) {
    if (error instanceof OrderError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("an order of one line", () => {
  // The table of the service's design: unit x quantity, discount percentage, subtotal, tax, total; all in rand.
  it.each([
    [299.99, 1, 20, 239.99, 36.0, 275.99],
    [299.99, 1, 0, 299.99, 45.0, 344.99],
    [499.99, 1, 0, 499.99, 75.0, 574.99],
    [99.0, 1, 0, 99.0, 14.85, 113.85],
    [1500.0, 1, 20, 1200.0, 180.0, 1380.0],
    [95.0, 1, 0, 95.0, 14.25, 109.25],
  ])("R%d x %i less %i %% costs R%d + R%d = R%d", (unit, quantity, percentage, subtotal, tax, total) => {
    const result = priced(fromRand(unit)!, quantity, percentage);
    expect(result).toMatchObject({
      subtotal: fromRand(subtotal),
      tax: fromRand(tax),
      total: fromRand(total),
      discount: fromRand(unit)! * quantity - fromRand(subtotal)!,
      taxRate: 1500,
    });
    expect(result.items).toHaveLength(1);
    expect(result.items[0]).toMatchObject({ unitPrice: fromRand(unit), quantity, subtotal: fromRand(subtotal), discount: result.discount });
  });

  it("takes the catalogue's name and price, and an id of its own", () => {
    const [line] = price(
      [{ productId: "P", quantity: 2 }],
      { products: [product(10_000, { name: "Basic", description: "One site" })], campaign: undefined, campaignCode: undefined },
      NOW,
    ).items;
    expect(line).toMatchObject({
      productId: "P",
      productName: "Basic",
      description: "One site",
      quantity: 2,
      unitPrice: 10_000,
      subtotal: 20_000,
    });
    expect(line!.id).toMatch(/^item_[0-9a-f-]{36}$/);
  });

  it("must exceed R50.00 in total", () => {
    // 43.48 + 6.52 is R50.00 to the cent; 43.49 + 6.52 is a cent more.
    const refusal = refusalOf(() => priced(4348));
    expect(refusal).toMatchObject({ code: "MIN_ORDER_TOTAL", status: 400, details: { minimum: 50, total: 50 } });
    expect(priced(4349).total).toBe(MINIMUM_TOTAL + 1);
  });
});

describe("prices", () => {
  it("exclude VAT, which is 15 %", () => {
    expect(PRICES_INCLUDE_VAT).toBe(false);
    expect(VAT_RATE).toBe(1500);
  });
});

const lines = fc.array(
  fc.record({
    unitPrice: fc.integer({ min: 1, max: 2_000_000 }),
    quantity: fc.integer({ min: 1, max: 99 }),
    rate: fc.integer({ min: 0, max: 10_000 }),
  }),
  { minLength: 1, maxLength: 50 },
);

describe("whatever is ordered,", () => {
  it("the totals add up", () => {
    fc.assert(
      fc.property(lines, (ordered) => {
        const items = ordered.map(({ unitPrice, quantity, rate }) => lineAmounts(unitPrice, quantity, rate));
        const totals = totalsOf(items);
        expect(totals.subtotal).toBe(items.reduce((total, line) => total + line.subtotal, 0));
        expect(totals.subtotal + totals.discount).toBe(items.reduce((total, line) => total + line.gross, 0));
        expect(totals.total).toBe(totals.subtotal + totals.tax);
        for (const amount of [totals.subtotal, totals.discount, totals.tax, totals.total]) expect(Number.isSafeInteger(amount)).toBe(true);
      }),
    );
  });

  it("a discount never exceeds the gross amount nor goes below nothing", () => {
    fc.assert(
      fc.property(lines, (ordered) => {
        for (const { unitPrice, quantity, rate } of ordered) {
          const { gross, discount, subtotal } = lineAmounts(unitPrice, quantity, rate);
          expect(gross).toBe(unitPrice * quantity);
          expect(discount).toBeGreaterThanOrEqual(0);
          expect(discount).toBeLessThanOrEqual(gross);
          expect(subtotal).toBe(gross - discount);
        }
      }),
    );
  });

  it("the tax is 15 % of the subtotal, rounded half up once for the whole order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (subtotal) => {
        expect(totalsOf([{ subtotal, discount: 0 }]).tax).toBe(Math.floor((subtotal * 15 + 50) / 100));
      }),
    );
  });
});

describe("a campaign", () => {
  const order = (changes: Partial<Campaign>, now = NOW) =>
    price([{ productId: "P", quantity: 1 }], { products: [product(150_000)], campaign: campaign(changes), campaignCode: "TWENTY" }, now);

  it("is kept with the order as it was, without its state", () => {
    const { campaign: snapshot } = order({ description: "For November", termsConditionsLink: "https://kimmyai.io/terms" });
    expect(snapshot).toEqual({
      code: "TWENTY",
      name: "Twenty off",
      description: "For November",
      termsConditionsLink: "https://kimmyai.io/terms",
      discountPercentage: 20,
      productId: "P",
      fromDate: "2026-11-01",
      toDate: "2026-11-30",
    });
  });

  it("discounts its own product only", () => {
    const result = price(
      [
        { productId: "P", quantity: 1 },
        { productId: "Q", quantity: 1 },
      ],
      { products: [product(150_000), product(50_000, { productId: "Q" })], campaign: campaign(), campaignCode: "TWENTY" },
      NOW,
    );
    expect(result.items.map((line) => line.discount)).toEqual([30_000, 0]);
  });

  it("may take a fraction of a percent", () => {
    expect(order({ discountPercentage: 12.5 }).discount).toBe(18_750);
  });

  it.each([
    ["the first moment of its first day in South Africa", "2026-10-31T22:00:00.000Z"],
    ["the last moment of its last day in South Africa", "2026-11-30T21:59:59.999Z"],
  ])("applies in %s", (_, at) => {
    expect(order({}, new Date(at)).discount).toBe(30_000);
  });

  it.each([
    ["a moment before its first day in South Africa", {}, "2026-10-31T21:59:59.999Z"],
    ["a moment after its last day in South Africa", {}, "2026-11-30T22:00:00.000Z"],
    ["when it is not active", { active: false }, NOW.toISOString()],
    ["when no line has its product", { productId: "OTHER" }, NOW.toISOString()],
  ] as [string, Partial<Campaign>, string][])("is refused %s", (_, changes, at) => {
    const refusal = refusalOf(() => order(changes, new Date(at)));
    expect(refusal).toMatchObject({ code: "CAMPAIGN_INVALID", status: 400, details: { campaignCode: "TWENTY" } });
  });

  it("that does not exist is refused", () => {
    const found = { products: [product(150_000)], campaign: undefined, campaignCode: "NOPE" };
    expect(refusalOf(() => price([{ productId: "P", quantity: 1 }], found, NOW)).code).toBe("CAMPAIGN_INVALID");
  });

  it("that nobody asked for changes nothing", () => {
    const found = { products: [product(150_000)], campaign: campaign(), campaignCode: undefined };
    const result = price([{ productId: "P", quantity: 1 }], found, NOW);
    expect(result.discount).toBe(0);
    expect(result).not.toHaveProperty("campaign");
  });
});

describe("a product", () => {
  const order = (found: Product | undefined) =>
    refusalOf(() =>
      price(
        [
          { productId: "Q", quantity: 1 },
          { productId: "P", quantity: 1 },
        ],
        { products: [product(10_000, { productId: "Q" }), found], campaign: undefined, campaignCode: undefined },
        NOW,
      ),
    );

  it("that is unknown is refused, naming its line", () => {
    expect(order(undefined)).toMatchObject({
      code: "PRODUCT_NOT_FOUND",
      status: 400,
      details: { field: "items[1].productId", productId: "P" },
    });
  });

  it.each([
    ["has no price", product(0)],
    ["is not sold any more", product(10_000, { active: false })],
  ])("that %s cannot be ordered", (_, found) => {
    expect(order(found)).toMatchObject({ code: "PRODUCT_NOT_ORDERABLE", status: 400, details: { field: "items[1].productId" } });
  });
});

describe("the seed catalogue", () => {
  const seed = staticCatalogue();

  it.each([
    ["PROD-001", 95],
    ["PROD-002", 1500],
    ["PROD-003", 5000],
    ["PROD-004", 15_000],
    ["PROD-005", 0],
  ])("sells %s for R%i", async (productId, rand) => {
    expect((await seed.product(productId))?.price).toBe(rand * 100);
  });

  it("prices PROD-002 in the summer campaign at R1 380.00", async () => {
    const requested = [{ productId: "PROD-002", quantity: 1 }];
    const found = await lookUp(seed, requested, "SUMMER2025");
    expect(price(requested, { ...found, campaignCode: "SUMMER2025" }, NOW)).toMatchObject({
      subtotal: 120_000,
      discount: 30_000,
      tax: 18_000,
      total: 138_000,
    });
  });

  it("does not let the winter campaign of 2024 go on", async () => {
    const requested = [{ productId: "PROD-002", quantity: 1 }];
    const found = await lookUp(seed, requested, "WINTER2024");
    expect(refusalOf(() => price(requested, { ...found, campaignCode: "WINTER2024" }, NOW)).code).toBe("CAMPAIGN_INVALID");
  });

  it("is asked for no campaign when the customer names none", async () => {
    const asked: string[] = [];
    const watching = { product: seed.product, campaign: async (code: string) => void asked.push(code) };
    expect(await lookUp(watching, [{ productId: "PROD-001", quantity: 1 }], undefined)).toMatchObject({ campaign: undefined });
    expect(asked).toEqual([]);
  });
});
