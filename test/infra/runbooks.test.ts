import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { run as ops } from "@bbws/ops/program.ts";
import { describe, expect, it } from "vitest";
import { alarmsOf } from "../../infra/alarms.ts";
import { queues, secrets } from "../../infra/settings.ts";
import { stages } from "../../infra/stage.ts";
import { planOf } from "./harness/plan.ts";
import { root } from "./harness/platform.ts";

const names = ["deployment", "troubleshooting", "rollback", "monitoring", "recovery", "security"];
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
/** What a person wrote: the recorded transcript is the output of commands that ran. */
const book = (name: string) => read(`runbooks/${name}.md`).replace(/<!-- transcript: begin[\s\S]*transcript: end -->/, "");
const text = () => names.map(book).join("\n");
/** Everything in backticks and in shell blocks. */
const code = () =>
  [...text().matchAll(/```(?:sh|console)\n([\s\S]*?)```|`([^`\n]+)`/g)]
    .flatMap(([, block, inline]) => (block ?? inline ?? "").split("\n"))
    .map((line) => line.trim())
    .filter(Boolean);

/** The sections of the chapter "Alarms": heading and body. */
function alarmSections(): Map<string, string> {
  const [, chapter = ""] = book("monitoring").split("\n## Alarms\n");
  return new Map(
    chapter
      .split("\n### ")
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf("\n")).trim(), section]),
  );
}

describe("the runbooks", () => {
  it("are the six", () => {
    expect(
      globSync("runbooks/*", { cwd: root })
        .map((file) => path.basename(file, ".md"))
        .sort(),
    ).toEqual([...names].sort());
  });

  it("have a section for every kind of alarm of every stage, and for the budget, and none for what does not ring", () => {
    const kinds = new Set(Object.entries(stages).flatMap(([name, stage]) => alarmsOf(name, stage).map(({ kind }) => kind)));
    expect([...alarmSections().keys()].sort()).toEqual([...kinds, "budget"].sort());
  });

  it("say of each alarm the symptom, what to check, how to act and how to verify", () => {
    for (const [kind, section] of alarmSections()) {
      const steps = [...section.matchAll(/^- \*\*(\w+)\*\*: \S/gm)].map(([, step]) => step);
      expect(steps, kind).toEqual(["Symptom", "Check", "Act", "Verify"]);
    }
  });

  it("are where the alarms send the reader", async () => {
    for (const { inputs } of (await planOf("prod")).ofType("aws:cloudwatch/metricAlarm:MetricAlarm")) {
      const kind = /see "([\w-]+)" in the runbooks/.exec(inputs.alarmDescription)?.[1] ?? "";
      expect(alarmSections().has(kind), inputs.name).toBe(true);
    }
  });
});

describe("what the runbooks name exists:", () => {
  it("npm scripts", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...text().matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);
    expect(named.length).toBeGreaterThan(20);
    for (const script of named) expect(scripts, script).toHaveProperty(script);
  });

  it("files and folders", () => {
    const files = code().flatMap((line) =>
      [...line.matchAll(/(?<![\w/])((?:\.github|infra|test|runbooks|docs|packages)\/[\w./-]+)/g)].map(([, file]) =>
        file!.replace(/[.,]$/, ""),
      ),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(existsSync(path.join(root, file)), file).toBe(true);
  });

  it("other runbooks, and sections of them that are pointed at", () => {
    for (const [, file] of text().matchAll(/\]\(([\w-]+\.md)\)/g)) expect(existsSync(path.join(root, "runbooks", file!)), file).toBe(true);
    for (const [, file, section] of text().matchAll(/\[(\w+)\.md\]\(\1\.md\), "([^"]+)"/g))
      expect(book(file!)).toContain(`\n## ${section}\n`);
    const record = read("docs/decisions/0012-infrastructure-proven-without-aws.md");
    const pointed = [...record.matchAll(/runbooks\/(\w+)\.md, "([^"]+)"/g)];
    expect(pointed.length).toBeGreaterThanOrEqual(5);
    for (const [, file, section] of pointed) expect(book(file!), section).toContain(`\n## ${section}\n`);
  });

  it("workflows", () => {
    const named = [...text().matchAll(/`((?:promote|deploy)-\w+|rollback|validate)`/g)]
      .map(([, name]) => name!)
      .filter((name) => name !== "deploy-dry");
    expect(new Set(named).size).toBeGreaterThanOrEqual(4);
    for (const name of named) expect(existsSync(path.join(root, `.github/workflows/${name}.yml`)), name).toBe(true);
  });

  it("queues and secrets", () => {
    const known = new Set([
      ...Object.keys(queues),
      ...Object.keys(queues).map((queue) => queue.replace("Queue", "DLQ")),
      "OrderChangesDLQ",
    ]);
    for (const [, name] of text().matchAll(/\b((?:Order|Invoice|Internal|Customer)\w*(?:Queue|DLQ))\b/g))
      expect(known.has(name!), name).toBe(true);
    for (const [, name] of text().matchAll(/secret (?:set|remove) (\w+)/g)) expect(secrets as readonly string[]).toContain(name);
  });

  it("stages, topics and dashboards, by their physical names", async () => {
    const plan = await planOf("prod");
    const physical = [
      ...plan.ofType("aws:sns/topic:Topic").map(({ inputs }) => inputs.name),
      ...plan.ofType("aws:cloudwatch/dashboard:Dashboard").map(({ inputs }) => inputs.dashboardName),
    ];
    for (const [, name] of text().matchAll(/`(bbws-(?:alerts|order)-\{stage\}-(?!\{)[\w-]+)`/g))
      expect(physical).toContain(name!.replace("{stage}", "prod"));
    for (const [, stage] of text().matchAll(/--stage ([\w-]+)/g)) expect([...Object.keys(stages), "ada"]).toContain(stage);
  });
});

describe("the operators' commands in the runbooks", () => {
  const commands = () => [
    ...new Set(
      code().flatMap((line) =>
        [...line.matchAll(/npm run (ops|templates) -- ([^|>]+)/g)].map(
          ([, script, words]) => `${script === "templates" ? "templates " : ""}${words!.trim()}`,
        ),
      ),
    ),
  ];

  /** What `ops ... --help` says, and its exit code. */
  async function help(words: string[]): Promise<{ said: string; exit: number }> {
    const stdout = new PassThrough();
    const chunks: Buffer[] = [];
    stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    const exit = await ops([...words, "--help"], { stdin: new PassThrough(), stdout, stderr: stdout, env: {} });
    return { said: Buffer.concat(chunks).toString(), exit };
  }

  it("are commands the command line knows, with options it takes", async () => {
    expect(commands().length).toBeGreaterThan(15);
    for (const command of commands()) {
      const words = command.split(/\s+/);
      const groups = ["order", "dlq", "tenant", "templates", "export"];
      const path = words.slice(0, groups.includes(words[0]!) ? 2 : 1);
      const { said, exit } = await help(path);
      expect(exit, command).toBe(0);
      expect(said, command).toContain(`Usage: ops ${path.join(" ")}`);
      for (const option of words.filter((word) => word.startsWith("--"))) expect(said, command).toMatch(new RegExp(`${option}\\b`));
    }
  });
});
