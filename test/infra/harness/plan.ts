/** A stage's plan: what `sst deploy` would register, with typed questions to ask of it. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { functions } from "../../../infra/settings.ts";
import type { Build } from "./cli.ts";
import type { App } from "./config.ts";
import { ensurePlatform, root, work } from "./platform.ts";
import type { ResourceInputs, ResourceType } from "./resource-types.ts";

export type PlannedResource = {
  /** Pulumi's type, e.g. `aws:sqs/queue:Queue`; SST's components begin with `sst:`. */
  type: string;
  /** Logical name. */
  name: string;
  custom: boolean;
  parent: string | undefined;
  /** Logical name of the provider; `default...` for the app's own. */
  provider: string | undefined;
  region: string;
  inputs: Record<string, unknown>;
  options: { protect: boolean; retainOnDelete: boolean; ignoreChanges: string[]; dependsOn: string[] };
};

export type RawPlan = {
  stage: string;
  account: string;
  app: App;
  outputs: Record<string, unknown>;
  /** What `Resource` holds in a linked function, by component. */
  links: Record<string, Record<string, unknown>>;
  builds: Record<string, Build>;
  resources: PlannedResource[];
};

export type Planned<Type extends ResourceType> = Omit<PlannedResource, "inputs"> & { inputs: ResourceInputs[Type] };

export type Plan = RawPlan & {
  /** All resources of a type, in the order of registration. */
  ofType<Type extends ResourceType>(type: Type): Planned<Type>[];
  /**
   * The one resource of a type with this logical name.
   * @throws Error when there is none
   */
  get<Type extends ResourceType>(type: Type, name: string): Planned<Type>;
};

export function createPlan(raw: RawPlan): Plan {
  const ofType = <Type extends ResourceType>(type: Type) =>
    raw.resources.filter((resource) => resource.type === type) as unknown as Planned<Type>[];
  return {
    ...raw,
    ofType,
    get(type, name) {
      const found = ofType(type).find((resource) => resource.name === name);
      if (!found)
        throw new Error(
          `${raw.stage} plans no ${type} named ${name}; it has ${ofType(type)
            .map((resource) => resource.name)
            .join(", ")}`,
        );
      return found;
    },
  };
}

const run = promisify(execFile);
const cache = path.join(work, "plans");

/** Everything a plan is made of; a plan of the same inputs is kept. */
const inputs = [
  "sst.config.ts",
  "infra/**/*.ts",
  "test/infra/harness/*.ts",
  "packages/functions/src/api/routes.ts",
  "node_modules/sst/package.json",
];

const plans = new Map<string, Promise<Plan>>();

/**
 * The plan of a stage, as `sst diff` would see it. Made once per state of the sources: 3 to 8 s, then from `.sst/plans`.
 * @throws Error with the program's own message when it fails
 */
export function planOf(stage: string): Promise<Plan> {
  const known = plans.get(stage);
  if (known) return known;
  const plan = readOrMake(stage);
  plans.set(stage, plan);
  return plan;
}

async function readOrMake(stage: string): Promise<Plan> {
  ensurePlatform();
  const file = path.join(cache, `${stage}-${fingerprint()}.json`);
  if (!existsSync(file)) {
    await synthesise(stage, file, []);
    forgetOlder(stage, file);
  }
  return createPlan(JSON.parse(readFileSync(file, "utf8")) as RawPlan);
}

/**
 * Runs the program as `sst deploy` (or `sst dev`) would, guards included.
 * @throws Error whose message holds the refusal
 */
export async function deployOf(stage: string, options: { live?: boolean } = {}): Promise<void> {
  ensurePlatform();
  await synthesise(stage, path.join(cache, `${stage}-${process.pid}-deploy.json`), [
    "--command",
    "deploy",
    ...(options.live ? ["--live"] : []),
  ]);
}

function forgetOlder(stage: string, current: string) {
  const ofStage = new RegExp(`^${stage}-[0-9a-f]{16}\\.json$`);
  for (const name of readdirSync(cache)) {
    if (ofStage.test(name) && name !== path.basename(current)) rmSync(path.join(cache, name), { force: true });
  }
}

async function synthesise(stage: string, file: string, flags: string[]) {
  mkdirSync(cache, { recursive: true });
  const half = `${file}.${process.pid}`;
  try {
    await run(
      process.execPath,
      ["--stack-trace-limit=4", path.join(import.meta.dirname, "synth.ts"), "--stage", stage, "--out", half, ...flags],
      {
        cwd: root,
        maxBuffer: 1 << 26,
        env: { ...process.env, NODE_COMPILE_CACHE: path.join(work, "compile-cache") },
      },
    );
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`no plan for ${stage}: ${stderr?.trim() || message}`);
  }
  renameSync(half, file);
}

function fingerprint(): string {
  const handlers = Object.values(functions).map(({ handler }) => handler.replace(/\.\w+$/, ".ts"));
  const files = [...globSync(inputs, { cwd: root }), ...handlers].sort();
  const hash = createHash("sha256").update(process.version);
  for (const file of files) {
    const full = path.join(root, file);
    hash.update(`\n${file}\n`).update(existsSync(full) ? readFileSync(full) : "missing");
  }
  return hash.digest("hex").slice(0, 16);
}
