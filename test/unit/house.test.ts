import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** Rules of the house that no import betrays: what the text of the sources may not do. Who may import whom is dependency-cruiser's. */

function filesWith(pattern: RegExp, glob: string, ...except: string[]): string[] {
  const files = globSync(glob).filter((file) => !except.includes(file));
  expect(files.length).toBeGreaterThan(10);
  // Comments may speak of what the code may not do.
  const code = (file: string) => readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return files.filter((file) => pattern.test(code(file)));
}
const CORE = "packages/core/src/**/*.{ts,tsx}";
const FUNCTIONS = "packages/functions/src/**/*.ts";

describe("the domain", () => {
  it("reads no environment", () => {
    expect(filesWith(/\bprocess\.env\b/, CORE)).toEqual([]);
  });

  it("makes no AWS client", () => {
    expect(filesWith(/\bnew \w+Client\(/, CORE)).toEqual([]);
  });

  it("takes the time from an injected clock", () => {
    expect(filesWith(/\bDate\.now\(|\bnew Date\(\)/, CORE, "packages/core/src/clock.ts")).toEqual([]);
  });

  it("writes no log", () => {
    expect(filesWith(/\bconsole\.\w+\(/, CORE)).toEqual([]);
  });
});

describe("the functions", () => {
  it("read the environment in one place", () => {
    expect(filesWith(/\bprocess\.env\b/, FUNCTIONS, "packages/functions/src/runtime/config.ts")).toEqual([]);
  });

  it("make AWS clients in runtime only", () => {
    expect(filesWith(/\bnew \w+Client\(/, FUNCTIONS).filter((file) => !file.startsWith("packages/functions/src/runtime/"))).toEqual([]);
  });

  it("say what they have to say through the logger", () => {
    expect(filesWith(/\bconsole\.\w+\(/, FUNCTIONS)).toEqual([]);
  });
});
