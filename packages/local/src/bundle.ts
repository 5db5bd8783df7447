/** Builds a function's artefact the way SST 3.19.3 builds it (pkg/runtime/node/build.go), knobs from `infra/settings.ts`. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, version as esbuildVersion, type Metafile, type Plugin, stop } from "esbuild";
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

/** By path, as SST loads them. */
const { default: plugins } = (await import(new URL(bundling.plugins, new URL("../../../", import.meta.url)).href)) as { default: Plugin[] };

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
 * Bundles one function into `{outDir}/{name}/bundle.mjs`. A bundle whose sources have not changed since is taken as it is.
 * @throws when the handler file is missing, does not build or does not export its handler
 */
export async function bundleFunction(name: FunctionName, outDir: string): Promise<Bundle> {
  const { entry, exported } = entryOf(name);
  const bundle = await bundleModule(entry, join(outDir, name));
  const exports = Object.values(bundle.metafile.outputs).flatMap((output) => output.exports);
  if (!exports.includes(exported)) throw new Error(`${entry} does not export "${exported}"`);
  return bundle;
}

/** Bundles any module into `{folder}/bundle.mjs` the way a function is bundled. Unchanged sources are not built again. */
export async function bundleModule(entry: string, folder: string): Promise<Bundle> {
  const file = join(folder, "bundle.mjs");
  const options = buildOptions(entry, file);
  const metafile = readFresh(folder, options) ?? (await buildInto(folder, options));
  return { file, bytes: statSync(file).size, metafile };
}

/**
 * The module every execution environment starts with. Built, because stripping its types would cost each environment more
 * than the function's own start.
 * @returns its file
 */
export async function bundleWorker(outDir: string): Promise<string> {
  const folder = join(outDir, "worker");
  const options = buildOptions(fileURLToPath(new URL("./lambda/worker.ts", import.meta.url)), join(folder, "worker.mjs"));
  if (!readFresh(folder, options)) await buildInto(folder, options);
  return options.outfile;
}

/**
 * Ends the builder's process, which otherwise keeps some 600 MB of the ten bundles for minutes; the next build starts it
 * again. Only for a process whose builds are all done: one under way fails.
 */
export const releaseBuilder = (): Promise<void> => stop();

function buildOptions(entry: string, outfile: string) {
  return {
    entryPoints: [entry],
    outfile,
    absWorkingDir: repositoryRoot,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    mainFields: ["module", "main"],
    external: EXTERNAL,
    keepNames: bundling.keepNames,
    metafile: true,
    logLevel: "silent",
    banner: { js: BANNER },
    minify: bundling.minify,
    sourcemap: bundling.sourcemap && "linked",
    define: bundling.define,
    plugins,
  } satisfies BuildOptions;
}

async function buildInto(folder: string, options: ReturnType<typeof buildOptions>): Promise<Metafile> {
  const startedAt = Date.now();
  const { outputFiles, metafile } = await build({ ...options, write: false });
  mkdirSync(folder, { recursive: true });
  // Renamed into place: another stack may be reading the old one.
  for (const { path, contents } of outputFiles) replace(path, contents);
  replace(join(folder, RECORD), JSON.stringify({ startedAt, recipe: recipeOf(options), metafile } satisfies BuildRecord));
  return metafile;
}

const RECORD = "build.json";
type BuildRecord = { startedAt: number; recipe: string; metafile: Metafile };

/** What was built, if its recipe is today's and none of its own sources is younger. */
function readFresh(folder: string, options: ReturnType<typeof buildOptions>): Metafile | undefined {
  try {
    const { startedAt, recipe, metafile } = JSON.parse(readFileSync(join(folder, RECORD), "utf8")) as BuildRecord;
    if (recipe !== recipeOf(options) || !existsSync(options.outfile)) return undefined;
    const stale = Object.keys(metafile.inputs).some((input) => statSync(join(repositoryRoot, input)).mtimeMs >= startedAt);
    return stale ? undefined : metafile;
  } catch {
    return undefined;
  }
}

/** Options with their plugins, esbuild and everything installed. */
function recipeOf(options: object): string {
  const recipe = createHash("sha256").update(JSON.stringify(options)).update(esbuildVersion);
  for (const file of [bundling.plugins, "package-lock.json"]) recipe.update(readFileSync(join(repositoryRoot, file)));
  return recipe.digest("hex");
}

function replace(file: string, contents: string | Uint8Array) {
  const next = `${file}.${process.pid}.${randomUUID()}`;
  writeFileSync(next, contents);
  renameSync(next, file);
}

function entryOf(name: FunctionName): { entry: string; exported: string } {
  const { handler } = functions[name];
  const dot = handler.lastIndexOf(".");
  const base = join(repositoryRoot, handler.slice(0, dot));
  const entry = [".ts", ".tsx"].map((extension) => base + extension).find((candidate) => existsSync(candidate));
  if (!entry) throw new Error(`handler of ${name} not found: ${handler}`);
  return { entry, exported: handler.slice(dot + 1) };
}
