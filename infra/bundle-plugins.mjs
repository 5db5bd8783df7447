/**
 * What built functions contain instead of what they never call: SST, the one-machine stack, the bundle tests and the
 * benchmark all build with this. Why each, and what it saves: docs/decisions/0016-small-bundles.md.
 */
import { readFile } from "node:fs/promises";
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

/** Errors that need their class: the SDK repeats a call for the first, and finds the second by the older name SQS tells. */
export const errorsKept = ["ReplicatedWriteConflictException", "QueueDoesNotExist"];

/**
 * A client lists a class for each error its service knows: a quarter of it. One that is not listed arrives as the service's
 * base class with the name the service told, the same message, status and details; nothing here asks for classes, and the
 * SDK knows what to repeat by name or status.
 */
export function withFewErrors(source) {
  return source.replace(/^n0_registry\.registerError\((\w+)\$, \w+\);$/gm, (line, name) => (errorsKept.includes(name) ? line : ""));
}

/** The endpoints' table of the world's regions, by partition. Stages lie in the common one, whose regions differ in nothing. */
export function withOnePartition(source) {
  const [, table] = /^export const partitionsInfo = (\{.*\});\s*$/s.exec(source);
  const { partitions, ...rest } = JSON.parse(table);
  const common = partitions.find(({ id }) => id === "aws");
  return `export const partitionsInfo = ${JSON.stringify({ ...rest, partitions: [{ ...common, regions: {} }] })};`;
}

/** Exports that say who they are when they are called after all. */
export function withoutBodies(source) {
  return [...source.matchAll(/^export (?:class|const|(?:async )?function) (\w+)/gm)]
    .map(
      ([, name]) =>
        `export function ${name}() { throw new Error("${name} is left out of built functions, see infra/bundle-plugins.mjs"); }`,
    )
    .join("\n");
}

const pack = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).toString("base64");

/** A module that unpacks what was packed: large JSON is mostly text, and rarely read. */
export function packed(json) {
  return `import { brotliDecompressSync } from "node:zlib";
export default JSON.parse(brotliDecompressSync(Buffer.from("${pack(Buffer.from(JSON.stringify(JSON.parse(json))))}", "base64")).toString());`;
}

/** Large tables and programs that a module carries as a text, the latter in base64. */
export function withPackedTexts(source) {
  const texts = /"((?:[^"\\]|\\.)+)"/g;
  const line = (long) =>
    long.replace(texts, (literal, text) => {
      if (literal.length < LARGE) return literal;
      const [, head, base64] = /^(data:[\w/-]+;base64,)?([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
      return base64
        ? `${JSON.stringify(head ?? "")}+__unpacked("${pack(Buffer.from(base64, "base64"))}").toString("base64")`
        : `__unpacked("${pack(Buffer.from(JSON.parse(literal)))}").toString()`;
    });
  const lines = source.split("\n").map((each) => (each.length < LARGE ? each : line(each)));
  return `import { brotliDecompressSync as __brotli } from "node:zlib";
const __unpacked = (packed) => __brotli(Buffer.from(packed, "base64"));
${lines.join("\n")}`;
}

/** Texts from which it is worth unpacking, in bytes. */
const LARGE = 16_384;

/** Settings in ~/.aws: a function has none, and a developer's must not change what runs on his machine. */
const withoutSharedFiles = () => `const none = Object.assign(new Error("not in the environment"), { tryNextLink: true });
export const fromSharedConfigFiles = () => () => Promise.reject(none);`;

/** Node's own inflate in the place of one in JavaScript, which reads the tables of Unicode three times as slowly. */
export const withNodesInflate = () => `const { inflateRawSync } = require("node:zlib");
module.exports = (source, target) => {
  const bytes = inflateRawSync(source);
  target.set(bytes);
  return bytes.length < target.length ? target.subarray(0, bytes.length) : target;
};
`;

/** Its program lies in the text: asking `fetch` for it would load all of Node's fetch, twenty milliseconds of a start. */
const withoutFetch = (source) => source.replaceAll(/"function"\s*!=\s*typeof fetch/g, "true");

/** Which files are rewritten, and how; the first that fits. */
const rewrites = [
  [/@aws-sdk\/client-(dynamodb|sqs|sesv2)\/dist-es\/schemas\/schemas_\d+\.js$/, (source) => withFewErrors(withPlainNames(source))],
  [/@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_\d+\.js$/, withPlainNames],
  // A client reads nothing but its version there.
  [/@aws-sdk\/client-[\w-]+\/package\.json$/, (source) => `export default ${JSON.stringify({ version: JSON.parse(source).version })};`],
  [/@aws-sdk\/core\/dist-es\/.*\/aws\/partitions\.js$/, withOnePartition],
  [/@smithy\/core\/dist-es\/.*\/fromSharedConfigFiles\.js$/, withoutSharedFiles],
  // For a Node without OpenSSL.
  [/@(smithy\/core|aws-sdk\/checksums)\/dist-es\/.*\/(Sha1|Sha256|Md5)Js\.js$/, withoutBodies],
  // For retryMode "adaptive".
  [/@smithy\/core\/dist-es\/.*\/util-retry\/(DefaultRateLimiter|AdaptiveRetryStrategy)\.js$/, withoutBodies],
  // For defaultsMode "auto".
  [/@smithy\/core\/dist-es\/.*\/getInstanceMetadataRegion\.js$/, withoutBodies],
  // For the streams of browsers.
  [/@smithy\/core\/dist-es\/.*\/util-stream\/.*\.browser\.js$/, withoutBodies],
  [/fontkit\/dist\/module\.mjs$/, withPackedTexts],
  [/tiny-inflate\/index\.js$/, withNodesInflate],
  [/yoga-layout\/dist\/binaries\/[\w-]+\.js$/, (source) => withPackedTexts(withoutFetch(source))],
  [/\/packages\/(?!.*node_modules).*\.json$/, (source) => (source.length < LARGE ? undefined : packed(source))],
];

async function rewritten(path) {
  const file = path.replaceAll("\\", "/");
  const [, rewriteSource] = rewrites.find(([files]) => files.test(file)) ?? [];
  const contents = rewriteSource?.(await readFile(path, "utf8"));
  return contents === undefined ? undefined : { contents, loader: "js" };
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
