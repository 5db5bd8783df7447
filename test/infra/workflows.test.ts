import { describe, expect, it } from "vitest";
import { findings } from "../../.github/scripts/actionlint.ts";
import { violations, workflowFiles } from "../../.github/scripts/workflow-rules.ts";

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
    ["no long chaos", "workflows/test", / -- --long/, "", /never runs the chaos suite/],
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
    ["prod without sit", "workflows/promote-prod", /green-in: sit/, "green-in: dev", /was green in sit/],
    ["a promotion that asks nothing", "workflows/promote-sit", / {10}green-in: dev\n/, "", /was green in dev/],
    ["a branch's commit", "workflows/promote-sit", /checkout-on-main\.sh "\$COMMIT"/, "secrets.sh", /before it knows that main has it/],
    [
      "a fix that an alarm rolls back which rang before",
      "workflows/promote-prod",
      / --before "\$RINGING"/,
      "",
      /those apart that rang before/,
    ],
    ["nobody noting what rings", "actions/deploy/action", /watch-alarms\.ts/, "stage-url.ts", /in this order/],
    ["green though rolled back", "workflows/promote-prod", /still-runs\.ts/, "stage-url.ts", /rolled back meanwhile/],
    ["a standby that keeps the bad release", "workflows/rollback", /deploy-standby\.sh/, "secrets.sh", /on the standby/],
    ["fewer minutes of watching", "workflows/promote-prod", /--minutes 15/, "--minutes 1", /for 15 minutes/],
    ["green before it was watched", "workflows/promote-prod", / {10}tag: "false"\n/, "", /before its alarms were watched/],
    ["no way back", "workflows/promote-prod", / \|\| needs\.deploy\.outputs\.touched == 'true'/, "", /does not go back/],
    ["an input that the action does not know", "workflows/promote-sit", /green-in: dev/, "green-on: dev", /takes no green-on/],
    ["an input that the action wants", "workflows/promote-sit", / {10}stage: sit\n/, "", /is not given stage/],
    ["an action that is not there", "workflows/promote-sit", /actions\/deploy/, "actions/deployment", /does not exist/],
    ["an action that reaches for secrets", "actions/deploy/action", /inputs\.role \}\}/, "secrets.AWS_DEPLOY_ROLE }}", /sees no secrets/],
    ["a smoke without its customer", "workflows/promote-sit", / {10}smoke-client-secret: .*\n/, "", /smokes as a guest/],
    ["another stage's tag", "workflows/rollback", / {4}if: startsWith.*\n/, "", /another stage's tag/],
    ["a deploy before the proof", "actions/deploy/action", /green\.ts check/, "green.ts previous", /in this order/],
  ])("break a rule with %s", (_, name, from, to, complaint) => {
    const file = `.github/${name}.yml`;
    const changed = files[file]!.replace(from, to);
    expect(changed, "the change finds its place").not.toBe(files[file]);
    expect(violations({ ...files, [file]: changed }).join("\n")).toMatch(complaint);
  });
});
