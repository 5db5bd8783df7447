import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const packageFolder = new URL("../../packages/client/", import.meta.url).pathname;
let consumer: string;
let published: string;

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), "order-client-"));
  published = join(consumer, "node_modules/@bbws/order-client");
  mkdirSync(published, { recursive: true });
  execFileSync(process.execPath, [join(packageFolder, "scripts/build.ts"), "--out", join(published, "dist")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  writeFileSync(join(published, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }));
  cpSync(join(packageFolder, "openapi.json"), join(published, "openapi.json"));
}, 60_000);
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

/** What the compiler says of a portal's source files, each by name, under the given resolution. */
function compile(sources: Record<string, string>, module: ts.ModuleKind, moduleResolution: ts.ModuleResolutionKind) {
  for (const [name, source] of Object.entries(sources)) writeFileSync(join(consumer, name), source);
  const files = Object.keys(sources).map((name) => join(consumer, name));
  const lib = ["lib.es2022.d.ts", "lib.dom.d.ts"];
  const options = {
    module,
    moduleResolution,
    target: ts.ScriptTarget.ES2022,
    lib,
    types: [],
    strict: true,
    noEmit: true,
    skipDefaultLibCheck: true,
  };
  return ts.getPreEmitDiagnostics(ts.createProgram(files, options)).map(({ file, messageText }) => ({
    file: basename(file?.fileName ?? ""),
    text: ts.flattenDiagnosticMessageText(messageText, "\n"),
  }));
}

const portal = `
import { createOrderClient, isOrderClientError, type Order } from "@bbws/order-client";
const client = createOrderClient({ baseUrl: "https://orders.example.com", getToken: async () => "token" });
export async function checkOut(): Promise<Order> {
  try {
    const { orderId } = await client.createOrder({
      customerEmail: "thandi@example.com",
      items: [{ productId: "PROD-002", quantity: 1 }],
      billingAddress: { street: "12 Long Street", city: "Cape Town", postalCode: "8001" },
    });
    return await client.waitForOrder(orderId);
  } catch (error) {
    if (isOrderClientError(error, "PRICE_CHANGED")) console.log(error.details?.expected.toFixed(2));
    throw error;
  }
}
`;

describe("the published package", () => {
  test("gives its types to a strict portal under a bundler, and refuses a wrong call at compile time", () => {
    const wrong = portal.replace('productId: "PROD-002"', "productId: 2").replace("details?.expected", "details?.wanted");
    const problems = compile({ "portal.mts": portal, "wrong.mts": wrong }, ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler);
    expect(problems).toEqual([
      { file: "wrong.mts", text: expect.stringContaining("not assignable to type 'string'") },
      { file: "wrong.mts", text: expect.stringContaining("'wanted' does not exist") },
    ]);
  });

  test("gives its types to a strict portal under Node", () => {
    expect(compile({ "portal.mts": portal }, ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext)).toEqual([]);
  });

  test("is at most 5 KB gzipped in a browser, and has no dependency, no AWS and no Node in it", async () => {
    const bundle = await build({
      entryPoints: [join(published, "dist/client.js")],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      write: false,
      metafile: true,
    });
    const [output] = bundle.outputFiles;
    expect(gzipSync(output!.contents, { level: 9 }).length).toBeLessThanOrEqual(5 * 1024);
    expect(Object.keys(bundle.metafile.inputs).filter((input) => !input.includes("order-client/dist/"))).toEqual([]);
    expect(output!.text).not.toMatch(/aws|process\.env|require\(/i);
  });

  test("imports in Node as an ES module with nothing beside it", () => {
    const script =
      'import("@bbws/order-client").then((m) => console.log(Object.keys(m).sort().join(), typeof m.createOrderClient({ baseUrl: "" }).createOrder))';
    const printed = execFileSync(process.execPath, ["-e", script], { cwd: consumer, encoding: "utf8" });
    expect(printed.trim()).toBe("OrderClientError,createOrderClient,isOrderClientError function");
  });

  test("ships what its manifest names", () => {
    expect(readdirSync(join(published, "dist")).filter((file) => !/\.(js|d\.ts)$/.test(file))).toEqual([]);
    for (const name of readdirSync(join(published, "dist")).filter((file) => file.endsWith(".js"))) {
      expect(readFileSync(join(published, "dist", name), "utf8"), name).not.toContain('.ts"');
    }
  });
});
