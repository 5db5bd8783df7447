import { SQSClient } from "@aws-sdk/client-sqs";
import { patient, watched } from "./aws.ts";
import { environment } from "./config.ts";

const { SQS_ENDPOINT } = environment("SQS_ENDPOINT");

/** The endpoint is passed in code: through the SDK's own variable it would go to the queue URL's host instead. */
export const sqs = watched("sqs", new SQSClient({ ...(SQS_ENDPOINT && { endpoint: SQS_ENDPOINT }), ...patient }));
