import * as v from "valibot";
import type { Clock } from "../clock.ts";
import { OrderError } from "../errors.ts";
import { fromRand } from "../money.ts";
import { backoffMs, sleep } from "../retry.ts";
import type { Campaign, Catalogue, Product } from "./catalogue.ts";

/** The product and campaign services over HTTP (samples of 2026: `GET /v1.0/products/{id}`, `GET /v1.0/campaigns/{code}`). */

export type HttpCatalogueOptions = {
  productsUrl: string;
  campaignsUrl: string;
  clock: Clock;
  fetch?: typeof fetch;
  /** Longest wait for one look-up, all attempts together, in ms. */
  budgetMs?: number;
  /** How long an answer is good, in ms. */
  cacheMs?: number;
};

const ATTEMPTS = 3;
const CACHE_ENTRIES = 1_000;

/** Rand as the service states them, as cents. */
const Price = v.pipe(
  v.number(),
  v.minValue(0),
  v.check((rand) => fromRand(rand) !== undefined),
  v.transform((rand) => fromRand(rand)!),
);

const ProductAnswer = v.object({
  product: v.object({ productId: v.string(), name: v.string(), description: v.nullish(v.string()), price: Price, active: v.boolean() }),
});

const date = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}/),
  v.transform((text) => text.slice(0, 10)),
);
const CampaignAnswer = v.object({
  campaign: v.object({
    code: v.string(),
    name: v.string(),
    description: v.nullish(v.string()),
    productId: v.string(),
    discountPercent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
    termsAndConditions: v.nullish(v.string()),
    termsConditionsLink: v.nullish(v.string()),
    status: v.string(),
    fromDate: date,
    toDate: date,
  }),
});

/**
 * Products and campaigns from their services: 2 s in all, two repeats with jitter, answers kept for a minute.
 * A service that does not answer is UPSTREAM_UNAVAILABLE, unless an older answer can stand in: a price that was
 * right a few minutes ago is better than no shop, and `totalAmount` still guards the customer.
 */
export function httpCatalogue(options: HttpCatalogueOptions): Catalogue {
  const products = lookup(options, options.productsUrl, "products", (body): Product => {
    const { product } = v.parse(ProductAnswer, body);
    return { ...product, description: product.description ?? undefined };
  });
  const campaigns = lookup(options, options.campaignsUrl, "campaigns", (body): Campaign => {
    const { campaign } = v.parse(CampaignAnswer, body);
    const { status, discountPercent, termsAndConditions: _, description, termsConditionsLink, ...rest } = campaign;
    return {
      ...rest,
      ...(description && { description }),
      ...(termsConditionsLink && { termsConditionsLink }),
      discountPercentage: discountPercent,
      active: status.toUpperCase() === "ACTIVE",
    };
  });
  return { product: products, campaign: campaigns };
}

/** How long an old answer may stand in for a service that is down, in ms. */
const STALE_MS = 15 * 60_000;

function lookup<Found>(options: HttpCatalogueOptions, baseUrl: string, path: string, read: (body: unknown) => Found) {
  const { clock, budgetMs = 2_000, cacheMs = 60_000 } = options;
  const cache = new Map<string, { found: Found | undefined; at: number }>();
  return async (id: string): Promise<Found | undefined> => {
    const kept = cache.get(id);
    if (kept && clock().getTime() - kept.at < cacheMs) return kept.found;
    try {
      const found = await ask(`${baseUrl.replace(/\/$/, "")}/v1.0/${path}/${encodeURIComponent(id)}`, read, { ...options, budgetMs });
      if (cache.size >= CACHE_ENTRIES) cache.delete(cache.keys().next().value!);
      cache.delete(id);
      cache.set(id, { found, at: clock().getTime() });
      return found;
    } catch (cause) {
      if (kept?.found && clock().getTime() - kept.at < STALE_MS) return kept.found;
      throw new OrderError("UPSTREAM_UNAVAILABLE", "Prices are not available at the moment; please repeat the request", {
        retryAfterSeconds: 5,
        cause,
      });
    }
  };
}

async function ask<Found>(
  url: string,
  read: (body: unknown) => Found,
  { budgetMs, fetch: send = fetch }: { budgetMs: number; fetch?: typeof fetch },
): Promise<Found | undefined> {
  const deadline = AbortSignal.timeout(budgetMs);
  const end = performance.now() + budgetMs;
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await send(url, { signal: deadline, headers: { accept: "application/json" } });
      if (answer.status === 404) return undefined;
      if (answer.ok) return read(await answer.json());
      if (answer.status < 500 && answer.status !== 429) throw new GivenUp(`the catalogue answered ${answer.status}`);
      throw new Error(`the catalogue answered ${answer.status}`);
    } catch (error) {
      if (attempt >= ATTEMPTS || deadline.aborted || error instanceof GivenUp || error instanceof v.ValiError) throw error;
    }
    await sleep(Math.min(backoffMs(attempt, { baseMs: 50, capMs: 400 }), Math.max(0, end - performance.now())));
  }
}

/** An answer that repeating the question will not change. */
class GivenUp extends Error {}
