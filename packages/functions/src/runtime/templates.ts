import { GetObjectCommand } from "@aws-sdk/client-s3";
import { systemClock } from "@bbws/core/clock.ts";
import { templateStore } from "@bbws/core/mail/template-store.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { bucketName, environment } from "./config.ts";
import { errorFacts, logger } from "./logger.ts";
import { count } from "./metrics.ts";
import { s3 } from "./s3.ts";

const bucket = bucketName("TemplatesBucket");
const { TEMPLATE_CACHE_SECONDS } = environment("TEMPLATE_CACHE_SECONDS");

/** The stage's mail templates. */
export const templates = templateStore({
  source: {
    read: async (key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return JSON.parse(await Body!.transformToString());
    },
  },
  bundled: bundledTemplates,
  clock: systemClock,
  cacheMs: TEMPLATE_CACHE_SECONDS * 1000,
  onFallback: (error) => {
    count("TemplateFallback");
    logger.warn("templates not read, using the last known", errorFacts(error));
  },
});
