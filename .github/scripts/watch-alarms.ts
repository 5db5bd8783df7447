/**
 * Watches a stage's alarms after a deploy. An alarm that rang before is what the release may have come to mend: it is told
 * of and fails nothing.
 *
 *   watch-alarms.ts --stage prod --note                       prints `ringing=name,name` for a step's output
 *   watch-alarms.ts --stage prod --minutes 15 --before NAMES  fails at the first other one that rings
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { stageOf } from "../../infra/stage.ts";

/** Names of a stage's alarms that ring now. */
export async function ringing(stage: string, client: CloudWatchClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: `bbws-order-${stage}-`, StateValue: "ALARM" },
  )) {
    // The standby's alarms share prod's prefix; they are in another region, so only a personal stage of such a name could mix.
    names.push(...MetricAlarms.map(({ AlarmName = "" }) => AlarmName));
  }
  return names;
}

/**
 * Looks every `everyMs` until `forMs` have passed.
 * @param before names of alarms that rang before the deploy
 * @returns the other alarms that rang first; empty when none began to ring
 */
export async function watch(
  stage: string,
  client: CloudWatchClient,
  { forMs, everyMs, before = [] }: { forMs: number; everyMs: number; before?: readonly string[] },
): Promise<string[]> {
  const end = Date.now() + forMs;
  for (;;) {
    const names = (await ringing(stage, client)).filter((name) => !before.includes(name));
    if (names.length > 0) return names;
    if (Date.now() + everyMs > end) return [];
    await sleep(everyMs);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", default: "" },
      note: { type: "boolean", default: false },
      minutes: { type: "string", default: "15" },
      before: { type: "string", default: "" },
    },
  });
  const { stage, note, minutes } = values;
  const client = new CloudWatchClient({ region: stageOf(stage).region });
  if (note) {
    console.log(`ringing=${(await ringing(stage, client)).join(",")}`);
    process.exit(0);
  }
  const before = values.before.split(",").filter(Boolean);
  for (const name of before) console.log(`rang before the deploy: ${name}`);
  const names = await watch(stage, client, { forMs: Number(minutes) * 60_000, everyMs: 30_000, before });
  for (const name of names) console.error(`ALARM ${name}`);
  const still = new Set(await ringing(stage, client));
  for (const name of before) console.log(`${still.has(name) ? "rings still" : "is quiet now"}: ${name}`);
  console.log(names.length === 0 ? `no alarm of ${stage} began to ring for ${minutes} minutes` : `${names.length} alarms of ${stage} ring`);
  process.exit(names.length === 0 ? 0 : 1);
}
