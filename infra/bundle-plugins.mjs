/**
 * What built functions contain instead of what they never call: SST, the one-machine stack, the bundle tests and the
 * benchmark all build with this. Why each, and what it saves: docs/decisions/0016-small-bundles.md.
 */
import { fileURLToPath } from "node:url";

/** Replaced package -> its stand-in in `packages/functions/src/runtime/stubs`. */
export const standIns = {
  "@aws-sdk/credential-provider-node": "credentials.ts",
  "@aws-sdk/middleware-endpoint-discovery": "endpoint-discovery.ts",
  "@smithy/core/event-streams": "event-streams.ts",
};

const folder = new URL("../packages/functions/src/runtime/stubs/", import.meta.url);
const files = new Map(Object.entries(standIns).map(([replaced, file]) => [replaced, fileURLToPath(new URL(file, folder))]));

/** SST 3.19.3 matches filters against nothing, so only `.*` is ever asked: the choice is made inside. */
const replace = {
  name: "stand-ins",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path }) => {
      const file = files.get(path);
      return file && { path: file };
    });
  },
};

// biome-ignore lint/style/noDefaultExport: SST asks for one
export default [replace];
