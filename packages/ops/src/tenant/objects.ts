import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectIdentifier,
} from "@aws-sdk/client-s3";
import { OpsError } from "../exit-code.ts";
import type { Bucket } from "../target/target.ts";

/** Objects S3 deletes in one call. */
const BATCH = 1000;

/** Everything under a prefix, every version of it and delete markers too. */
export async function objectsUnder(bucket: Bucket, prefix: string): Promise<ObjectIdentifier[]> {
  return bucket.versioned ? versions(bucket, prefix) : objects(bucket, prefix);
}

/** Deletes for good. @throws OpsError when S3 refused one: doing it again goes on where it stopped. */
export async function deleteObjects({ s3, name }: Bucket, found: readonly ObjectIdentifier[]): Promise<void> {
  for (let i = 0; i < found.length; i += BATCH) {
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: name, Delete: { Objects: found.slice(i, i + BATCH), Quiet: true } }),
    );
    if (Errors.length > 0) throw new OpsError(`${name} kept ${Errors.length} objects (${Errors[0]?.Code}): run it again`);
  }
}

async function versions({ s3, name }: Bucket, Prefix: string): Promise<ObjectIdentifier[]> {
  const found: ObjectIdentifier[] = [];
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (marker) {
    const page: ListObjectVersionsCommandOutput = await s3.send(new ListObjectVersionsCommand({ Bucket: name, Prefix, ...marker }));
    for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) found.push({ Key, VersionId });
    marker = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
  return found;
}

async function objects({ s3, name }: Bucket, Prefix: string): Promise<ObjectIdentifier[]> {
  const found: ObjectIdentifier[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: name, Prefix, ContinuationToken }));
    found.push(...(page.Contents ?? []).map(({ Key }) => ({ Key })));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return found;
}
