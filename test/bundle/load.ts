import { mkdirSync, mkdtempSync } from "node:fs";
import { basename, join } from "node:path";
import { repositoryRoot } from "@bbws/local/bundle.ts";
import { build, type Metafile, type Plugin } from "esbuild";

/** A new folder for bundles, below the repository, so that what is not bundled is found. */
export function bundleFolder(name: string): string {
  const built = join(repositoryRoot, ".build");
  mkdirSync(built, { recursive: true });
  return mkdtempSync(join(built, `${name}-`));
}

type Options = {
  /** In a `bundleFolder`. */
  outfile: string;
  plugins: Plugin[];
  /** Packages left outside. */
  external?: string[];
};

/** Bundles a module as functions are bundled, with these plugins, and imports it. */
export async function loadBundled<Exports>(
  entry: string,
  { outfile, plugins, external = [] }: Options,
): Promise<{ exports: Exports; bytes: number; inputs: Metafile["inputs"] }> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    minify: true,
    mainFields: ["module", "main"],
    external,
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    metafile: true,
    plugins,
  });
  const [output] = Object.values(metafile.outputs);
  if (!output) throw new Error(`${basename(entry)} was not built`);
  return { exports: (await import(outfile)) as Exports, bytes: output.bytes, inputs: metafile.inputs };
}
