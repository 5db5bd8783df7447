/** What a bundle is made of, read from esbuild's metafile. Pure. */
import type { Metafile } from "esbuild";

/** A package of npm, a workspace of ours, or a single file between them (a JSON document). */
export type Part = {
  name: string;
  bytes: number;
  files: number;
  /** How it came in: the parts from the function's own code to the one that imports it, shortest way. */
  why: string[];
};

export type Contents = {
  /** Bytes of the module. */
  bytes: number;
  /** Largest first; those without a byte in the output are left out. */
  parts: Part[];
};

export function contentsOf(metafile: Metafile): Contents {
  const [, output] = Object.entries(metafile.outputs).find(([file]) => file.endsWith(".mjs"))!;
  const ways = waysFrom(output.entryPoint!, metafile);
  const parts = new Map<string, Part>();
  for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
    if (bytesInOutput === 0) continue;
    const name = partOf(file);
    const part = parts.get(name) ?? { name, bytes: 0, files: 0, why: ways.get(name) ?? [] };
    parts.set(name, { ...part, bytes: part.bytes + bytesInOutput, files: part.files + 1 });
  }
  return { bytes: output.bytes, parts: [...parts.values()].sort((a, b) => b.bytes - a.bytes) };
}

/** `node_modules/@aws-sdk/core/dist-es/x.js` -> `@aws-sdk/core`; of our own code the folder below `src`. */
export function partOf(file: string): string {
  const npm = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (npm) return npm;
  const [, workspace, folder] = /^packages\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(file) ?? [];
  return workspace ? [workspace, folder].filter(Boolean).join("/") : file;
}

/** The shortest way to every part, breadth first over the files' imports. */
function waysFrom(entry: string, { inputs }: Metafile): Map<string, string[]> {
  const ways = new Map<string, string[]>([[partOf(entry), []]]);
  const seen = new Set([entry]);
  let files: { file: string; way: string[] }[] = [{ file: entry, way: [] }];
  while (files.length > 0) {
    const next: typeof files = [];
    for (const { file, way } of files) {
      for (const { path, external } of inputs[file]!.imports) {
        if (external || seen.has(path)) continue;
        seen.add(path);
        const [from, to] = [partOf(file), partOf(path)];
        const onward = from === to ? way : [...way, from];
        if (!ways.has(to)) ways.set(to, onward);
        next.push({ file: path, way: onward });
      }
    }
    files = next;
  }
  return ways;
}
