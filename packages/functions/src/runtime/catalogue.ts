import type { Catalogue } from "@bbws/core/catalogue/catalogue.ts";
import { httpCatalogue } from "@bbws/core/catalogue/http-catalogue.ts";
import { staticCatalogue } from "@bbws/core/catalogue/static-catalogue.ts";
import { systemClock } from "@bbws/core/clock.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { environment } from "./config.ts";
import { probed } from "./probe.ts";

const { CATALOGUE_URL, CAMPAIGN_URL } = environment("CATALOGUE_URL", "CAMPAIGN_URL");

const source: Catalogue = CATALOGUE_URL
  ? httpCatalogue({ productsUrl: CATALOGUE_URL, campaignsUrl: CAMPAIGN_URL || CATALOGUE_URL, clock: systemClock })
  : staticCatalogue();

const unavailable = (cause: unknown) =>
  cause instanceof OrderError
    ? cause
    : new OrderError("UPSTREAM_UNAVAILABLE", "Prices are not available at the moment; please repeat the request", {
        retryAfterSeconds: 5,
        cause,
      });

const asked = async <Result>(action: string, input: string, run: () => Promise<Result>): Promise<Result> => {
  try {
    return await probed({ service: "catalogue", action, input }, run);
  } catch (cause) {
    throw unavailable(cause);
  }
};

/** The stage's catalogue. */
export const catalogue: Catalogue = {
  product: (productId) => asked("GetProduct", productId, () => source.product(productId)),
  campaign: (code) => asked("GetCampaign", code, () => source.campaign(code)),
};
