/** The two buckets; in the standby stage references to their replicas. */
import { bucketStage, ownsData, personal, stage, stageName } from "./context.ts";
import { buckets as settings } from "./settings.ts";

/** A document that was overwritten or deleted by mistake can be brought back for this long. */
const noncurrentDocumentDays = Math.min(90, stage.documentRetentionDays);

/** A template set can be rolled back to the manifest of a year ago. */
const noncurrentTemplateDays = 365;

type BucketArgs = NonNullable<ConstructorParameters<typeof sst.aws.Bucket>[1]>;
type BucketOptions = ConstructorParameters<typeof sst.aws.Bucket>[2];

/** Orders' PDFs: kept as long as the law asks, readable by the portal through presigned links. */
export function createDocumentsBucket(component: string, name: $util.Input<string>, opts?: BucketOptions) {
  return createBucket(
    component,
    name,
    {
      cors: {
        allowOrigins: stage.corsOrigins,
        allowMethods: ["GET"],
        allowHeaders: ["range"],
        exposeHeaders: ["Content-Disposition"],
        maxAge: "1 hour",
      },
      lifecycle: [{ id: "retention", expiresIn: `${stage.documentRetentionDays} days` }],
    },
    noncurrentDocumentDays,
    opts,
  );
}

/** Published mail templates. The manifest that names the current set is versioned, the sets themselves never change. */
export function createTemplatesBucket(component: string, name: $util.Input<string>, opts?: BucketOptions) {
  return createBucket(component, name, { cors: false, lifecycle: [{ id: "retention" }] }, noncurrentTemplateDays, opts);
}

function createBucket(component: string, name: $util.Input<string>, args: BucketArgs, noncurrentDays: number, opts?: BucketOptions) {
  return new sst.aws.Bucket(
    component,
    {
      ...args,
      enforceHttps: true,
      versioning: true,
      transform: {
        bucket: (bucket) => {
          bucket.bucket = name;
          // SST empties a bucket on removal; only a developer's own may go that way.
          bucket.forceDestroy = personal;
        },
        lifecycle: (lifecycle) => {
          lifecycle.rules = $output(lifecycle.rules).apply((rules) =>
            (rules ?? []).map((rule) => ({
              ...rule,
              filter: { prefix: "" },
              noncurrentVersionExpiration: { noncurrentDays },
              abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
            })),
          );
        },
      },
    },
    opts,
  );
}

export const buckets = ownsData
  ? {
      DocumentsBucket: createDocumentsBucket("DocumentsBucket", bucketStage.apply(settings.DocumentsBucket.physical)),
      TemplatesBucket: createTemplatesBucket("TemplatesBucket", bucketStage.apply(settings.TemplatesBucket.physical)),
    }
  : {
      DocumentsBucket: sst.aws.Bucket.get("DocumentsBucket", settings.DocumentsBucket.physical(stageName)),
      TemplatesBucket: sst.aws.Bucket.get("TemplatesBucket", settings.TemplatesBucket.physical(stageName)),
    };
