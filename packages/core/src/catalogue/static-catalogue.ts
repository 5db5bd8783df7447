import type { Campaign, Catalogue, Product } from "./catalogue.ts";
import seed from "./seed.json" with { type: "json" };

/** The catalogue as a file: the seed products and campaigns, or any list of the same shape. */
export function staticCatalogue(source: { products: Product[]; campaigns: Campaign[] } = seed): Catalogue {
  const products = new Map(source.products.map((product) => [product.productId, product]));
  const campaigns = new Map(source.campaigns.map((campaign) => [campaign.code, campaign]));
  return {
    product: async (productId) => products.get(productId),
    campaign: async (code) => campaigns.get(code),
  };
}
