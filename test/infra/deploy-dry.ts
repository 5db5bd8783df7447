/**
 * `npm run deploy:dry -- --stage S`: what a deploy would create, as a table, and how it differs from the committed plan.
 * `npm run deploy:dry -- --accept`: commits the plans of all stages, the table of policies and the types of linked resources.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { optionsOf } from "../../infra/cli/options.ts";
import { reasonsAgainst } from "../../infra/guards.ts";
import { functions } from "../../infra/settings.ts";
import { stageOf } from "../../infra/stage.ts";
import { type Plan, type PlannedResource, planOf } from "./harness/plan.ts";
import { root } from "./harness/platform.ts";
import { resourceTypes } from "./links.ts";
import { policiesAsMarkdown } from "./policies.ts";
import { changes, commitSnapshot, committedSnapshot, deployed, snapshotOf } from "./snapshot.ts";
import { everyStage } from "./stages.ts";

const usage = `npm run deploy:dry -- --stage <dev|sit|prod|prod-dr|your own>
npm run deploy:dry -- --accept

Needs no AWS account. With --stage: what a deployment would make, how that differs from the committed plan, and what
would stand against it. With --accept: commits the plans of all stages, the table of policies and sst-env.d.ts.`;

const stage = optionsOf(usage, { stage: { type: "string" }, accept: { type: "boolean", default: false } }, (values) => {
  if (values.accept) return undefined;
  if (values.stage) return values.stage;
  throw new Error("Which stage? npm run deploy:dry -- --stage <dev|sit|prod|prod-dr|your own>, or --accept to commit the plans");
});

await (stage ? show(await planOf(stage)) : accept());

async function accept() {
  for (const stage of everyStage) commitSnapshot(stage, snapshotOf(await planOf(stage)));
  const prod = await planOf("prod");
  writeFileSync(path.join(import.meta.dirname, "policies.md"), policiesAsMarkdown(prod, Object.keys(functions)));
  writeFileSync(path.join(root, "sst-env.d.ts"), resourceTypes(await planOf("dev")));
  console.log(
    `Accepted the plans of ${everyStage.join(", ")}, test/infra/policies.md and sst-env.d.ts. Read their diff before you commit it.`,
  );
}

async function show(plan: Plan) {
  const { region } = plan.app.providers.aws;
  console.log(
    `${plan.app.name} ${plan.stage}: account ${plan.account}, ${region}, removal ${plan.app.removal}, ${plan.app.protect ? "protected" : "not protected"}\n`,
  );
  printTable(deployed(plan));
  printChanges(plan);
  printReasons(plan);
}

function printTable(resources: PlannedResource[]) {
  const rows = resources
    .map((resource) => [resource.type.split(":").at(-1)!, resource.name, summary(resource), resource.region])
    .sort(([a, b], [c, d]) => `${a} ${b}`.localeCompare(`${c} ${d}`));
  const table = [["resource", "logical name", "what", "region"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.min(60, Math.max(...table.map((row) => row[column]!.length))));
  for (const row of table) console.log(row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell)).join("  "));
  console.log(`\n${resources.length} resources`);
}

/** The one thing a person wants to know of a resource: its physical name, its route, what it is attached to. */
function summary({ inputs }: PlannedResource): string {
  const keys = [
    "name",
    "bucket",
    "routeKey",
    "emailIdentity",
    "configurationSetName",
    "dashboardName",
    "domainName",
    "endpoint",
    "eventSourceArn",
    "function",
    "queueUrl",
    "arn",
    "mailFromDomain",
    "integrationUri",
  ];
  const value = keys.map((key) => inputs[key]).find((candidate) => typeof candidate === "string");
  return String(value ?? "").replace(/^.*[:/](?=[^:/]+$)/, (prefix) =>
    prefix.startsWith("arn:") || prefix.startsWith("https:") ? "" : prefix,
  );
}

function printChanges(plan: Plan) {
  const found = changes(committedSnapshot(plan.stage), snapshotOf(plan));
  if (!everyStage.some((stage) => stage === plan.stage)) return;
  if (found.length === 0) return console.log("\nNo difference from the committed plan.");
  console.log(`\n${found.length} differences from the committed plan:`);
  const marks = { added: "+", removed: "-", changed: "~" };
  for (const { resource, kind, details } of found) {
    console.log(`${marks[kind]} ${resource}`);
    for (const detail of details) console.log(`    ${detail}`);
  }
}

function printReasons(plan: Plan) {
  const reasons = reasonsAgainst({ stageName: plan.stage, stage: stageOf(plan.stage), live: false });
  const broken = Object.entries(plan.builds).filter(([, build]) => !build.exports.includes(path.extname(build.handler).slice(1)));
  for (const [name, build] of broken) reasons.push(`${name}: ${build.handler} does not exist`);
  if (reasons.length === 0) return console.log("\nNothing in the sources stands against a deploy.");
  console.log(`\nA deploy would be refused:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`);
}
