/** What an order would cost, by the domain's own pricing: the page shows a price before it asks for the order. */
import { staticCatalogue } from "@bbws/core/catalogue/static-catalogue.ts";
import { type TotalRow, totalRows } from "@bbws/core/document/totals.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { lookUp, price } from "@bbws/core/order/pricing.ts";
import * as v from "valibot";

/** How the amounts add up, as on documents and in mails; or why there is no price. */
export type Quote = { totals: TotalRow[] } | { refusal: string };

const QuoteQuery = v.object({
  productId: v.string(),
  quantity: v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1), v.maxValue(99)),
  campaignCode: v.optional(v.string()),
});

const catalogue = staticCatalogue();

/** @returns undefined when the query is not a question for a price */
export async function quote(query: URLSearchParams, now: Date): Promise<Quote | undefined> {
  const asked = v.safeParse(QuoteQuery, Object.fromEntries(query));
  if (!asked.success) return undefined;
  const { productId, quantity, campaignCode } = asked.output;
  const items = [{ productId, quantity }];
  try {
    return { totals: totalRows(price(items, { ...(await lookUp(catalogue, items, campaignCode)), campaignCode }, now)) };
  } catch (error) {
    if (error instanceof OrderError) return { refusal: error.message };
    throw error;
  }
}
