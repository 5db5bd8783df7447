import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { commands } from "@bbws/ops/program.ts";
import { describe, expect, it } from "vitest";
import {
  type Documents,
  problemsOfCommands,
  problemsOfDecision,
  problemsOfLayout,
  problemsOfLinks,
  problemsOfScripts,
} from "./document-checks.ts";
import { root } from "./harness/platform.ts";

const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const exists = (file: string) => existsSync(path.join(root, file));
const manifest = JSON.parse(read("package.json")) as { version: string; scripts: Record<string, string> };
const scripts = Object.keys(manifest.scripts);
const readme = read("README.md");
const documents: Documents = Object.fromEntries(
  globSync("{*.md,runbooks/*.md,docs/decisions/*.md,packages/*/*.md,test/*/*.md}", { cwd: root })
    .filter((file) => file !== path.join("test", "infra", "policies.md"))
    .map((file) => [file, read(file)]),
);
const decisions = globSync("docs/decisions/*.md", { cwd: root }).sort();

describe("the decisions", () => {
  it("are numbered without a gap", () => {
    expect(decisions.map((file) => Number(path.basename(file).slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1));
  });

  it.each(decisions)("%s: context, options with figures, decision, consequences, what would change our mind, on a page", (file) => {
    expect(problemsOfDecision(read(file), Number(path.basename(file).slice(0, 4)))).toEqual([]);
  });

  it("cover what the architecture asks for", () => {
    const titles = decisions.map((file) => read(file).split("\n")[0]).join("\n");
    for (const topic of [
      /queue first/i,
      /outbox/i,
      /HTTP API/,
      /one table/i,
      /gap-free/i,
      /templates lie in S3/,
      /DynamoDB Local/,
      /SST 3\.19\.3, pinned/,
      /one Hono app per function/i,
      /two readers on the stream/i,
      /S3 Standard/,
      /react-email 6/,
    ])
      expect(titles).toMatch(topic);
  });

  it.each([
    ["a part that lacks", /\*\*Options\.\*\*/, "", /its parts are/],
    ["parts in another order", /\*\*Context\.\*\*/, "**Decision.**", /its parts are/],
    ["a single option", /\(b\)/g, "", /fewer than two options/],
    ["another number", /^# \d+/, "# 99", /its heading/],
  ])("are found out by %s", (_, from, to, complaint) => {
    const text = read("docs/decisions/0002-stream-as-outbox.md");
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(problemsOfDecision(changed, 2).join("\n")).toMatch(complaint);
  });
});

describe("the README", () => {
  it("tells of every script, once, and of none that is not there", () => {
    expect(problemsOfScripts(readme, scripts)).toEqual([]);
    expect(problemsOfScripts(readme, [...scripts, "polish"])).toEqual(["the README's table does not tell what polish does"]);
    expect(
      problemsOfScripts(
        readme,
        scripts.filter((script) => script !== "smoke"),
      ),
    ).toEqual(["package.json has no script smoke"]);
  });

  it("tells of every folder", () => {
    const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
    const folders = new Set(tracked.filter((file) => file.includes("/") && !file.startsWith(".ci")).map((file) => file.split("/")[0]!));
    expect(problemsOfLayout(readme, [...folders])).toEqual([]);
    const packages = new Set(tracked.filter((file) => file.startsWith("packages/")).map((file) => file.split("/").slice(0, 2).join("/")));
    expect(problemsOfLayout(readme, [...packages])).toEqual([]);
    expect(problemsOfLayout(readme, ["tools"])).toEqual(["the README's layout does not tell what tools/ is"]);
  });
});

describe("the table of the operators' command line", () => {
  const text = read("packages/ops/README.md");
  const all = commands({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} });

  it("tells of every command and no other, with options that they take", () => {
    expect(all.length).toBeGreaterThan(15);
    expect(problemsOfCommands(text, all)).toEqual([]);
  });

  it.each<[string, string, (commands: typeof all) => typeof all]>([
    ["a command is added", "the table does not tell what order split does", (them) => [...them, { name: "order split", options: [] }]],
    [
      "a command is renamed",
      "there is no command `reactivate`",
      (them) => them.map((each) => (each.name === "tenant reactivate" ? { ...each, name: "tenant revive" } : each)),
    ],
    [
      "an option is renamed",
      "numbers show, numbers skip takes no --by",
      (them) => them.map((each) => ({ ...each, options: each.options.filter((option) => option !== "--by") })),
    ],
  ])("is found out when %s", (_, complaint, change) => {
    expect(problemsOfCommands(text, change(all)).join("\n").replaceAll("`", "")).toContain(complaint.replaceAll("`", ""));
  });
});

describe("what a document names exists", () => {
  it("in the README, the runbooks, the decisions and all others", () => {
    expect(Object.keys(documents).length).toBeGreaterThan(20);
    expect(problemsOfLinks(documents, exists)).toEqual([]);
  });

  it("npm scripts too", () => {
    for (const [file, text] of Object.entries(documents))
      for (const [, script] of text.matchAll(/npm run (?:--silent )?([\w:-]*\w)/g))
        expect(scripts, `${file}: npm run ${script}`).toContain(script);
  });

  it("and is missed when it is renamed", () => {
    const without = (gone: string) => problemsOfLinks(documents, (file) => file !== gone && exists(file)).join("\n");
    expect(without("runbooks/security.md")).toContain("SECURITY.md: the link runbooks/security.md leads nowhere");
    expect(without("docs/pictures/page.png")).toContain("README.md: the link docs/pictures/page.png leads nowhere");
    expect(without("infra/settings.ts")).toContain("README.md: infra/settings.ts does not exist");
    expect(without("docs/decisions/0005-gap-free-numbers.md")).toContain("README.md: the link docs/decisions/0005-gap-free-numbers.md");
  });
});

it("the changelog tells of the version that package.json has, newest first", () => {
  const releases = [...read("CHANGELOG.md").matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version]) => version!);
  expect(releases[0]).toBe(manifest.version);
  expect(new Set(releases).size).toBe(releases.length);
});
