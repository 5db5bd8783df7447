/** `npm run build:client`: the package as it is published, ES modules with their types, in `dist` or the folder of `--out`. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";

const source = fileURLToPath(new URL("../src", import.meta.url));
const { out } = parseArgs({ options: { out: { type: "string" } } }).values;
const target = resolve(out ?? fileURLToPath(new URL("../dist", import.meta.url)));
rmSync(target, { recursive: true, force: true });
const program = ts.createProgram([`${source}/client.ts`], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
  strict: true,
  declaration: true,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true,
  rootDir: source,
  outDir: target,
});
const { diagnostics } = program.emit(undefined, (file, text) => {
  mkdirSync(dirname(file), { recursive: true });
  // The compiler rewrites the modules' imports, not those of their declarations.
  writeFileSync(file, file.endsWith(".d.ts") ? text.replace(/(from "\.\/[\w-]+)\.ts"/g, '$1.js"') : text);
});
const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
if (problems.length > 0) {
  console.error(
    ts.formatDiagnostics(problems, { getCanonicalFileName: (name) => name, getCurrentDirectory: () => source, getNewLine: () => "\n" }),
  );
  process.exitCode = 1;
}
