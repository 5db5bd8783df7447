import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findings } from "../../.github/scripts/actionlint.ts";
import { violations, workflowFiles } from "../../.github/scripts/workflow-rules.ts";
import { root } from "./harness/platform.ts";

describe("the workflows", () => {
  const files = workflowFiles();

  it("pass actionlint, composite actions too", async () => {
    expect(await findings(files)).toEqual([]);
    const file = ".github/actions/deploy/action.yml";
    const broken = files[file]!.replace("inputs.green-in }}", "inputs.gren-in }}").replace("steps.before.", "steps.befor.");
    const found = (await findings({ [file]: broken })).join("\n");
    expect(found).toMatch(/"gren-in" is not defined/);
    expect(found).toMatch(/"befor" is not defined/);
  });

  it("break no rule of the house", () => {
    expect(Object.keys(files)).toHaveLength(8);
    expect(violations(files)).toEqual([]);
  });

  it("are the six: one that is missing or one more is noticed", () => {
    const { ".github/workflows/rollback.yml": text, ...rest } = files;
    expect(violations(rest)).toContain(".github/workflows/rollback.yml: is missing");
    expect(violations({ ...files, ".github/workflows/nightly.yml": text! })).toContain(
      ".github/workflows/nightly.yml: is not one of the six",
    );
  });

  it.each([
    ["a tag instead of a commit", "workflows/validate", /@[0-9a-f]{40} # v4\.3\.1/, "@v4", /is not pinned/],
    ["a shortened commit", "actions/setup/action", /@49933ea5288caeca8642d1e84afbd3f7d6820020/, "@49933ea", /is not pinned/],
    ["a pin without its version", "actions/deploy/action", / # v4\.3\.1/, "", /is not pinned/],
    [
      "a commit that nobody read",
      "actions/setup/action",
      /actions\/cache@[0-9a-f]{40}/,
      `actions/cache@${"0".repeat(40)}`,
      /is not pinned as/,
    ],
    ["another version in one file alone", "workflows/test", /setup-node@(\w+) # v4\.4\.0/, "setup-node@$1 # v4.4.1", /is not pinned as/],
    [
      "a deploy of another stage than it is asked for",
      "actions/deploy/action",
      /(deploy\.sh "\$STAGE"\n.*\n {6}env:\n {8}STAGE: ).*/,
      "$1dev",
      /the variables of \S*deploy\.sh/,
    ],
    ["a proof in whatever stage", "actions/deploy/action", /GREEN_IN: .*/, "GREEN_IN: dev", /the variables of .*green\.ts check/],
    ["another role", "workflows/promote-prod", /role: .*AWS_DEPLOY_ROLE/, "role: ${{ secrets.OTHER", /its deploy is given/],
    ["a watch as another role", "workflows/promote-prod", /role-to-assume: .*/, "role-to-assume: other", /watch: its credentials are/],
    ["credentials of another region", "workflows/rollback", /aws-region: .*/, "aws-region: us-east-1", /standby: its credentials are/],
    ["another role than it is given", "actions/deploy/action", /inputs\.role \}\}/, "inputs.stage }}", /deploy: its credentials are/],
    [
      "credentials where none are needed",
      "workflows/promote-prod",
      / {6}- name: Nobody rolled it back meanwhile\n/,
      "      - uses: aws-actions/configure-aws-credentials@7474bc4690e29a8392af63c5b98e7449536d5c3a # v4.3.1\n$&",
      /release: its credentials are/,
    ],
    ["alarms of before that nobody is told of", "workflows/promote-prod", /RINGING: .*/, 'RINGING: ""', /the variables of .*watch-alarms/],
    [
      "main's newest in the place of the commit",
      "workflows/promote-prod",
      /COMMIT: .*/,
      "COMMIT: main",
      /the variables of .*checkout-on-main/,
    ],
    [
      "a standby that gets main's newest",
      "workflows/rollback",
      /(standby:[\s\S]*?) {6}- name: The tag's commit.*\n.*\n.*\n.*\n/,
      "$1",
      /standby: does not run the gate: .*checkout-on-main/,
    ],
    [
      "actions of a commit before main is known to have it",
      "workflows/promote-prod",
      /(release:[\s\S]*?)( {6}- name: The commit, .*\n.*\n.*\n.*\n)( {6}- uses: .*setup\n)/,
      "$1$3$2",
      /release: runs a commit's actions before/,
    ],
    [
      "a sit that is deployed and not called green",
      "workflows/promote-sit",
      /green-in: dev/,
      '$&\n          tag: "false"',
      /its deploy is given/,
    ],
    ["a rollback that waits for the issuer", "workflows/rollback", / {10}roll-back: "true"\n/, "", /rollback, deploy: its deploy is given/],
    ["a way back that waits for the issuer", "workflows/promote-prod", / {10}roll-back: "true"\n/, "", /roll-back: its deploy is given/],
    ["a variable for a whole job", "workflows/promote-sit", / {4}needs: approve\n/, "$&    env: { PATH: /tmp }\n", /deploy: env is/],
    ["a variable for a whole workflow", "workflows/validate", /^jobs:/m, "env: { NODE_OPTIONS: -r x }\njobs:", /: env is/],
    [
      "a step that runs elsewhere",
      "workflows/validate",
      /( +)run: npm run check\n/,
      "$&$1working-directory: docs\n",
      /runs elsewhere: npm run check/,
    ],
    [
      "a checkout of something else",
      "workflows/validate",
      /persist-credentials: false/,
      "$&\n          ref: other",
      /a checkout is given ref/,
    ],
    ["a command that is none", "workflows/validate", /run: npm run check\n/, "run: 5\n", /a step runs 5, which is no command/],
    ["a branch of somebody's", "workflows/test", /actions\/upload-artifact@\w+ # v4\.6\.2/, "someone/upload@main", /is not pinned/],
    [
      "rights of every kind",
      "workflows/validate",
      /permissions:\n {2}contents: read/,
      "permissions: write-all",
      /permissions is "write-all"/,
    ],
    ["a workflow that says no rights", "workflows/test", /permissions:\n {2}contents: read\n/, "", /permissions is undefined/],
    ["a job that may write packages", "workflows/deploy-dev", /id-token: write/, "packages: write", /deploy: permissions is/],
    [
      "a job that may write and need not",
      "workflows/promote-prod",
      /contents: read\n {6}id-token/,
      "contents: write\n      id-token",
      /deploy: permissions/,
    ],
    [
      "a token of AWS without an environment",
      "workflows/promote-prod",
      /environment: prod-deploy\n/,
      "\n",
      /deploy: environment is undefined/,
    ],
    ["prod approved in dev's environment", "workflows/promote-prod", /name: prod\n/, "name: dev\n", /approve: environment is/],
    ["a promotion around the reviewers", "workflows/promote-sit", / {4}needs: approve\n/, "", /deploy: needs is undefined/],
    ["a rollback around the reviewers", "workflows/rollback", / {4}needs: approve\n/, "", /deploy: needs is undefined/],
    [
      "a rollback that sits out the promotion's timer",
      "workflows/rollback",
      /environment: .*'prod-rollback'.*\n/,
      "environment: ${{ inputs.stage }}\n",
      /approve: environment is/,
    ],
    [
      "a deploy's place that is held while somebody waits for an approval",
      "workflows/promote-prod",
      /group: promote-prod/,
      "group: deploy-prod",
      /concurrency is/,
    ],
    ["another trigger", "workflows/promote-prod", /on:\n/, "on:\n  push:\n", /trigger is/],
    [
      "two deploys of a stage at once",
      "workflows/rollback",
      / {4}concurrency:\n {6}group: deploy-\S+ \S+ \S+\n.*\n/,
      "",
      /deploy: concurrency is/,
    ],
    ["a deploy that is cut off", "workflows/deploy-dev", /in-progress: false/, "in-progress: true", /concurrency is/],
    ["a job without a limit", "workflows/promote-sit", / {4}timeout-minutes: 60\n/, "", /has no timeout-minutes/],
    ["a deploy that does not wait for the tests", "workflows/deploy-dev", /needs: .*\n/, "needs: validate\n", /deploy: needs is/],
    ["a deploy of what was never validated", "workflows/deploy-dev", /needs: .*\n/, "needs: test\n", /deploy: needs is/],
    ["tests in the place of the validation", "workflows/deploy-dev", /validate\.yml/, "test.yml", /does not run validate/],
    ["no long chaos", "workflows/test", / -- --long/, "", /chaos: does not run the gate: npm run test:chaos -- --long/],
    ["a job more", "workflows/validate", /jobs:\n/, "jobs:\n  more:\n    runs-on: ubuntu-latest\n    steps: []\n", /the set of jobs is/],
    [
      "a step of several lines",
      "workflows/validate",
      /run: npm run check\n/,
      "run: |\n          npm run check\n          npm test\n",
      /several lines/,
    ],
    ["an expression in a shell step", "workflows/rollback", /refs\/tags\/\$TAG/, "${{ inputs.tag }}", /an expression inside a shell step/],
    ["a script that is not there", "workflows/validate", /licences\.ts/, "licenses.ts", /licenses\.ts does not exist/],
    ["an npm script that is not there", "workflows/test", /npm run coverage/, "npm run cover", /npm run cover is no script/],
    [
      "a cache that outlives the lockfile",
      "actions/setup/action",
      /-\$\{\{ hashFiles\('package-lock\.json'\) \}\}/,
      "",
      /not keyed by the lockfile/,
    ],
    ["no cache at all", "actions/setup/action", / {8}cache: npm\n/, "", /does not cache/],
    ["a credential left behind", "workflows/validate", /persist-credentials: false/, "clean: true", /leaves a credential/],
    [
      "prod without sit",
      "workflows/promote-prod",
      /green-in: sit/,
      "green-in: dev",
      /promote-prod, deploy: its deploy is given .*"green-in":"dev"/,
    ],
    ["a promotion that asks nothing", "workflows/promote-sit", / {10}green-in: dev\n/, "", /promote-sit, deploy: its deploy is given/],
    [
      "a branch's commit",
      "workflows/promote-sit",
      /checkout-on-main\.sh "\$COMMIT"/,
      "secrets.sh",
      /deploy: does not run the gate: .*checkout-on-main/,
    ],
    [
      "a fix that an alarm rolls back which rang before",
      "workflows/promote-prod",
      / --before "\$RINGING"/,
      "",
      /watch: does not run the gate: .*--before/,
    ],
    ["nobody noting what rings", "actions/deploy/action", /watch-alarms\.ts/, "stage-url.ts", /in this order/],
    ["green though rolled back", "workflows/promote-prod", /still-runs\.ts/, "stage-url.ts", /rolled back meanwhile/],
    [
      "a standby that keeps the bad release",
      "workflows/rollback",
      /deploy-standby\.sh/,
      "secrets.sh",
      /standby: does not run the gate: .*deploy-standby/,
    ],
    ["fewer minutes of watching", "workflows/promote-prod", /--minutes 15/, "--minutes 1", /watch: does not run the gate: .*--minutes 15/],
    ["green before it was watched", "workflows/promote-prod", / {10}tag: "false"\n/, "", /promote-prod, deploy: its deploy is given/],
    [
      "no way back from a deploy that failed",
      "workflows/promote-prod",
      / \|\| \(needs\.deploy\.outputs\.touched == 'true'[^)]*\)/,
      "",
      /roll-back: its condition is/,
    ],
    [
      "no way back from a deploy that was cut off",
      "workflows/promote-prod",
      /if: always\(\) &&/,
      "if: failure() &&",
      /roll-back: its condition/,
    ],
    [
      "a way back because nobody could look",
      "workflows/promote-prod",
      /needs\.watch\.outputs\.rang == 'true'/,
      "needs.watch.result == 'failure'",
      /roll-back: its condition/,
    ],
    ["a deploy whose job is cut off", "workflows/promote-prod", / {8}timeout-minutes: 45\n/, "", /cuts the job off that deploys/],
    [
      "a lock that bars the way back",
      "workflows/promote-prod",
      / {10}unlock: "true"\n/,
      "",
      /promote-prod, roll-back: its deploy is given/,
    ],
    ["an alarm that nobody is told of", "workflows/promote-prod", / {6}rang: .*\n/, "      none: x\n", /does not tell an alarm from/],
    [
      "a touched stage that nobody is told of",
      "workflows/promote-prod",
      / {6}touched: .*\n/,
      "",
      /does not tell whether the stage was touched/,
    ],
    [
      "a mark that is not looked at after a failure",
      "workflows/promote-prod",
      / {8}if: always\(\)\n/,
      "",
      /a step lacks its condition: .*touched/,
    ],
    [
      "an approval of long ago",
      "workflows/promote-prod",
      /approved-now\.sh/,
      "secrets.sh",
      /promote-prod: deploys in an attempt that nobody approved/,
    ],
    [
      "an approval that is not of this attempt",
      "workflows/rollback",
      /\$\{\{ needs\.approve\.outputs\.attempt \}\}/,
      "${{ github.run_attempt }}",
      /rollback: deploys in an attempt that nobody approved/,
    ],
    ["an attempt that nobody notes", "workflows/promote-sit", / {6}attempt: .*\n/, "      none: x\n", /promote-sit: deploys in an attempt/],
    [
      "a standby that gets what prod does not run",
      "workflows/promote-prod",
      / {6}- name: prod still runs it\n.*\n/,
      "",
      /standby: does not run the gate: .*still-runs/,
    ],
    ["a rollback to whatever tag", "workflows/rollback", /tag-of-stage\.sh/, "secrets.sh", /check: does not run the gate: .*tag-of-stage/],
    [
      "a wrong tag that ends without red",
      "workflows/rollback",
      / {4}needs: check\n/,
      "    if: startsWith(inputs.tag, inputs.stage)\n",
      /approve: needs is undefined/,
    ],
    ["an input that the action does not know", "workflows/promote-sit", /green-in: dev/, "green-on: dev", /takes no green-on/],
    ["an input that the action wants", "workflows/promote-sit", / {10}stage: sit\n/, "", /is not given stage/],
    ["an action that is not there", "workflows/promote-sit", /actions\/deploy/, "actions/deployment", /does not exist/],
    ["an action that reaches for secrets", "actions/deploy/action", /inputs\.role \}\}/, "secrets.AWS_DEPLOY_ROLE }}", /sees no secrets/],
    [
      "a smoke without its customer",
      "workflows/promote-sit",
      / {10}smoke-client-secret: .*\n/,
      "",
      /promote-sit, deploy: its deploy is given/,
    ],
    ["a deploy before the proof", "actions/deploy/action", /green\.ts check/, "green.ts previous", /in this order/],
  ])("break a rule with %s", (_, name, from, to, complaint) => {
    const file = `.github/${name}.yml`;
    const changed = files[file]!.replace(from, to);
    expect(changed, "the change finds its place").not.toBe(files[file]);
    expect(violations({ ...files, [file]: changed }).join("\n")).toMatch(complaint);
  });

  const gates = [
    ["workflows/validate", "npm run check"],
    ["workflows/validate", "node .github/scripts/actionlint.ts && node .github/scripts/workflow-rules.ts"],
    ["workflows/validate", ".github/scripts/drift.sh"],
    ["workflows/validate", "node .github/scripts/audit.ts"],
    ["workflows/validate", ".github/scripts/secrets.sh"],
    ["workflows/validate", "node .github/scripts/licences.ts"],
    ["workflows/validate", ".github/scripts/sbom.sh sbom.json"],
    ["workflows/test", ".ci/run"],
    ["workflows/test", "npm run coverage"],
    ["workflows/test", "npm run --silent bundle:report > bundles.txt"],
    ["workflows/test", "npm run test:chaos -- --long"],
    ["workflows/promote-prod", ".github/scripts/release.sh"],
    ["workflows/promote-prod", ".github/scripts/checkout-previous.sh prod"],
    ["actions/setup/action", "npm ci --no-audit --no-fund"],
    ["actions/deploy/action", '.github/scripts/deploy.sh "$STAGE"'],
  ] as const;

  it.each(gates)("miss in %s the gate %s, and notice every way around it", (name, gate) => {
    const file = `.github/${name}.yml`;
    const [whole, indent] = new RegExp(`^( *)(?:- )?run: ${gate.replace(/[.|$]/g, "\\$&")}\n`, "m").exec(files[file]!)!;
    const complaints = (line: string) => violations({ ...files, [file]: files[file]!.replace(whole, () => line) }).join("\n");
    expect(complaints(whole)).toBe("");
    expect(complaints(whole.replace(gate, () => "npm ls"))).toContain(`does not run the gate: ${gate}`);
    expect(complaints(whole.replace(gate, () => `${gate} || true`))).toContain(`does not run the gate: ${gate}`);
    const beside = whole.includes("- run") ? `${indent}  ` : indent;
    expect(complaints(`${whole}${beside}continue-on-error: true\n`)).toContain(`a step may fail unnoticed: ${gate}`);
    // A step that has its condition already is given another one.
    const conditional = files[file]!.replace(
      new RegExp(`( +(?:- )?)if: .*\\n(?= *run: ${gate.replace(/[.|$]/g, "\\$&")}\\n)`),
      "$1if: false\n",
    );
    const skipped =
      conditional === files[file] ? complaints(`${whole}${beside}if: false\n`) : violations({ ...files, [file]: conditional }).join("\n");
    expect(skipped).toContain(`a step has a condition of its own: ${gate}: false`);
  });

  it.each([
    ["validate", "check"],
    ["validate", "supply-chain"],
    ["test", "test"],
    ["deploy-dev", "validate"],
    ["deploy-dev", "test"],
    ["deploy-dev", "deploy"],
    ["promote-prod", "deploy"],
    ["promote-prod", "watch"],
    ["promote-prod", "release"],
  ])("let no job of %s be skipped or fail unnoticed: %s", (name, job) => {
    const file = `.github/workflows/${name}.yml`;
    const complaints = (lines: string) => {
      const text = files[file]!.replace(new RegExp(`^  ${job}:\\n(?: {4}if: .*\\n)?`, "m"), `  ${job}:\n${lines}`);
      expect(text).not.toBe(files[file]);
      return violations({ ...files, [file]: text }).join("\n");
    };
    expect(complaints("    if: false\n")).toContain(`${job}: its condition is false`);
    expect(complaints("    continue-on-error: true\n")).toContain(`${job}: it may fail unnoticed`);
    expect(complaints("    defaults: { run: { shell: sh } }\n")).toContain(`${job}: defaults is`);
  });

  it.each([
    ["a branch that is not looked at", "validate", /push:\n {4}branches: \[main\]/, "push:\n    branches: [other]"],
    ["files that are not looked at", "test", /pull_request:\n/, 'pull_request:\n    paths-ignore: ["packages/**"]\n'],
    ["chaos that nobody calls", "test", /cron: "0 1 \* \* 0"/, 'cron: "0 1 1 1 *"'],
  ])("notice %s", (_, name, from, to) => {
    const file = `.github/workflows/${name}.yml`;
    const changed = files[file]!.replace(from, to);
    expect(changed, "the change finds its place").not.toBe(files[file]);
    expect(violations({ ...files, [file]: changed }).join("\n")).toMatch(/its trigger is/);
  });

  it("notice a shell that goes on after a failure", () => {
    const file = ".github/actions/setup/action.yml";
    const changed = files[file]!.replace("shell: bash", "shell: bash {0}");
    expect(violations({ ...files, [file]: changed }).join("\n")).toMatch(/the shell of a step is bash \{0\}/);
  });
});

describe("what the gates run", () => {
  const read = (file: string) => readFileSync(path.join(root, file), "utf8");
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const parts = ["check:style", "check:types", "check:imports"];

  it("is every part of the check, stopping at the first that fails", () => {
    expect(scripts.check!.split(" && ").sort()).toEqual(parts.map((part) => `npm run --silent ${part}`).sort());
    expect(
      Object.keys(scripts)
        .filter((name) => name.startsWith("check:"))
        .sort(),
    ).toEqual([...parts].sort());
  });

  it("is on a clean machine the same parts and all tests, stopping at the first that fails", () => {
    const lines = read(".ci/run").split("\n");
    expect(lines).toContain("set -euo pipefail");
    for (const part of parts) expect(lines).toContain(`npm run --silent ${part}`);
    expect(lines.filter(Boolean).at(-1)).toBe("npm test");
    expect(scripts.test).toBe("vitest run");
    expect(scripts.coverage).toMatch(/^vitest run --coverage --project unit --project integration$/);
  });
});

describe("what an approval rests on", () => {
  const read = (file: string) => readFileSync(path.join(root, file), "utf8");

  it("has owners, who must have read what runs with a stage's credentials", () => {
    const lines = read(".github/CODEOWNERS")
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .map((line) => line.split(/\s+/));
    for (const [place, ...owners] of lines) {
      expect(existsSync(path.join(root, place!)), place).toBe(true);
      expect(owners, place).toEqual(["@bbws/release-approvers"]);
    }
    const owned = lines.map(([place]) => place!);
    for (const place of ["/.github/", "/infra/", "/sst.config.ts", "/package.json", "/package-lock.json"]) expect(owned).toContain(place);
    const run = [...filesOf(read(".github/scripts/deploy.sh")), ...filesOf(read(".github/scripts/deploy-standby.sh")), ...imported()];
    expect(run).toEqual(
      expect.arrayContaining(["infra/cli/deploy.ts", "packages/ops/src/cli.ts", "emails/build.ts", "test/contract/", "vitest.config.ts"]),
    );
    for (const file of run)
      expect(
        owned.some((place) => `/${file}` === place || (place.endsWith("/") && `/${file}`.startsWith(place))),
        file,
      ).toBe(true);
  });

  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

  /** The files and folders that a command runs, through the scripts of package.json. */
  function filesOf(command: string): string[] {
    return [
      ...[...command.matchAll(/(?<![\w/.])((?:emails|infra|packages|test)\/[\w/.-]+\.ts)\b/g)].flatMap(([, file]) => [
        file!,
        ...(file!.includes("/scripts/") ? filesOf(commandsOf(read(file!))) : []),
      ]),
      ...[...command.matchAll(/vitest run --project (\w+)/g)].flatMap(([, project]) => ["vitest.config.ts", `test/${project}/`]),
      ...[...command.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].flatMap(([, script]) => filesOf(scripts[script!]!)),
    ];
  }

  /** A script's text, without comments, with the commands that it starts as a shell has them. */
  const commandsOf = (script: string) =>
    script
      .replace(/\/\*\*.*?\*\//gs, "")
      .replaceAll('"npm", ["', "npm ")
      .replaceAll('", "', " ");

  /** What the workflows' scripts import from outside of their folder. */
  function imported(): string[] {
    const sources = globSync(".github/scripts/*.ts", { cwd: root }).map(read);
    return sources.flatMap((source) => [...source.matchAll(/ from "\.\.\/\.\.\/([^"]+)"/g)].map(([, file]) => file!));
  }

  it("is a main whose checks are those that the workflows make of a pull request", () => {
    const named = /the checks ((?:`[\w-]+`(?:, | and )?)+) passed/.exec(read("runbooks/deployment.md"))?.[1] ?? "";
    const made = ["validate", "test"].flatMap((name) => {
      const { jobs } = parse(read(`.github/workflows/${name}.yml`)) as { jobs: Record<string, { if?: string }> };
      return Object.keys(jobs).filter((job) => !/^github\.event_name ==/.test(jobs[job]!.if ?? ""));
    });
    expect([...named.matchAll(/`([\w-]+)`/g)].map(([, check]) => check).sort()).toEqual(made.sort());
  });
});
