import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findings } from "../../.github/scripts/actionlint.ts";
import { bundleHashes } from "../../.github/scripts/bundle-hashes.ts";
import { check, mark, previous } from "../../.github/scripts/green.ts";
import { review } from "../../.github/scripts/licences.ts";
import { releaseNotes } from "../../.github/scripts/release-notes.ts";
import { ringing, watch } from "../../.github/scripts/watch-alarms.ts";
import { stages } from "../../infra/stage.ts";
import { root } from "./harness/platform.ts";

type Step = { uses?: string; run?: string; with?: Record<string, unknown> };
type Job = {
  "runs-on"?: string;
  "timeout-minutes"?: number;
  uses?: string;
  needs?: string | string[];
  if?: string;
  environment?: string | { name: string };
  permissions?: Record<string, string>;
  steps?: Step[];
};
type Workflow = {
  name: string;
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency: { group: string };
  jobs: Record<string, Job>;
};

const read = <T>(file: string) => parse(readFileSync(path.join(root, file), "utf8")) as T;
const workflow = (name: string) => read<Workflow>(`.github/workflows/${name}.yml`);
const names = ["validate", "test", "deploy-dev", "promote-sit", "promote-prod", "rollback"];
const composites = globSync(".github/actions/*/action.yml", { cwd: root });
const stepsOf = (file: Workflow) => Object.values(file.jobs).flatMap((job) => job.steps ?? []);
const everyStep = () => [
  ...names.flatMap((name) => stepsOf(workflow(name))),
  ...composites.flatMap((file) => read<{ runs: { steps: Step[] } }>(file).runs.steps),
];

describe("the workflows", () => {
  it("are the six", () => {
    expect(
      globSync(".github/workflows/*", { cwd: root })
        .map((file) => path.basename(file, ".yml"))
        .sort(),
    ).toEqual([...names].sort());
  });

  it("pass actionlint", async () => {
    expect(await findings()).toEqual([]);
  });

  it("pin every action by a commit and say its version", () => {
    const text = [...names.map((name) => `.github/workflows/${name}.yml`), ...composites]
      .map((file) => readFileSync(path.join(root, file), "utf8"))
      .join("\n");
    const uses = [...text.matchAll(/uses: (\S+)(.*)/g)].filter(([, action]) => !action!.startsWith("./"));
    expect(uses.length).toBeGreaterThan(10);
    for (const [line, action, comment] of uses) {
      expect(action, line).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      expect(comment, line).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(names)("%s reads contents only, unless a job needs more; every job has a limit", (name) => {
    const { permissions, jobs, concurrency } = workflow(name);
    expect(permissions).toEqual({ contents: "read" });
    expect(concurrency.group).toBeTruthy();
    for (const job of Object.values(jobs)) {
      if (job.uses) continue;
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      for (const [scope, access] of Object.entries(job.permissions ?? {}))
        expect(["contents read", "contents write", "id-token write"]).toContain(`${scope} ${access}`);
    }
  });

  it.each(names)("%s takes a token of AWS only inside an environment", (name) => {
    for (const job of Object.values(workflow(name).jobs)) {
      const deploys = (job.steps ?? []).some(
        ({ uses = "" }) => uses.includes("configure-aws-credentials") || uses === "./.github/actions/deploy",
      );
      expect(job.permissions?.["id-token"] === "write").toBe(deploys);
      expect(Boolean(job.environment)).toBe(deploys);
    }
  });

  it("keep every step to one line, a script of this repository beside it", () => {
    for (const { run } of everyStep()) {
      if (!run) continue;
      expect(run.trim().split("\n"), run).toHaveLength(1);
      for (const [script] of run.matchAll(/(\.github\/scripts\/[\w.-]+|\.ci\/run)/g)) {
        const { mode } = statSync(path.join(root, script));
        if (!script.endsWith(".ts")) expect(mode & 0o111, `${script} is executable`).toBeTruthy();
      }
      const { scripts } = read<{ scripts: Record<string, string> }>("package.json");
      for (const [, script] of run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)) expect(scripts, run).toHaveProperty(script!);
    }
  });
});

describe("a promotion", () => {
  it.each([
    ["deploy-dev", "dev", undefined],
    ["promote-sit", "sit", "dev"],
    ["promote-prod", "prod", "sit"],
  ])("%s deploys to %s what was green in %s, one at a time", (name, stage, before) => {
    const { jobs, concurrency } = workflow(name);
    const deploy = jobs.deploy!;
    expect(deploy.environment).toMatchObject({ name: stage, url: `https://${stages[stage as keyof typeof stages].domain}` });
    expect(concurrency).toEqual({ group: `deploy-${stage}`, "cancel-in-progress": false });
    expect(deploy.steps!.at(-1)!.with).toMatchObject({ stage, ...(before && { "green-in": before }) });
    if (before) expect(deploy.steps![0]!.with).toMatchObject({ ref: "${{ inputs.commit }}" });
  });

  it("proves the bundles before it has credentials", () => {
    const { steps } = read<{ runs: { steps: Step[] } }>(".github/actions/deploy/action.yml").runs;
    const position = (text: string) => steps.findIndex(({ uses = "", run = "" }) => `${uses}${run}`.includes(text));
    const order = ["bundle-hashes.ts", "green.ts check", "configure-aws-credentials", "deploy.sh", "tag-green.sh"].map(position);
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it("to dev waits for the tests; to prod is watched, and undone when an alarm rings", () => {
    expect(workflow("deploy-dev").jobs.deploy!.needs).toBe("test");
    expect(workflow("deploy-dev").jobs.test!.uses).toBe("./.github/workflows/test.yml");
    const { watch: watching, "roll-back": back, release } = workflow("promote-prod").jobs;
    expect(watching!.steps!.at(-1)!.run).toBe("node .github/scripts/watch-alarms.ts --stage prod --minutes 15");
    expect(back!.if).toContain("needs.watch.result == 'failure'");
    expect(release!.needs).toBe("watch");
  });

  it("is undone only by a tag of the same stage", () => {
    const deploy = workflow("rollback").jobs.deploy!;
    expect(deploy.if).toBe("startsWith(inputs.tag, format('{0}/', inputs.stage))");
    expect(deploy.steps!.at(-1)!.with).toMatchObject({ "green-in": "${{ inputs.stage }}" });
  });

  it("is trusted by AWS from this repository's environments only", () => {
    const template = read<{
      Resources: { DeployRole: { Properties: { AssumeRolePolicyDocument: { Statement: { Condition: { StringEquals: object } }[] } } } };
    }>("infra/bootstrap/deploy-role.yml");
    const [statement] = template.Resources.DeployRole.Properties.AssumeRolePolicyDocument.Statement;
    const text = JSON.stringify(statement!.Condition.StringEquals);
    const subjects = [...text.matchAll(/repo:[^"]+/g)].map(([subject]) => subject);
    expect(subjects).toEqual([
      "repo:${Repository}:environment:prod",
      "repo:${Repository}:environment:prod-watch",
      "repo:${Repository}:environment:${Stage}",
    ]);
    expect(text).toContain('"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"');
  });
});

describe("green commits", () => {
  let repository: string;
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  const commit = (subject: string) => {
    git("commit", "--allow-empty", "--quiet", "--message", subject);
    return git("rev-parse", "HEAD");
  };

  beforeAll(() => {
    repository = mkdtempSync(path.join(tmpdir(), "green-"));
    process.chdir(repository);
    git("init", "--quiet", "--initial-branch=main");
    git("config", "user.name", "test");
    git("config", "user.email", "test@example.com");
  });
  afterAll(() => {
    process.chdir(root);
    rmSync(repository, { recursive: true, force: true });
  });

  it("are known by a tag that holds their bundles' hashes; other bundles or another stage are refused", () => {
    const first = commit("First");
    const hashes = { CreateOrder: "aa", GetOrder: "bb" };
    const tag = mark("dev", first, hashes, new Date("2026-01-02T03:04:05Z"));
    expect(tag).toBe(`dev/20260102-0304-${first.slice(0, 7)}`);
    expect(check("dev", first, hashes)).toBe(tag);
    expect(() => check("sit", first, hashes)).toThrow(/was never green on sit/);
    expect(() => check("dev", first, { CreateOrder: "aa", GetOrder: "cc" })).toThrow(/bundles differ .*: GetOrder$/);
    expect(() => check("dev", first, { CreateOrder: "aa" })).toThrow(/bundles differ .*: GetOrder$/);
  });

  it("are found again for a rollback, and named in the release notes", () => {
    const before = mark("prod", git("rev-parse", "HEAD"), {}, new Date("2026-01-01T09:00:00Z"));
    const now = commit("Second");
    mark("prod", now, {}, new Date("2026-02-01T09:00:00Z"));
    expect(previous("prod", now)).toBe(before);
    expect(releaseNotes(before, now)).toMatch(new RegExp(`## Since ${before}\\n\\n- Second \\([0-9a-f]{7,}\\)`));
    const script = path.join(root, ".github/scripts/checkout-previous.sh");
    expect(execFileSync(script, ["prod"], { encoding: "utf8" }).trim()).toBe(before);
    expect(git("rev-parse", "HEAD")).toBe(git("rev-list", "-n", "1", before));
    expect(() => execFileSync(script, ["sit"], { stdio: "pipe" })).toThrow(/no earlier green tag/);
  });

  it("have nothing to go back to on the first release", () => {
    expect(() => previous("sit", "HEAD")).toThrow(/no earlier green tag/);
    expect(releaseNotes(undefined, "HEAD")).toContain("## First release");
  });
});

describe("the scripts", () => {
  it("hash a bundle the same way twice", async () => {
    const twice = [await bundleHashes(["ListOrders"]), await bundleHashes(["ListOrders"])];
    expect(twice[0]).toEqual({ ListOrders: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(twice[1]).toEqual(twice[0]);
  });

  it("find every licence of the lockfile acceptable, and no other", () => {
    const { counts, refused } = review(read("package-lock.json"));
    expect(counts.get("MIT")).toBeGreaterThan(100);
    expect(refused).toEqual([]);
    const odd = { "node_modules/a": { license: "GPL-3.0" }, "node_modules/b": {}, "node_modules/c": { license: "(MIT OR GPL-3.0)" } };
    expect(review({ packages: odd }).refused).toEqual(["a: GPL-3.0", "b: (none)"]);
  });

  it("find no secret in the repository, and one where there is one", () => {
    expect(execFileSync(path.join(root, ".github/scripts/secrets.sh"), { encoding: "utf8" })).toMatch(/no secret in \d+ files/);
    const folder = mkdtempSync(path.join(tmpdir(), "secret-"));
    try {
      const file = path.join(folder, "found.txt");
      writeFileSync(file, `token: ${["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_")}\n`);
      expect(() =>
        execFileSync(path.join(root, "node_modules/.bin/secretlint"), ["--no-glob", file], { cwd: root, stdio: "pipe" }),
      ).toThrow();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("gate vulnerabilities at high", () => {
    expect(readFileSync(path.join(root, ".github/scripts/audit.sh"), "utf8")).toContain("npm audit --audit-level=high");
  });

  it.each([
    ["dev", "https://orders-api.dev.kimmyai.io"],
    ["prod", "https://orders-api.kimmyai.io"],
  ])("know the URL of %s", (stage, url) => {
    expect(
      execFileSync(process.execPath, [path.join(root, ".github/scripts/stage-url.ts"), "--stage", stage], { encoding: "utf8" }).trim(),
    ).toBe(url);
  });

  it("deploy through the guarded command, publish the templates and prove the stage from outside, in this order", () => {
    const script = readFileSync(path.join(root, ".github/scripts/deploy.sh"), "utf8");
    const order = [
      'npm run deploy -- --stage "$stage"',
      'npm run templates -- publish --stage "$stage"',
      "npm run --silent ops -- smoke",
    ].map((line) => script.indexOf(line));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

describe("watching alarms", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** CloudWatch on the loopback: one answer per look, the last one repeated. */
  async function cloudWatch(...looks: string[][]) {
    const asked: unknown[] = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        asked.push(body);
        const names = looks[Math.min(asked.length, looks.length) - 1]!;
        response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
        response.end(JSON.stringify({ MetricAlarms: names.map((AlarmName) => ({ AlarmName })), CompositeAlarms: [] }));
      });
    });
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      asked,
      client: new CloudWatchClient({ endpoint, region: "af-south-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } }),
    };
  }

  it("ends with the first that rings", async () => {
    const { client } = await cloudWatch([], ["bbws-order-prod-api-5xx-Api"]);
    expect(await watch("prod", client, { forMs: 5000, everyMs: 10 })).toEqual(["bbws-order-prod-api-5xx-Api"]);
  });

  it("ends well when all stay quiet for the time", async () => {
    const { client, asked } = await cloudWatch([]);
    expect(await watch("prod", client, { forMs: 1500, everyMs: 50 })).toEqual([]);
    expect(asked.length).toBeGreaterThan(1);
  });

  it("asks for the stage's own, ringing now", async () => {
    const { client, asked } = await cloudWatch(["bbws-order-prod-queue-age-InvoiceQueue"]);
    expect(await ringing("prod", client)).toHaveLength(1);
    expect(String(asked[0])).toMatch(/bbws-order-prod-/);
    expect(String(asked[0])).toMatch(/ALARM/);
  });
});
