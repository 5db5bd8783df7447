/**
 * Runs the real SST components of one stage and writes the plan: every resource they would register. A process of its
 * own per stage, because Pulumi keeps global state.
 *
 *   node test/infra/harness/synth.ts --stage prod --out plan.json [--command deploy|diff] [--live]
 */
import crypto from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { startCli } from "./cli.ts";
import { createCloud } from "./cloud.ts";
import { bundleProgram, evaluateApp, type Program } from "./config.ts";
import type { PlannedResource, RawPlan } from "./plan.ts";
import { work } from "./platform.ts";
import { type Mocks, mockMonitor, plain, type RegisterRequest, rpc, sdk, settings } from "./pulumi.ts";

const { values: flags } = parseArgs({
  options: {
    stage: { type: "string", default: "" },
    out: { type: "string", default: "" },
    command: { type: "string", default: "diff" },
    live: { type: "boolean", default: false },
  },
});

const personalAccount = "123456789012";
const timeLimitMs = 30_000;

// SST's generated physical names end in random letters: constant ones make two plans comparable.
crypto.randomBytes = ((size: number) => Buffer.alloc(size)) as typeof crypto.randomBytes;
process.env.AWS_EC2_METADATA_DISABLED = "true";
process.env.SST_SECRET_LinkSigningKey = "a link signing key of the plan";
delete process.env.SERVICE_VERSION;

const app = await evaluateApp(flags.stage);
const account = app.providers.aws.allowedAccountIds?.[0] ?? personalAccount;
const homeRegion = app.providers.aws.region;
const cloud = createCloud(account);
const cli = await startCli(account);
process.env.SST_SERVER = cli.url;
process.env.SST_AWS_REGION = homeRegion;

let program: Program | undefined;
const resources: PlannedResource[] = [];
const registeredOutputs = new Map<string, Record<string, unknown>>();
const providerRegions = new Map<string, string>();
/** A provider reference is the provider's URN and its id. */
const regionOf = (provider: string | undefined) => providerRegions.get((provider ?? "").split("::").slice(0, 4).join("::")) ?? homeRegion;

const mocks: Mocks = {
  call({ token, inputs, provider }) {
    return failFast(() => cloud.dataSource({ token, inputs, region: regionOf(provider) }));
  },
  newResource({ type, name, inputs, provider, custom, id }) {
    if (!custom || type.startsWith("pulumi:")) return { id: custom ? `${name}-id` : "", state: inputs };
    return cloud.resource({ type, name, inputs, region: regionOf(provider), id });
  },
};

class Recorder extends mockMonitor() {
  /** A real URN: the stack's own type is no part of a child's type chain. */
  override newUrn(parent: string, type: string, name: string): string {
    const parentType = parent ? parent.split("::")[2] : "";
    const chain = parentType && parentType !== "pulumi:pulumi:Stack" ? `${parentType}$${type}` : type;
    return `urn:pulumi:${app.stage}::${app.name}::${chain}::${name}`;
  }

  override async registerResource(
    request: RegisterRequest,
    callback: Parameters<InstanceType<ReturnType<typeof mockMonitor>>["registerResource"]>[1],
  ) {
    const inputs = plain(request.getObject() ? rpc().deserializeProperties(request.getObject()) : {}) as Record<string, unknown>;
    const type = request.getType();
    const name = request.getName();
    if (type.startsWith("pulumi:providers:"))
      providerRegions.set(this.newUrn(request.getParent(), type, name), String(inputs.region ?? homeRegion));
    resources.push({
      type,
      name,
      custom: request.getCustom(),
      parent: request.getParent()?.split("::").at(-1) || undefined,
      provider: request.getProvider()?.split("::").at(-2) || undefined,
      region: regionOf(request.getProvider()),
      inputs,
      options: {
        protect: request.getProtect(),
        retainOnDelete: request.getRetainondelete(),
        ignoreChanges: request.getIgnorechangesList(),
        dependsOn: request.getDependenciesList().map((urn) => urn.split("::").at(-1)!),
      },
    });
    return super.registerResource(request, callback);
  }

  override registerResourceOutputs(
    ...[request, callback]: Parameters<InstanceType<ReturnType<typeof mockMonitor>>["registerResourceOutputs"]>
  ) {
    registeredOutputs.set(request.getUrn(), plain(rpc().deserializeProperties(request.getOutputs())) as Record<string, unknown>);
    super.registerResourceOutputs(request, callback);
  }
}

// An error inside `apply` rejects one output and may leave other promises pending for ever: the first one ends the run.
process.on("unhandledRejection", fail);
process.on("uncaughtException", fail);
setTimeout(() => fail(new Error(`no plan after ${timeLimitMs} ms; the last resource was ${resources.at(-1)?.name}`)), timeLimitMs).unref();

await sdk().runtime.setMocks({}, app.name, app.stage, false, "organization"); // turns on the SDK's feature flags
settings().setMockOptions(new Recorder(mocks), app.name, app.stage, false, "organization");
for (const [key, value] of Object.entries(app.providers.aws))
  sdk().runtime.setConfig(`aws:${key}`, typeof value === "string" ? value : JSON.stringify(value));

program = await bundleProgram(app, flags.command as "deploy" | "diff", flags.live);
try {
  const outputs = await sdk().runtime.runInPulumiStack(program.run);
  // Twice: what is created inside `apply` registers after the first round of calls.
  await settings().waitForRPCs(false);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await settings().waitForRPCs(false);
  writeFileSync(flags.out, JSON.stringify(await planOf(outputs), null, 1));
  tidy();
  process.exit(0);
} catch (error) {
  fail(error);
}

async function planOf(outputs: unknown): Promise<RawPlan> {
  const resolved = isOutput(outputs) ? await outputs.promise() : outputs;
  const refs = [...registeredOutputs.values()].filter((ref) => typeof ref.target === "string" && ref.properties !== undefined);
  return {
    stage: app.stage,
    account,
    app,
    outputs: plain(resolved) as Record<string, unknown>,
    links: Object.fromEntries(refs.map((ref) => [String(ref.target), ref.properties as Record<string, unknown>])),
    builds: cli.builds,
    resources,
  };
}

function isOutput(value: unknown): value is { promise(): Promise<unknown> } {
  return typeof value === "object" && value !== null && typeof (value as { promise?: unknown }).promise === "function";
}

function failFast<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    return fail(error);
  }
}

function fail(error: unknown): never {
  const { name, message, stack } = error as Error;
  const expected = name === "VisibleError" || name === "DeploymentRefused";
  console.error(expected ? message : (stack ?? error));
  tidy();
  process.exit(1);
}

function tidy() {
  program?.dispose();
  cli.close();
  rmSync(path.join(work, "plan-artifacts", String(process.pid)), { recursive: true, force: true });
}
