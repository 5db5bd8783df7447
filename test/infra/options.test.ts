import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./harness/platform.ts";

const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

/** What a script of package.json prints and ends with. */
const called = (script: string, option: string) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const [, ...args] = scripts[script]!.split(" ");
    execFile(process.execPath, [...args, option], { cwd: root, encoding: "utf8" }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    );
  });

describe.concurrent("the command line of", () => {
  for (const script of ["deploy", "deploy:dry", "bench", "cost", "bundle:report", "test:chaos"]) {
    it(`${script} says in a line what it does not understand`, async () => {
      expect(await called(script, "--no-such-option")).toEqual({
        code: 2,
        out: "",
        err: "Unknown option '--no-such-option' (see --help)\n",
      });
    });
  }

  it("deploy prints its help", async () => {
    expect(await called("deploy", "--help")).toEqual({ code: 0, out: expect.stringMatching(/^npm run deploy -- --stage /), err: "" });
  });

  it("deploy says what is missing", async () => {
    expect(await called("deploy", "--other-region-is-lost")).toMatchObject({ code: 2, err: expect.stringMatching(/^Which stage\? /) });
  });
});
