import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Gives React Email's preview a module for each sample of each mail, because it shows a module once, with one set of data.
 * What is there already is left alone, so that an open page stays as it is.
 * @param folder what the preview shows; it is ours alone
 * @param samples their paths, e.g. `customer/order_confirmation/hostile`
 */
export function writeEntries(folder: string, samples: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const wanted = new Map(samples.map((sample) => [path.join(folder, `${sample}.tsx`), sample]));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(file)) rmSync(file);
  }
  for (const [file, sample] of wanted) {
    if (existsSync(file)) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, entryOf(path.dirname(file), sample));
  }
}

/** By paths, not by package names: the preview watches only what it finds that way. */
function entryOf(folder: string, sample: string): string {
  const template = path.dirname(sample);
  const from = (file: string) => path.relative(folder, path.join(import.meta.dirname, file));
  return `import Mail from "${from(`${template}.tsx`)}";
import { samples } from "${from("samples.ts")}";

export default Object.assign(Mail, { PreviewProps: samples["${template}"]["${path.basename(sample)}"] });
`;
}
