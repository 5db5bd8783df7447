/** Builds a function's artefact the way SST 3.19.3 builds it (pkg/runtime/node/build.go), knobs from `infra/settings.ts`. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { bundling, type FunctionName, functions } from "../../../infra/settings.ts";

export const repositoryRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** What an ES module lacks and bundled CommonJS code expects; the names are SST's. */
const BANNER = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
  "",
].join("\n");

/** Packages SST never bundles. */
const EXTERNAL = ["sharp", "pg-native"];

export type Bundle = {
  /** The module, `bundle.mjs`, exporting `handler`. */
  file: string;
  /** Size of the module in bytes, without its source map. */
  bytes: number;
  metafile: Metafile;
};

/**
 * Bundles one function into `{outDir}/{name}/bundle.mjs`.
 * @throws when the handler file is missing, does not build or does not export its handler
 */
export async function bundleFunction(name: FunctionName, outDir: string): Promise<Bundle> {
  const { entry, exported } = entryOf(name);
  const folder = join(outDir, name);
  const file = join(folder, "bundle.mjs");
  mkdirSync(folder, { recursive: true });
  const options = {
    entryPoints: [entry],
    outfile: file,
    absWorkingDir: repositoryRoot,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    mainFields: ["module", "main"],
    external: EXTERNAL,
    keepNames: true,
    metafile: true,
    logLevel: "silent",
    banner: { js: BANNER },
    minify: bundling.minify,
    sourcemap: bundling.sourcemap && "linked",
    define: bundling.define,
  } satisfies BuildOptions;
  const { metafile } = await build(options);
  const exports = Object.values(metafile.outputs).flatMap((output) => output.exports);
  if (!exports.includes(exported)) throw new Error(`${entry} does not export "${exported}"`);
  return { file, bytes: statSync(file).size, metafile };
}

function entryOf(name: FunctionName): { entry: string; exported: string } {
  const { handler } = functions[name];
  const dot = handler.lastIndexOf(".");
  const base = join(repositoryRoot, handler.slice(0, dot));
  const entry = [".ts", ".tsx"].map((extension) => base + extension).find((candidate) => existsSync(candidate));
  if (!entry) throw new Error(`handler of ${name} not found: ${handler}`);
  return { entry, exported: handler.slice(dot + 1) };
}
