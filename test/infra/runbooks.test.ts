import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { run as ops } from "@bbws/ops/program.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { alarmsOf } from "../../infra/alarms.ts";
import { reasonsAgainst } from "../../infra/guards.ts";
import { functions, queues, secrets } from "../../infra/settings.ts";
import { stages } from "../../infra/stage.ts";
import { codeIn, operatorsCommandsIn, readBooks, runbookNames, scriptCallsIn } from "../support/runbooks.ts";
import { planOf } from "./harness/plan.ts";
import { root } from "./harness/platform.ts";
import { alarmSections, commandOf, problemsIn, type Things } from "./runbook-checks.ts";

const books = readBooks();
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
let things: Things;

/** What a script of package.json prints. @throws Error when it ends with another code than 0 */
const npmRun = async (script: string, ...words: string[]) =>
  (await promisify(execFile)("npm", ["run", "--silent", script, "--", ...words], { cwd: root })).stdout;

/** What `ops ... --help` says; undefined when there is no such command. */
async function helpOf(command: string[]): Promise<string | undefined> {
  const stdout = new PassThrough();
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exit = await ops([...command, "--help"], { stdin: new PassThrough(), stdout, stderr: stdout, env: {} });
  const said = Buffer.concat(chunks).toString();
  return exit === 0 && said.includes(`Usage: ops ${command.join(" ")}`) ? said : undefined;
}

beforeAll(async () => {
  const plan = await planOf("prod");
  const commands = [...Object.values(books).flatMap(operatorsCommandsIn).map(commandOf), ["order", "shew"]];
  const help = new Map<string, string | undefined>();
  for (const command of commands) help.set(command.join(" "), await helpOf(command));
  const scriptHelp = new Map<string, string>();
  for (const script of ["deploy", "deploy:dry"]) scriptHelp.set(script, await npmRun(script, "--help"));
  things = {
    alarms: [...new Set(Object.entries(stages).flatMap(([name, stage]) => alarmsOf(name, stage).map(({ kind }) => kind))), "budget"],
    npmScripts: Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts),
    workflows: globSync(".github/workflows/*.yml", { cwd: root }).map((file) => path.basename(file, ".yml")),
    queues: [...Object.keys(queues).flatMap((queue) => [queue, queue.replace("Queue", "DLQ")]), "OrderChangesDLQ"],
    secrets,
    stages: Object.keys(stages),
    knobs: [...read("infra/settings.ts").matchAll(/^\s*(\w+)\??: /gm), ...read("infra/stage.ts").matchAll(/^ {2}(\w+): /gm)].map(
      ([, key]) => key!,
    ),
    functions: Object.keys(functions),
    physical: [
      ...plan.ofType("aws:sns/topic:Topic").map(({ inputs }) => inputs.name),
      ...plan.ofType("aws:cloudwatch/dashboard:Dashboard").map(({ inputs }) => inputs.dashboardName),
    ].map((name) => name.replace("prod", "{stage}")),
    exists: (file) => existsSync(path.join(root, file)),
    help: (command) => help.get(command.join(" ")),
    scriptHelp: (script) => scriptHelp.get(script),
  };
});

describe("the runbooks", () => {
  it("are the six", () => {
    const files = globSync("runbooks/*", { cwd: root }).map((file) => path.basename(file, ".md"));
    expect(files.sort()).toEqual([...runbookNames].sort());
  });

  it("name nothing that does not exist, and have a section for every alarm", () => {
    expect(problemsIn(books, things)).toEqual([]);
  });

  it("name enough for that to mean something", () => {
    const code = Object.values(books).flatMap(codeIn);
    const named = (pattern: RegExp) => new Set(code.flatMap((line) => [...line.matchAll(pattern)].map(([name]) => name))).size;
    expect(Object.values(books).flatMap(operatorsCommandsIn).length).toBeGreaterThan(20);
    expect(named(/npm run [\w:-]+/g)).toBeGreaterThanOrEqual(6);
    expect(named(/(?:infra|test|\.github)\/[\w./-]+/g)).toBeGreaterThanOrEqual(6);
    expect(alarmSections(books).size).toBe(things.alarms.length);
  });

  it("give a dry run of prod that shows no difference, and names what a deploy would be refused for", async () => {
    const [call = []] = scriptCallsIn(books.deployment!).filter((words) => words.join(" ") === "deploy:dry --stage prod");
    const said = await npmRun(...(call as [string, ...string[]]));
    expect(said).toContain("\nNo difference from the committed plan.\n");
    const reasons = reasonsAgainst({ stageName: "prod", stage: stages.prod, live: false });
    expect(said.split("\n").filter((line) => line.startsWith("  - "))).toEqual(reasons.map((reason) => `  - ${reason}`));
    expect(said).toContain(reasons.length > 0 ? "\nA deploy would be refused:\n" : "\nNothing in the sources stands against a deploy.\n");
  });

  it("are where the alarms send the reader", async () => {
    for (const { inputs } of (await planOf("prod")).ofType("aws:cloudwatch/metricAlarm:MetricAlarm")) {
      const kind = /see "([\w-]+)" in the runbooks/.exec(inputs.alarmDescription)?.[1] ?? "";
      expect(alarmSections(books).has(kind), inputs.name).toBe(true);
    }
  });

  it("have the sections that the decision on what a plan proves points at", () => {
    const record = read("docs/decisions/0012-infrastructure-proven-without-aws.md");
    const pointed = [...record.matchAll(/runbooks\/(\w+)\.md, "([^"]+)"/g)];
    expect(pointed.length).toBeGreaterThanOrEqual(5);
    for (const [, file, section] of pointed) expect(books[file!], section).toContain(`\n## ${section}\n`);
  });
});

describe("a runbook is found out when", () => {
  const renamed =
    (script: string, option: string) =>
    ({ scriptHelp }: Things) => ({
      scriptHelp: (name: string) => (name === script ? scriptHelp(name)?.replaceAll(option, `${option}-now`) : scriptHelp(name)),
    });
  const without = (names: readonly string[], name: string) => names.filter((candidate) => candidate !== name);

  it.each<[string, (things: Things) => Partial<Things>, RegExp]>([
    ["an alarm is added", ({ alarms }) => ({ alarms: [...alarms, "disk-full"] }), /no section for the alarm disk-full/],
    ["an alarm is renamed", ({ alarms }) => ({ alarms: [...without(alarms, "queue-age"), "queue-old"] }), /no alarm is called queue-age/],
    ["a script is renamed", ({ npmScripts }) => ({ npmScripts: without(npmScripts, "deploy:dry") }), /the script deploy:dry/],
    ["a workflow is renamed", ({ workflows }) => ({ workflows: without(workflows, "promote-sit") }), /the workflow promote-sit/],
    ["a queue is renamed", ({ queues: names }) => ({ queues: without(names, "InvoiceQueue") }), /the queue InvoiceQueue/],
    ["a function is renamed", ({ functions: names }) => ({ functions: without(names, "OrderPDFCreator") }), /the function OrderPDFCreator/],
    ["a secret is renamed", () => ({ secrets: ["OtherKey"] }), /the secret LinkSigningKey/],
    ["a stage is renamed", ({ stages: names }) => ({ stages: without(names, "prod-dr") }), /the stage prod-dr/],
    ["a setting is renamed", ({ knobs }) => ({ knobs: without(knobs, "maxConcurrency") }), /the setting maxConcurrency/],
    ["a topic is renamed", ({ physical }) => ({ physical: without(physical, "bbws-alerts-{stage}-critical") }), /the resource bbws-alerts/],
    ["a file is moved", () => ({ exists: (file) => file !== "infra/bootstrap/deploy-role.yml" }), /the file infra\/bootstrap/],
    [
      "a command is renamed",
      ({ help }) => ({ help: (command) => (command[1] === "redrive" ? undefined : help(command)) }),
      /ops dlq redrive does/,
    ],
    [
      "an option is renamed",
      ({ help }) => ({ help: (command) => help(command)?.replaceAll("--grace", "--pause").replaceAll("--dry-run", "--try") }),
      /takes no --dry-run/,
    ],
    ["the option of a deploy is renamed", renamed("deploy", "--stage"), /npm run deploy takes no --stage/],
    ["the option of a dry run is renamed", renamed("deploy:dry", "--accept"), /npm run deploy:dry takes no --accept/],
    ["an option spoken of by itself is renamed", renamed("deploy", "--other-region-is-lost"), /no command takes --other-region-is-lost/],
  ])("%s", (_, change, complaint) => {
    expect(problemsIn(books, { ...things, ...change(things) }).join("\n")).toMatch(complaint);
  });

  it.each([
    [
      "a step of an alarm is dropped",
      "monitoring",
      /- \*\*Verify\*\*: throttles.*\n/,
      "",
      /function-throttled: its steps are Symptom, Check, Act,/,
    ],
    ["a section of an alarm is dropped", "monitoring", /### api-slow\n[\s\S]*?(?=### )/, "", /no section for the alarm api-slow/],
    ["a section that others point at is renamed", "deployment", /## Raise the quotas/, "## Quotas", /the section "Raise the quotas"/],
    ["a command is mistyped", "troubleshooting", /order show ORDER/, "order shew ORDER", /ops order shew does not exist/],
    ["another runbook is mistyped", "monitoring", /\(rollback\.md\)/, "(roll-back.md)", /the runbook roll-back/],
    ["an alarm is mistyped", "troubleshooting", /monitoring\.md, queue-age/, "monitoring.md, queue-aged", /the alarm queue-aged/],
  ])("%s", (_, name, from, to, complaint) => {
    const changed = { ...books, [name]: books[name]!.replace(from, to) };
    expect(changed[name], "the change finds its place").not.toBe(books[name]);
    expect(problemsIn(changed, things).join("\n")).toMatch(complaint);
  });
});
