import type { Campaign, Catalogue, Product } from "../catalogue/catalogue.ts";
import { businessDate } from "../clock.ts";
import { OrderError } from "../errors.ts";
import { newItemId } from "../id.ts";
import { type BasisPoints, type Cents, formatRand, minus, share, sum, times, toRand } from "../money.ts";
import type { CampaignSnapshot, OrderItem } from "./order.ts";

/** Value-added tax: 15 % since 1 April 2018 (VAT Act 89 of 1991, s 7(1)). */
export const VAT_RATE: BasisPoints = 1500;
/** Catalogue prices exclude VAT; tax is added to the order's subtotal. */
export const PRICES_INCLUDE_VAT = false;
/** An order's total must exceed R50.00. */
export const MINIMUM_TOTAL: Cents = 5000;

export type Totals = { subtotal: Cents; discount: Cents; tax: Cents; total: Cents; taxRate: BasisPoints };
export type PricedItems = Totals & { items: OrderItem[]; campaign?: CampaignSnapshot };

/** What a customer asks for: a product and how many of it. */
export type RequestedItem = { productId: string; quantity: number };

/** Looks up what pricing needs, in parallel; each product once. */
export async function lookUp(catalogue: Catalogue, items: readonly RequestedItem[], campaignCode: string | undefined) {
  const [products, campaign] = await Promise.all([
    Promise.all(items.map((item) => catalogue.product(item.productId))),
    campaignCode ? catalogue.campaign(campaignCode) : undefined,
  ]);
  return { products, campaign };
}

/**
 * Prices the lines at catalogue prices. All amounts are cents; rounding is half up, once per line's discount and once
 * for the order's tax.
 * @throws OrderError PRODUCT_NOT_FOUND, PRODUCT_NOT_ORDERABLE, CAMPAIGN_INVALID or MIN_ORDER_TOTAL.
 */
export function price(
  requested: readonly RequestedItem[],
  found: { products: readonly (Product | undefined)[]; campaign: Campaign | undefined; campaignCode: string | undefined },
  now: Date,
): PricedItems {
  const lines = requested.map((item, i) => ({ item, product: orderable(found.products[i], item, i) }));
  const campaign = found.campaignCode ? applicable(found.campaign, found.campaignCode, requested, now) : undefined;
  const items = lines.map(({ item, product }) => priceLine(item, product, campaign));
  const totals = totalsOf(items);
  if (totals.total <= MINIMUM_TOTAL) {
    throw new OrderError("MIN_ORDER_TOTAL", `The order's total must exceed ${formatRand(MINIMUM_TOTAL)}`, {
      details: { minimum: toRand(MINIMUM_TOTAL), total: toRand(totals.total) },
    });
  }
  return { ...totals, items, ...(campaign && { campaign }) };
}

/** Gross, discount and subtotal of one line, in cents. */
export function lineAmounts(unitPrice: Cents, quantity: number, discountRate: BasisPoints) {
  const gross = times(unitPrice, quantity);
  const discount = share(gross, discountRate);
  return { gross, discount, subtotal: minus(gross, discount) };
}

/** Subtotal, tax and total of priced lines, in cents. */
export function totalsOf(items: readonly Pick<OrderItem, "subtotal" | "discount">[], taxRate: BasisPoints = VAT_RATE): Totals {
  const subtotal = sum(items.map((item) => item.subtotal));
  const tax = share(subtotal, taxRate);
  return { subtotal, discount: sum(items.map((item) => item.discount)), tax, total: sum([subtotal, tax]), taxRate };
}

function priceLine(item: RequestedItem, product: Product, campaign: CampaignSnapshot | undefined): OrderItem {
  const discountRate = campaign?.productId === product.productId ? Math.round(campaign.discountPercentage * 100) : 0;
  const { discount, subtotal } = lineAmounts(product.price, item.quantity, discountRate);
  return {
    id: newItemId(),
    productId: product.productId,
    productName: product.name,
    ...(product.description && { description: product.description }),
    quantity: item.quantity,
    unitPrice: product.price,
    discount,
    subtotal,
  };
}

function orderable(product: Product | undefined, item: RequestedItem, index: number): Product {
  const details = { field: `items[${index}].productId`, productId: item.productId };
  if (!product) throw new OrderError("PRODUCT_NOT_FOUND", `There is no product ${item.productId}`, { details });
  if (!product.active || product.price <= 0) {
    throw new OrderError("PRODUCT_NOT_ORDERABLE", `Product ${item.productId} cannot be ordered online`, { details });
  }
  return product;
}

function applicable(campaign: Campaign | undefined, code: string, items: readonly RequestedItem[], now: Date): CampaignSnapshot {
  const refuse = (why: string) =>
    new OrderError("CAMPAIGN_INVALID", `Campaign ${code} ${why}`, { details: { field: "campaignCode", campaignCode: code } });
  if (!campaign) throw refuse("does not exist");
  const { active, ...snapshot } = campaign;
  const today = businessDate(now);
  if (!active || today < campaign.fromDate || today > campaign.toDate) throw refuse("is not running today");
  if (!items.some((item) => item.productId === campaign.productId)) throw refuse("does not apply to any product of this order");
  return snapshot;
}
