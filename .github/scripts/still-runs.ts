/** Fails unless a stage still runs the checked-out commit: `still-runs.ts --stage prod`. A rollback may have come in between. */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { stageOf } from "../../infra/stage.ts";

const { values } = parseArgs({ options: { stage: { type: "string", default: "" } } });
const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
const answer = await fetch(`https://${stageOf(values.stage).domain}/health`, { signal: AbortSignal.timeout(10_000) });
const { version } = (await answer.json()) as { version?: string };
if (version !== commit) {
  console.error(`${values.stage} runs ${version}, not ${commit} any more`);
  process.exit(1);
}
console.log(`${values.stage} runs ${commit}`);
