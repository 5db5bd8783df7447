/**
 * What must be so in the workflows, whatever else changes: the six, pinned actions, the least permissions, every gate without a
 * way around it, each stage's environment, one deploy at a time, a promotion of what was green before. Prints what is not so
 * and fails on any.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { stages } from "../../infra/stage.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Files of `.github` by path, as text. */
export type Files = Record<string, string>;

type Step = {
  name?: string;
  uses?: string;
  run?: string;
  if?: string;
  shell?: string;
  "working-directory"?: string;
  "continue-on-error"?: unknown;
  "timeout-minutes"?: number;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
};
type Job = {
  uses?: string;
  needs?: string | string[];
  if?: string;
  "continue-on-error"?: unknown;
  defaults?: unknown;
  env?: unknown;
  environment?: string | { name: string; url?: string };
  concurrency?: { group?: string; "cancel-in-progress"?: boolean };
  permissions?: Record<string, string>;
  outputs?: Record<string, string>;
  "timeout-minutes"?: number;
  steps?: Step[];
};
type Workflow = {
  defaults?: unknown;
  env?: unknown;
  on: Record<string, unknown>;
  permissions?: unknown;
  concurrency?: { group?: string; "cancel-in-progress"?: boolean };
  jobs: Record<string, Job>;
};

const main = { branches: ["main"] };
const read = { contents: "read" };
const token = { contents: "read", "id-token": "write" };
const tokenAndTags = { contents: "write", "id-token": "write" };
const url = (stage: "dev" | "sit" | "prod") => ({ name: stage, url: `https://${stages[stage].domain}` });

type Expected = {
  needs?: string | string[];
  /** The condition of the job; without one it runs when all it needs has succeeded. */
  if?: string;
  /** What the job runs, to the letter: a gate that is dropped or weakened is missed. */
  gates?: string[];
  environment?: Job["environment"];
  permissions?: Record<string, string>;
  /** Where it takes credentials of AWS by itself. */
  region?: string;
  /** The group of the jobs that change a stage: taken after the approval, so that nobody who waits for one is in the way. */
  group?: string;
};

/** The actions from elsewhere, each as the one commit that was read, of the version beside it. */
const actions: Record<string, string> = {
  "actions/cache": "0057852bfaa89a56745cba8c7296529d2fc39830 # v4.3.0",
  "actions/checkout": "34e114876b0b11c390a56381ad16ebd13914f8d5 # v4.3.1",
  "actions/setup-java": "c5195efecf7bdfc987ee8bae7a71cb8b11521c00 # v4.7.1",
  "actions/setup-node": "49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0",
  "actions/upload-artifact": "ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
  "aws-actions/configure-aws-credentials": "7474bc4690e29a8392af63c5b98e7449536d5c3a # v4.3.1",
};

/** What runs with a stage's credentials is main's. */
const commitOnMain = '.github/scripts/checkout-on-main.sh "$COMMIT"';
const tagOnMain = '.github/scripts/checkout-on-main.sh "refs/tags/$TAG"';
const ofStage = { STAGE: "${{ inputs.stage }}" };

/** The variables a command is given; one that is not here is given none. */
const environments: Record<string, Record<string, string>> = {
  '.github/scripts/approved-now.sh "$APPROVED"': { APPROVED: "${{ needs.approve.outputs.attempt }}" },
  [commitOnMain]: { COMMIT: "${{ inputs.commit }}" },
  [tagOnMain]: { TAG: "${{ inputs.tag }}" },
  '.github/scripts/tag-of-stage.sh "$STAGE" "$TAG"': { ...ofStage, TAG: "${{ inputs.tag }}" },
  'node .github/scripts/watch-alarms.ts --stage prod --minutes 15 --before "$RINGING"': {
    RINGING: "${{ needs.deploy.outputs.ringing }}",
  },
  ".github/scripts/release.sh": { GH_TOKEN: "${{ github.token }}" },
  'node .github/scripts/green.ts check --stage "$GREEN_IN" --commit HEAD': { GREEN_IN: "${{ inputs.green-in }}" },
  'node .github/scripts/watch-alarms.ts --stage "$STAGE" --note >> "$GITHUB_OUTPUT"': ofStage,
  'npx sst unlock --stage "$STAGE"': ofStage,
  '.github/scripts/deploy.sh "$STAGE"': {
    ...ofStage,
    SMOKE_CLIENT_ID: "${{ inputs.smoke-client-id }}",
    SMOKE_CLIENT_SECRET: "${{ inputs.smoke-client-secret }}",
    ROLL_BACK: "${{ inputs.roll-back }}",
  },
  '.github/scripts/tag-green.sh "$STAGE"': ofStage,
};

/** The standby follows what prod runs, not what a job that is run again once meant to bring. */
const standby = ["node .github/scripts/still-runs.ts --stage prod", ".github/scripts/deploy-standby.sh"];

/** The gates of the composite actions. */
const actionGates: Record<string, string[]> = {
  setup: ["npm ci --no-audit --no-fund", "npm run sst:install"],
  deploy: [
    'node .github/scripts/green.ts check --stage "$GREEN_IN" --commit HEAD',
    'node .github/scripts/watch-alarms.ts --stage "$STAGE" --note >> "$GITHUB_OUTPUT"',
    'npx sst unlock --stage "$STAGE"',
    '.github/scripts/deploy.sh "$STAGE"',
    '.github/scripts/tag-green.sh "$STAGE"',
  ],
};

/** Every condition a step may have, by its file: one more would be a way around a gate, one less a step that fails to come. */
const conditions: Record<string, string[]> = {
  "workflows/test.yml": [
    "npm run --silent bundle:report > bundles.txt: always()",
    "actions/upload-artifact: coverage bundles.txt: always()",
  ],
  "workflows/promote-prod.yml": [".github/scripts/touched.sh: always()"],
  "actions/deploy/action.yml": [
    `${actionGates.deploy![0]}: inputs.green-in != ''`,
    `${actionGates.deploy![1]}: inputs.tag != 'true'`,
    `${actionGates.deploy![2]}: inputs.unlock == 'true'`,
    `${actionGates.deploy![4]}: inputs.tag == 'true'`,
  ],
};

/** Who may do what, and where. A job that is not here may not be. */
const expected: Record<string, { on: Workflow["on"]; concurrency: { group: string; cancel: boolean }; jobs: Record<string, Expected> }> = {
  validate: {
    on: { pull_request: null, push: main, workflow_call: null },
    concurrency: { group: "validate-${{ github.workflow }}-${{ github.ref }}", cancel: true },
    jobs: {
      check: {
        gates: [
          "npm run check",
          "node .github/scripts/actionlint.ts && node .github/scripts/workflow-rules.ts",
          ".github/scripts/drift.sh",
        ],
      },
      "supply-chain": {
        gates: [
          "node .github/scripts/audit.ts",
          ".github/scripts/secrets.sh",
          "node .github/scripts/licences.ts",
          ".github/scripts/sbom.sh sbom.json",
          "actions/upload-artifact: sbom.json",
        ],
      },
    },
  },
  test: {
    on: { pull_request: null, push: main, workflow_call: null, schedule: [{ cron: "0 1 * * 0" }], workflow_dispatch: null },
    concurrency: { group: "test-${{ github.workflow }}-${{ github.event_name }}-${{ github.ref }}", cancel: true },
    jobs: {
      test: {
        if: "github.event_name != 'schedule' && github.event_name != 'workflow_dispatch'",
        gates: [
          ".ci/run",
          "npm run coverage",
          "npm run --silent bundle:report > bundles.txt",
          "actions/upload-artifact: coverage bundles.txt",
        ],
      },
      chaos: {
        if: "github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'",
        gates: ["npm run test:chaos -- --long"],
      },
    },
  },
  "deploy-dev": {
    on: { push: main },
    concurrency: { group: "promote-dev", cancel: false },
    jobs: {
      validate: {},
      test: {},
      deploy: { needs: ["validate", "test"], environment: url("dev"), permissions: tokenAndTags, group: "deploy-dev" },
    },
  },
  "promote-sit": {
    on: { workflow_dispatch: { inputs: ["commit"] } },
    concurrency: { group: "promote-sit", cancel: false },
    jobs: {
      approve: { environment: url("sit") },
      deploy: {
        needs: "approve",
        environment: "sit-deploy",
        permissions: tokenAndTags,
        group: "deploy-sit",
        gates: [commitOnMain],
      },
    },
  },
  "promote-prod": {
    on: { workflow_dispatch: { inputs: ["commit"] } },
    concurrency: { group: "promote-prod", cancel: false },
    jobs: {
      approve: { environment: url("prod") },
      deploy: {
        needs: "approve",
        environment: "prod-deploy",
        permissions: token,
        group: "deploy-prod",
        gates: [commitOnMain, ".github/scripts/touched.sh"],
      },
      watch: {
        needs: "deploy",
        environment: "prod-deploy",
        permissions: token,
        region: "af-south-1",
        gates: ['node .github/scripts/watch-alarms.ts --stage prod --minutes 15 --before "$RINGING"'],
      },
      "roll-back": {
        needs: ["deploy", "watch"],
        // A job out of time or cancelled is no failure; a watch that could not look is no alarm.
        if: "always() && (needs.watch.outputs.rang == 'true' || (needs.deploy.outputs.touched == 'true' && needs.deploy.result != 'success'))",
        environment: "prod-deploy",
        permissions: tokenAndTags,
        group: "deploy-prod",
        gates: [commitOnMain, ".github/scripts/checkout-previous.sh prod"],
      },
      release: {
        needs: "watch",
        permissions: { contents: "write" },
        gates: [
          commitOnMain,
          "node .github/scripts/still-runs.ts --stage prod",
          ".github/scripts/tag-green.sh prod",
          ".github/scripts/release.sh",
        ],
      },
      standby: {
        needs: "release",
        environment: "prod-deploy",
        permissions: token,
        region: "eu-west-1",
        group: "deploy-prod-dr",
        gates: [commitOnMain, ...standby],
      },
    },
  },
  rollback: {
    on: { workflow_dispatch: { inputs: ["stage", "tag"] } },
    concurrency: { group: "rollback-${{ inputs.stage }}", cancel: false },
    jobs: {
      check: { gates: ['.github/scripts/tag-of-stage.sh "$STAGE" "$TAG"'] },
      approve: { needs: "check", environment: "${{ inputs.stage == 'prod' && 'prod-rollback' || inputs.stage }}" },
      deploy: {
        needs: "approve",
        environment: "${{ inputs.stage == 'dev' && 'dev' || format('{0}-deploy', inputs.stage) }}",
        permissions: tokenAndTags,
        group: "deploy-${{ inputs.stage }}",
        gates: [tagOnMain],
      },
      standby: {
        needs: "deploy",
        if: "inputs.stage == 'prod'",
        environment: "prod-deploy",
        permissions: token,
        region: "eu-west-1",
        group: "deploy-prod-dr",
        gates: [tagOnMain, ...standby],
      },
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
    for (const problem of conditionRules(file, stepsOf(text))) say(file, problem);
    if (file.endsWith("/action.yml") && /\bsecrets\./.test(text))
      say(file, "a composite action sees no secrets: it is given them as inputs");
  }
  for (const [name, rule] of Object.entries(expected)) {
    const file = `.github/workflows/${name}.yml`;
    if (!files[file]) continue;
    for (const problem of workflowRules(parse(files[file]) as Workflow, rule)) say(file, problem);
  }
  for (const [name, gates] of Object.entries(actionGates)) {
    const file = `.github/actions/${name}/action.yml`;
    for (const problem of missingGates(gates, stepsOf(files[file] ?? "{}"))) say(file, problem);
  }
  for (const problem of promotionRules(files)) found.push(problem);
  return found;
}

/** What a step does, in a word: what it runs, or the action it uses and the files that it is about. */
function deedOf({ run, uses = "", with: options = {} }: Step): string {
  if (run !== undefined) return String(run);
  const files = String(options.path ?? "")
    .trim()
    .replace(/\s+/g, " ");
  return [uses.split("@")[0], files].filter(Boolean).join(": ");
}

function missingGates(gates: readonly string[], steps: readonly Step[]): string[] {
  const deeds = steps.map(deedOf);
  return gates.filter((gate) => !deeds.includes(gate)).map((gate) => `does not run the gate: ${gate}`);
}

function conditionRules(file: string, steps: readonly Step[]): string[] {
  const wanted = conditions[file.replace(".github/", "")] ?? [];
  const found = steps.filter((step) => step.if !== undefined).map((step) => `${deedOf(step)}: ${step.if}`);
  return [
    ...found.filter((condition) => !wanted.includes(condition)).map((condition) => `a step has a condition of its own: ${condition}`),
    ...wanted.filter((condition) => !found.includes(condition)).map((condition) => `a step lacks its condition: ${condition}`),
  ];
}

/** Every action from elsewhere is the known commit with its version beside it: a moved tag must not change what runs. */
function pins(text: string): string[] {
  return [...text.matchAll(/uses:\s*(\S+)(.*)/g)]
    .filter(([, action]) => !action!.startsWith("./"))
    .flatMap(([line, action, comment]) => {
      const name = action!.split("@")[0]!;
      const known = actions[name] ? `${name}@${actions[name]}` : "owner/name@commit # vX.Y.Z, and known to the rules";
      return `${action}${comment}` === known ? [] : [`"${line}" is not pinned as ${known}`];
    });
}

function stepsOf(text: string): Step[] {
  const { jobs, runs } = parse(text) as { jobs?: Record<string, Job>; runs?: { steps: Step[] } };
  return [...Object.values(jobs ?? {}).flatMap(({ steps = [] }) => steps), ...(runs?.steps ?? [])];
}

/** A step is one line; what is longer is a script of this repository, which tests run. */
function stepRules(step: Step): string[] {
  const { run, uses = "", with: options = {}, env } = step;
  const found: string[] = [];
  if (!isDeepStrictEqual(env, environments[deedOf(step)]))
    found.push(`the variables of ${deedOf(step)} are ${JSON.stringify(env)}, not ${JSON.stringify(environments[deedOf(step)])}`);
  if (step["working-directory"] !== undefined) found.push(`a step runs elsewhere: ${deedOf(step)}`);
  if (uses.startsWith("actions/checkout@"))
    for (const option of Object.keys(options))
      if (!["fetch-depth", "persist-credentials"].includes(option)) found.push(`a checkout is given ${option}`);
  if ("continue-on-error" in step) found.push(`a step may fail unnoticed: ${deedOf(step)}`);
  if (step.shell !== undefined && step.shell !== "bash")
    found.push(`the shell of a step is ${step.shell}, which may go on after a failure`);
  if (uses.startsWith("actions/cache@") && !String(options.key).includes("hashFiles('package-lock.json')"))
    found.push(`the cache of ${String(options.path)} is not keyed by the lockfile`);
  if (uses.startsWith("actions/setup-node@") && options.cache !== "npm")
    found.push("setup-node does not cache npm's packages by the lockfile");
  if (run === undefined) return found;
  if (typeof run !== "string") return [...found, `a step runs ${JSON.stringify(run)}, which is no command`];
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

/** A workflow's triggers, those a person starts by the names of what they ask for. */
function triggersOf(on: Workflow["on"]): Workflow["on"] {
  const { workflow_dispatch: byHand, ...others } = on as { workflow_dispatch?: { inputs?: object } | null };
  if (!byHand?.inputs) return on;
  return { ...others, workflow_dispatch: { inputs: Object.keys(byHand.inputs) } };
}

function workflowRules({ on, permissions, concurrency, jobs, defaults, env }: Workflow, rule: (typeof expected)[string]): string[] {
  const found: string[] = [];
  const same = (is: unknown, should: unknown, what: string) => {
    if (JSON.stringify(is) !== JSON.stringify(should)) found.push(`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  };
  same(triggersOf(on), rule.on, "its trigger");
  same(defaults, undefined, "defaults");
  same(env, undefined, "env");
  same(permissions, read, "permissions");
  same(concurrency, { group: rule.concurrency.group, "cancel-in-progress": rule.concurrency.cancel }, "concurrency");
  same(Object.keys(jobs).sort(), Object.keys(rule.jobs).sort(), "the set of jobs");
  for (const [name, job] of Object.entries(jobs)) {
    const { needs, if: condition, environment, permissions: granted, group, region, gates = [] } = rule.jobs[name] ?? {};
    same(job.needs, needs, `${name}: needs`);
    same(job.if, condition, `${name}: its condition`);
    same(job.defaults, undefined, `${name}: defaults`);
    same(job.env, undefined, `${name}: env`);
    if ("continue-on-error" in job) found.push(`${name}: it may fail unnoticed`);
    for (const problem of missingGates(gates, job.steps ?? [])) found.push(`${name}: ${problem}`);
    same(job.environment, environment, `${name}: environment`);
    same(job.permissions, granted, `${name}: permissions`);
    same(job.concurrency, group && { group, "cancel-in-progress": false }, `${name}: concurrency`);
    for (const problem of credentialRules(job.steps ?? [], region ? { role: "${{ secrets.AWS_DEPLOY_ROLE }}", region } : undefined))
      found.push(`${name}: ${problem}`);
    const [known, used] = [
      (job.steps ?? []).findIndex((step) => [commitOnMain, tagOnMain].includes(deedOf(step))),
      (job.steps ?? []).findIndex(({ uses }) => uses?.startsWith("./.github/actions/")),
    ];
    if (used >= 0 && known > used) found.push(`${name}: runs a commit's actions before it knows that main has it`);
    if (job.uses) continue;
    if (!((job["timeout-minutes"] ?? 0) > 0)) found.push(`${name}: it has no timeout-minutes`);
    const pushes = granted?.contents === "write";
    for (const { uses = "", with: options = {} } of job.steps ?? [])
      if (uses.startsWith("actions/checkout@") && !pushes && options["fetch-depth"] !== 0 && options["persist-credentials"] !== false)
        found.push(`${name}: its checkout leaves a credential behind that it does not need`);
  }
  return found;
}

/** Credentials of AWS are taken once, where they are needed, and are the stage's own. */
function credentialRules(steps: readonly Step[], wanted: { role: string; region: string } | undefined): string[] {
  const is = steps.filter(({ uses = "" }) => uses.startsWith("aws-actions/")).map((step) => step.with);
  const should = wanted ? [{ "role-to-assume": wanted.role, "aws-region": wanted.region }] : [];
  return isDeepStrictEqual(is, should) ? [] : [`its credentials are ${JSON.stringify(is)}, not ${JSON.stringify(should)}`];
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

  for (const [workflow, name, stage, more] of [
    ["deploy-dev", "deploy", "dev", {}],
    ["promote-sit", "deploy", "sit", { "green-in": "dev" }],
    // Green only once its alarms were watched.
    ["promote-prod", "deploy", "prod", { "green-in": "sit", tag: "false" }],
    // A deploy that was cut off has left its lock; the way back waits for no issuer.
    ["promote-prod", "roll-back", "prod", { "green-in": "prod", unlock: "true", "roll-back": "true" }],
    ["rollback", "deploy", "${{ inputs.stage }}", { "green-in": "${{ inputs.stage }}", "roll-back": "true" }],
  ] as const) {
    const is = deploys(job(workflow, name));
    const should = {
      stage,
      role: "${{ secrets.AWS_DEPLOY_ROLE }}",
      // Without them the smoke is a guest, who sees neither document nor cancellation.
      "smoke-client-id": "${{ secrets.SMOKE_CLIENT_ID }}",
      "smoke-client-secret": "${{ secrets.SMOKE_CLIENT_SECRET }}",
      ...more,
    };
    must(isDeepStrictEqual(is, should), `${workflow}, ${name}`, `its deploy is given ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  }
  for (const workflow of ["validate", "test"])
    must(job("deploy-dev", workflow).uses === `./.github/workflows/${workflow}.yml`, "deploy-dev", `does not run ${workflow}`);
  const { deploy, watch } = (parse(files[".github/workflows/promote-prod.yml"] ?? "jobs: {}") as Workflow).jobs;
  const step = deploy?.steps?.find(({ uses }) => uses === "./.github/actions/deploy");
  must(
    (step?.["timeout-minutes"] ?? Number.POSITIVE_INFINITY) < (deploy?.["timeout-minutes"] ?? 0),
    "promote-prod",
    "cuts the job off that deploys instead of the step, so that nobody learns whether the stage was touched",
  );
  must(deploy?.outputs?.touched === "${{ steps.touched.outputs.touched }}", "promote-prod", "does not tell whether the stage was touched");
  must(
    watch?.outputs?.rang === "${{ steps.watch.outputs.rang }}",
    "promote-prod",
    "does not tell an alarm from a watch that could not look",
  );
  const [stillRuns, tags] = ["still-runs.ts --stage prod", "tag-green.sh prod"].map((part) => runs(job("promote-prod", "release"), part));
  must(stillRuns! >= 0 && stillRuns! < tags!, "promote-prod", "calls a commit green that may have been rolled back meanwhile");
  for (const workflow of ["promote-sit", "promote-prod", "rollback"]) {
    const subject = job(workflow, "deploy");
    const approved = runs(subject, '.github/scripts/approved-now.sh "$APPROVED"');
    must(
      job(workflow, "approve").outputs?.attempt === "${{ steps.approved.outputs.attempt }}" &&
        subject.steps?.[approved]?.env?.APPROVED === "${{ needs.approve.outputs.attempt }}" &&
        approved < runs(subject, "./.github/actions/"),
      workflow,
      "deploys in an attempt that nobody approved",
    );
  }

  const { runs: { steps = [] } = {} } = parse(files[".github/actions/deploy/action.yml"] ?? "runs: {}") as { runs?: { steps?: Step[] } };
  for (const problem of credentialRules(steps, { role: "${{ inputs.role }}", region: "af-south-1" }))
    found.push(`.github/actions/deploy: ${problem}`);
  const order = ["green.ts check", "configure-aws-credentials", "watch-alarms.ts", "sst unlock", "deploy.sh", "tag-green.sh"].map((part) =>
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
