import { S3Client } from "@aws-sdk/client-s3";
import { patient, watched } from "./aws.ts";
import { environment } from "./config.ts";

const { S3_ENDPOINT } = environment("S3_ENDPOINT");

export const s3 = watched("s3", new S3Client({ ...(S3_ENDPOINT && { endpoint: S3_ENDPOINT, forcePathStyle: true }), ...patient }));
