/** The one table; in the standby stage a reference to its replica. */
import { dataStageName, ownsData, stage } from "./context.ts";
import { table as settings } from "./settings.ts";

const name = settings.physical(dataStageName);
const indexes = Object.values(settings.indexes);
const keys = [settings.partitionKey, settings.sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];

export const ordersTable = ownsData ? create() : sst.aws.Dynamo.get(settings.component, name);

function create() {
  return new sst.aws.Dynamo(settings.component, {
    fields: Object.fromEntries(keys.map((key) => [key, "string" as const])),
    primaryIndex: { hashKey: settings.partitionKey, rangeKey: settings.sortKey },
    globalIndexes: Object.fromEntries(
      Object.entries(settings.indexes).map(([index, key]) => [index, { hashKey: key.partitionKey, rangeKey: key.sortKey }]),
    ),
    stream: "new-and-old-images",
    ttl: settings.timeToLive,
    deletionProtection: stage.protect,
    transform: {
      table: (args, opts) => {
        args.name = name;
        args.pointInTimeRecovery = { enabled: true };
        args.serverSideEncryption = { enabled: true };
        if (stage.recoveryRegion) args.replicas = [{ regionName: stage.recoveryRegion, pointInTimeRecovery: true, propagateTags: true }];
        opts.protect = stage.protect;
      },
    },
  });
}
