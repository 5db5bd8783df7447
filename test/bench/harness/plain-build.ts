import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { BENCH_BUILD } from "./subject.ts";

/**
 * Builds a baseline as anybody's SST app builds a function: minified, with a source map, and without what this
 * repository adds. A baseline must not get faster with us.
 * @returns the bundle
 */
export async function buildBaseline(file: string): Promise<string> {
  const outfile = join(BENCH_BUILD, basename(file, ".ts"), "bundle.mjs");
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
    sourcemap: "linked",
    logLevel: "silent",
    banner: { js: "import { createRequire } from 'module';const require = createRequire(import.meta.url);" },
  });
  return outfile;
}
