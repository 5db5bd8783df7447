/**
 * The SHA-256 of every function's bundle, built as it is deployed. The same commit and lockfile give the same hashes on
 * every machine, so a promotion can prove that it deploys what was tested.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type FunctionName, functions } from "../../infra/settings.ts";
import { bundleFunction } from "../../packages/local/src/bundle.ts";

export type Hashes = Record<string, string>;

export async function bundleHashes(names = Object.keys(functions) as FunctionName[]): Promise<Hashes> {
  const folder = mkdtempSync(path.join(tmpdir(), "bundles-"));
  try {
    const hashes: Hashes = {};
    for (const name of names) {
      const { file } = await bundleFunction(name, folder);
      hashes[name] = createHash("sha256").update(readFileSync(file)).digest("hex");
    }
    return hashes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
