import type { Cents } from "../money.ts";
import type { CampaignSnapshot } from "../order/order.ts";

/** A product as the catalogue sells it. */
export type Product = {
  productId: string;
  name: string;
  description?: string;
  /** Cents, excluding VAT; 0 = price on application, not orderable. */
  price: Cents;
  active: boolean;
};

/** A campaign as the campaign service knows it, active or not. */
export type Campaign = CampaignSnapshot & { active: boolean };

/** Port to the product and campaign services. */
export type Catalogue = {
  /** @throws OrderError UPSTREAM_UNAVAILABLE when the service does not answer in time. */
  product(productId: string): Promise<Product | undefined>;
  /** @throws OrderError UPSTREAM_UNAVAILABLE when the service does not answer in time. */
  campaign(code: string): Promise<Campaign | undefined>;
};
