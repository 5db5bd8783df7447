/**
 * What built functions contain instead of what they never call: SST, the one-machine stack, the bundle tests and the
 * benchmark all build with this. Why each, and what it saves: docs/decisions/0016-small-bundles.md.
 */
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

/** Replaced package -> its stand-in in `packages/functions/src/runtime/stubs`. */
export const standIns = {
  "@aws-sdk/credential-provider-node": "credentials.ts",
  "@aws-sdk/middleware-endpoint-discovery": "endpoint-discovery.ts",
  "@smithy/core/event-streams": "event-streams.ts",
  electrodb: "electrodb.ts",
};

const folder = new URL("../packages/functions/src/runtime/stubs/", import.meta.url);
const files = new Map(Object.entries(standIns).map(([replaced, file]) => [replaced, fileURLToPath(new URL(file, folder))]));

/**
 * The REST clients of AWS write the traits of their shapes with computed names (`[_hQ]: …`). Evaluating a name might do
 * something, so a bundler keeps every shape of S3 and SES. The names are constants: written out, shapes nobody uses fall away.
 */
export function withPlainNames(source) {
  const values = new Map([...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]));
  return source.replace(/\[(_\w+)\]:/g, (computed, name) => (values.has(name) ? `${values.get(name)}:` : computed));
}

/** A module that unpacks what was packed: large JSON is mostly text, and rarely read. */
export function packed(json) {
  const bytes = brotliCompressSync(Buffer.from(JSON.stringify(JSON.parse(json))), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return `import { brotliDecompressSync } from "node:zlib";
export default JSON.parse(brotliDecompressSync(Buffer.from("${bytes.toString("base64")}", "base64")).toString());`;
}

/** JSON of our own from which it is worth unpacking, in bytes. */
const LARGE = 16_384;
const schemas = /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/;
const packageOfClient = /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/;
const ownJson = /[\\/]packages[\\/](?!.*node_modules).*\.json$/;

async function rewritten(path) {
  if (schemas.test(path)) return { contents: withPlainNames(await readFile(path, "utf8")), loader: "js" };
  // A client reads nothing but its version there.
  if (packageOfClient.test(path))
    return { contents: JSON.stringify({ version: JSON.parse(await readFile(path, "utf8")).version }), loader: "json" };
  if (ownJson.test(path) && (await stat(path)).size >= LARGE) return { contents: packed(await readFile(path, "utf8")), loader: "js" };
  return undefined;
}

/** SST 3.19.3 matches filters against nothing, so only `.*` is ever asked: the choice is made inside. */
const rewrite = {
  name: "rewrite",
  setup(build) {
    build.onLoad({ filter: /.*/ }, ({ path }) => rewritten(path));
  },
};

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
export default [replace, rewrite];
