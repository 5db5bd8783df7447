import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { bundling } from "../../infra/settings.ts";

/** What the build rewrites on the way into a bundle means the same afterwards. */

const root = resolve(import.meta.dirname, "../..");
const { default: plugins } = (await import(new URL(bundling.plugins, `file://${root}/`).href)) as { default: Plugin[] };
const folder = mkdtempSync(join(root, ".build/rewrites-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load(entry: string, name: string, used: Plugin[]): Promise<{ exports: Record<string, unknown>; bytes: number }> {
  const outfile = join(folder, `${name}.mjs`);
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    minify: true,
    external: ["@smithy/*", "@aws-sdk/*"],
    metafile: true,
    plugins: used,
  });
  return { exports: await import(outfile), bytes: Object.values(metafile.outputs)[0]!.bytes };
}

const both = async (entry: string, name: string) => [await load(entry, `${name}-plain`, []), await load(entry, name, plugins)] as const;

/** A shape with what it refers to by name: shapes refer to each other, and round again. */
const written = (shape: unknown): string =>
  JSON.stringify(shape, (_, part) => (typeof part === "function" ? `-> ${JSON.stringify(part()?.slice?.(0, 3))}` : part));

describe("the shapes of an AWS client", () => {
  it.each(["s3", "sesv2", "sqs", "dynamodb"])("of %s are the same with their names written out", async (client) => {
    const entry = createRequire(import.meta.url).resolve(`@aws-sdk/client-${client}`);
    const schemas = join(entry, "../../dist-es/schemas/schemas_0.js");
    const [plain, rewritten] = await both(schemas, client);
    const names = Object.keys(plain.exports);
    expect(names.length).toBeGreaterThan(50);
    expect(Object.keys(rewritten.exports)).toEqual(names);
    const shapes = names.filter((name) => Array.isArray(plain.exports[name]));
    expect(shapes.map((name) => written(rewritten.exports[name]))).toEqual(shapes.map((name) => written(plain.exports[name])));
  });
});

describe("large JSON of our own", () => {
  it.each(["packages/core/src/mail/templates/bundled.json", "packages/client/openapi.json"])("%s is packed and the same", async (file) => {
    const [plain, packed] = await both(resolve(root, file), file.replaceAll("/", "-"));
    expect(packed.exports.default).toEqual(plain.exports.default);
    expect(packed.bytes).toBeLessThan(plain.bytes / 3);
  });
});
