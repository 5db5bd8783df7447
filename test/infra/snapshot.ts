/** A plan as committed text: one line per resource, so that a change shows as one line. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Plan, PlannedResource } from "./harness/plan.ts";

/** What a resource is, and what was asked for it. */
export type Facts = Record<string, unknown>;
export type Snapshot = Record<string, Facts>;
export type Change = { resource: string; kind: "added" | "removed" | "changed"; details: string[] };

const file = (stage: string) => path.join(import.meta.dirname, "plans", `${stage}.json`);

/** SST's bookkeeping and the uploads of code say nothing about the infrastructure. */
const bookkeeping = new Set([
  "pulumi:pulumi:Stack",
  "sst:sst:LinkRef",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "random:index/randomBytes:RandomBytes",
]);

/** The resources that AWS would hold. */
export function deployed(plan: Plan): PlannedResource[] {
  return plan.resources.filter((resource) => resource.custom && !bookkeeping.has(resource.type));
}

export function snapshotOf(plan: Plan): Snapshot {
  const entries = deployed(plan).map((resource) => {
    const { protect, retainOnDelete } = resource.options;
    const facts = {
      ...(resource.region !== plan.app.providers.aws.region && { region: resource.region }),
      ...(protect && { protect }),
      ...(retainOnDelete && { retainOnDelete }),
      // The code's key is a hash of the build.
      ...(sorted({ ...resource.inputs, s3Key: undefined }) as Facts),
    };
    return [`${resource.type} ${resource.name}`, facts] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Same order of keys, whatever the order of registration. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

export function committedSnapshot(stage: string): Snapshot {
  return existsSync(file(stage)) ? (JSON.parse(readFileSync(file(stage), "utf8")) as Snapshot) : {};
}

export function commitSnapshot(stage: string, snapshot: Snapshot): void {
  const lines = Object.entries(snapshot).map(([resource, facts]) => `${JSON.stringify(resource)}: ${JSON.stringify(facts)}`);
  writeFileSync(file(stage), `{\n${lines.join(",\n")}\n}\n`);
}

/** What changed from one snapshot to the next, property by property. */
export function changes(before: Snapshot, after: Snapshot): Change[] {
  const resources = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return resources.flatMap((resource): Change[] => {
    const old = before[resource];
    const now = after[resource];
    if (!old) return [{ resource, kind: "added", details: [] }];
    if (!now) return [{ resource, kind: "removed", details: [] }];
    const details = differences(flat(old), flat(now));
    return details.length > 0 ? [{ resource, kind: "changed", details }] : [];
  });
}

function differences(old: Map<string, string>, now: Map<string, string>): string[] {
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys
    .filter((key) => old.get(key) !== now.get(key))
    .map((key) => `${key}: ${old.get(key) ?? "(nothing)"} -> ${now.get(key) ?? "(nothing)"}`);
}

function flat(value: unknown, prefix = "", found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== "object" || value === null) return found.set(prefix, String(value));
  for (const [key, inner] of Object.entries(value)) flat(inner, prefix ? `${prefix}.${key}` : key, found);
  return found;
}
