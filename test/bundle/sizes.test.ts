import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction } from "@bbws/local/bundle.ts";
import { afterAll, describe, expect, it } from "vitest";
import { type FunctionName, functions } from "../../infra/settings.ts";
import budgets from "./budgets.json" with { type: "json" };
import { contentsOf } from "./contents.ts";

/** Bundles weigh what was agreed: `npm run bundle:report` tells what is inside, `-- --accept` agrees to another weight. */

const TOLERANCE = 0.02;
const names = Object.keys(functions) as FunctionName[];
const folder = mkdtempSync(join(tmpdir(), "bundle-sizes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What never has a place in a function, whatever its size. */
const unwanted = [
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/nested-clients",
  "@smithy/credential-provider-imds",
  "@aws-lambda-powertools/tracer",
  "brotli",
  "prettier",
  "react-dom",
];

describe.each(names)("the bundle of %s", (name) => {
  it("weighs what was agreed", async () => {
    const { bytes } = await bundleFunction(name, folder);
    expect(bytes).toBeLessThanOrEqual(budgets[name] * (1 + TOLERANCE));
    // A budget far above the bundle guards nothing.
    expect(bytes).toBeGreaterThanOrEqual(budgets[name] * (1 - TOLERANCE));
  });

  it("holds nothing that is never called", async () => {
    const parts = contentsOf((await bundleFunction(name, folder)).metafile).parts.map((part) => part.name);
    expect(parts.filter((part) => unwanted.includes(part))).toEqual([]);
  });
});
