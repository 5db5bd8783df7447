import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { bucketName } from "./config.ts";
import { s3 } from "./s3.ts";

/** The documents bucket: written once per key, never over. */

const bucket = bucketName("DocumentsBucket");

/**
 * Puts a PDF unless its key is taken.
 * @returns `stored`, or the SHA-256 of what lies there already.
 */
export async function putIfAbsent(
  key: string,
  body: Uint8Array,
  { sha256, fileName }: { sha256: string; fileName: string },
): Promise<"stored" | { existing: string | undefined }> {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: "application/pdf",
        ContentDisposition: `inline; filename="${fileName}"`,
        Metadata: { sha256 },
        IfNoneMatch: "*",
      }),
    );
    return "stored";
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
  const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return { existing: Metadata?.sha256 };
}

/** The bytes of a stored PDF. @throws the S3 error when it is not there. */
export async function readDocument(key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body!.transformToByteArray();
}

/** S3 answers 412 when the key exists, 409 when another conditional write is under way. */
const isTaken = (error: unknown) =>
  error instanceof Error && (error.name === "PreconditionFailed" || error.name === "ConditionalRequestConflict");
