import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { describe, expect, it } from "vitest";
import { bundling } from "../../infra/settings.ts";
import { type Plan, planOf } from "./harness/plan.ts";
import { platform, root } from "./harness/platform.ts";
import { everyStage } from "./stages.ts";

const apiFunctions = ["CreateOrder", "GetOrder", "ListOrders", "UpdateOrder"];
const consumers = ["OrderCreatorRecord", "OrderPDFCreator", "OrderInternalNotificationSender", "CustomerOrderConfirmationSender"];
const plumbing = ["OrderChangeRouter", "OrderExpirer"];
const names = [...apiFunctions, ...consumers, ...plumbing];

/** Read by path, as SST does. */
const { standIns } = (await import(path.join(root, bundling.plugins))) as { standIns: Record<string, string> };

const functionOf = (plan: Plan, name: string) => plan.get("aws:lambda/function:Function", `${name}Function`).inputs;

describe.each(everyStage)("the functions of %s", (stage) => {
  it("are the eight and the two that carry the plumbing, each created once under its own name", async () => {
    const plan = await planOf(stage);
    expect(
      plan
        .ofType("aws:lambda/function:Function")
        .map(({ inputs }) => inputs.name)
        .sort(),
    ).toEqual(names.map((name) => `bbws-order-${stage}-${name}`).sort());
  });

  it.each(names)("%s has a handler that its source exports", async (name) => {
    const build = (await planOf(stage)).builds[name]!;
    expect(build.source, build.handler).toBeDefined();
    expect(build.exports).toContain(build.handler.split(".").at(-1));
  });

  it.each(names)("%s runs on arm64 and nodejs22.x, minified with source maps, and logs JSON", async (name) => {
    const plan = await planOf(stage);
    const { runtime, architectures, loggingConfig } = functionOf(plan, name);
    expect([runtime, architectures]).toEqual(["nodejs22.x", ["arm64"]]);
    expect(loggingConfig).toEqual({ logFormat: "JSON", logGroup: `/aws/lambda/bbws-order-${stage}-${name}` });
    expect(plan.builds[name]).toMatchObject({
      runtime: "nodejs22.x",
      properties: { minify: true, sourcemap: true, architecture: "arm64", plugins: bundling.plugins, esbuild: { keepNames: false } },
    });
  });

  it.each(names)("%s is trusted to the Lambda service alone", async (name) => {
    const { assumeRolePolicy } = (await planOf(stage)).get("aws:iam/role:Role", `${name}Role`).inputs;
    const policy = typeof assumeRolePolicy === "string" ? JSON.parse(assumeRolePolicy) : assumeRolePolicy;
    expect(policy.Statement).toEqual([
      expect.objectContaining({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }),
    ]);
  });

  it.each(names)("%s knows its stage and no secret: those come encrypted, by link", async (name) => {
    const plan = await planOf(stage);
    const { variables } = functionOf(plan, name).environment;
    expect(variables).toMatchObject({ STAGE: stage, NODE_OPTIONS: "--enable-source-maps", POWERTOOLS_METRICS_NAMESPACE: "BbwsOrder" });
    expect(JSON.stringify(variables)).not.toContain(process.env.SST_SECRET_LinkSigningKey ?? "a link signing key of the plan");
  });

  it("fit Lambda's limits: 64 characters of name, 4 KB of environment", async () => {
    for (const { inputs } of (await planOf(stage)).ofType("aws:lambda/function:Function")) {
      expect(inputs.name.length).toBeLessThanOrEqual(64);
      expect(Buffer.byteLength(JSON.stringify(inputs.environment.variables)), inputs.name).toBeLessThan(4096);
    }
  });
});

it.each([
  ["dev", 7],
  ["sit", 30],
  ["prod", 90],
])("%s keeps every log for %i days", async (stage, retention) => {
  const groups = (await planOf(stage)).ofType("aws:cloudwatch/logGroup:LogGroup");
  expect(groups).toHaveLength(11);
  for (const { inputs } of groups) expect([inputs.name, inputs.retentionInDays]).toEqual([inputs.name, retention]);
});

it.each([
  ["dev", undefined],
  ["sit", "Active"],
  ["prod", "Active"],
])("%s traces: %s", async (stage, mode) => {
  for (const { inputs } of (await planOf(stage)).ofType("aws:lambda/function:Function")) expect(inputs.tracingConfig?.mode).toBe(mode);
});

it("links each function to what it uses and to nothing else", async () => {
  const { builds } = await planOf("prod");
  const keys = ["LinkSigningKey", "PreviousLinkSigningKey"];
  const links = Object.fromEntries(names.map((name) => [name, builds[name]!.links]));
  expect(links.ListOrders).toEqual(["LinkSigningKey", "OrdersTable", "PreviousLinkSigningKey"]);
  expect(links.OrderChangeRouter).not.toContain("OrdersTable");
  for (const name of ["UpdateOrder", "OrderCreatorRecord", "OrderPDFCreator", "OrderInternalNotificationSender", ...plumbing]) {
    expect(
      links[name]!.filter((link) => keys.includes(link)),
      `${name} and the signing keys`,
    ).toEqual([]);
  }
});

describe("SST's own plugin runner", () => {
  /** Asks the process SST's builder starts, over its lines of JSON, how each import is resolved. */
  async function resolved(imports: readonly string[]): Promise<({ path: string } | Record<string, never>)[]> {
    const runner = spawn(
      process.execPath,
      [path.join(platform, "functions/nodejs-runtime/plugin.mjs"), path.join(root, bundling.plugins)],
      {
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    imports.forEach((specifier, id) => {
      runner.stdin.write(
        `${JSON.stringify({ id, command: "resolve", value: { path: specifier, importer: "", namespace: "file", kind: "import-statement" } })}\n`,
      );
    });
    const answers: { id: number; value: { path: string } }[] = [];
    for await (const line of createInterface(runner.stdout)) {
      answers.push(JSON.parse(line));
      if (answers.length === imports.length) break;
    }
    runner.kill();
    return answers.sort((a, b) => a.id - b.id).map(({ value }) => value);
  }

  it("puts every stand-in where it belongs and leaves the rest alone", async () => {
    const replaced = Object.keys(standIns);
    const answers = await resolved([...replaced, "valibot", "./neighbour.ts"]);
    expect(answers.slice(-2)).toEqual([{}, {}]);
    const files = answers.slice(0, -2).map(({ path: file }) => file);
    expect(files).toEqual(Object.values(standIns).map((file) => path.join(root, "packages/functions/src/runtime/stubs", file)));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
