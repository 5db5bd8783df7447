/** What every function has, and how SST's defaults are narrowed. */
import { permissionsBoundaryOf } from "./app.ts";
import { stage, stageName } from "./context.ts";

const logRetention = { 7: "1 week", 30: "1 month", 90: "3 months" } as const;

export const retention = logRetention[stage.logRetentionDays];

export function setDefaults() {
  narrowLinks();
  $transform(aws.iam.Role, (args) => {
    args.permissionsBoundary = permissionsBoundaryOf(stageName);
  });
  $transform(sst.aws.Function, (args) => {
    args.runtime ??= "nodejs22.x";
    args.architecture ??= "arm64";
    args.logging ??= { format: "json", retention };
    const before = args.transform?.role;
    args.transform = {
      ...args.transform,
      role: (role, opts, name) => {
        if (typeof before === "function") before(role, opts, name);
        // `sst dev` assumes the role from the developer's machine; a deployed role is Lambda's alone. SST 3.19.3 adds the
        // account's root to every role, because it negates an Output.
        if (!$dev) role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
        // The managed policy grants every log group of the account; permissions.ts grants the function's own.
        role.managedPolicyArns = [];
      },
    };
  });
}

/** A link carries the name or URL only: SST would add `dynamodb:*`, `sqs:*` and `s3:*`. Access is granted by permissions.ts. */
function narrowLinks() {
  sst.Linkable.wrap(sst.aws.Dynamo, (table) => ({ properties: { name: table.name } }));
  sst.Linkable.wrap(sst.aws.Queue, (queue) => ({ properties: { url: queue.url } }));
  sst.Linkable.wrap(sst.aws.Bucket, (bucket) => ({ properties: { name: bucket.name } }));
}
