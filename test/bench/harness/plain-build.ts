import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { BENCH_BUILD } from "./subject.ts";

/** pdfkit asks for its standard fonts by a `require` that no bundler sees; this one does, so that a bundle of one file has them. */
const standardFonts: Plugin = {
  name: "standard-fonts",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]pdfkit[\\/]js[\\/]pdfkit[.\w]*js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll("require$1('#standard-fonts/", "require('#standard-fonts/"),
    }));
  },
};

/**
 * Builds a baseline as anybody's SST app builds a function: minified, and without what this repository adds. A baseline
 * must not get faster with us.
 * @param sourceMaps as our functions are deployed; SST leaves them out unless it is told, and a start pays for reading them
 * @returns the bundle
 */
export async function buildBaseline(file: string, { sourceMaps = true } = {}): Promise<string> {
  const outfile = join(BENCH_BUILD, `${basename(file, ".ts")}${sourceMaps ? "" : "-without-map"}`, "bundle.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL(`../subjects/${file}`, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    mainFields: ["module", "main"],
    keepNames: true,
    minify: true,
    sourcemap: sourceMaps && "linked",
    logLevel: "silent",
    plugins: [standardFonts],
    banner: { js: "import { createRequire } from 'module';const require = createRequire(import.meta.url);" },
  });
  return outfile;
}
