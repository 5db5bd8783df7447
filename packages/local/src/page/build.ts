/** Builds the page's browser code, in memory: nothing of it lies in the repository. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** File name and content of everything the browser loads. */
export type BuiltFiles = Map<string, Buffer>;

export async function buildBrowser(): Promise<BuiltFiles> {
  const { outputFiles } = await build({
    entryPoints: { app: fileURLToPath(new URL("./browser/main.tsx", import.meta.url)) },
    outdir: "page",
    bundle: true,
    // pdf.js is far larger than the rest and loaded with the first document.
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    legalComments: "none",
    chunkNames: "[name]-[hash]",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
    write: false,
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
}
