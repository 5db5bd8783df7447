import { SESv2Client } from "@aws-sdk/client-sesv2";
import { patientOnce, watched } from "./aws.ts";
import { environment } from "./config.ts";

const { SES_ENDPOINT } = environment("SES_ENDPOINT");

/** No retry inside the SDK: SendEmail has no idempotency token, and an answer that was lost may be a mail that was sent. */
export const ses = watched(
  "ses",
  new SESv2Client({
    ...(SES_ENDPOINT && { endpoint: SES_ENDPOINT }),
    ...patientOnce,
  }),
);
