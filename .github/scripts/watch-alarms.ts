/** Watches a stage's alarms after a deploy: `watch-alarms.ts --stage prod --minutes 15`. Fails at the first that rings. */
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
 * @returns the alarms that rang first; empty when all stayed quiet
 */
export async function watch(
  stage: string,
  client: CloudWatchClient,
  { forMs, everyMs }: { forMs: number; everyMs: number },
): Promise<string[]> {
  const end = Date.now() + forMs;
  for (;;) {
    const names = await ringing(stage, client);
    if (names.length > 0) return names;
    if (Date.now() + everyMs > end) return [];
    await sleep(everyMs);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { stage: { type: "string" }, minutes: { type: "string", default: "15" } } });
  const { stage = "", minutes } = values;
  const client = new CloudWatchClient({ region: stageOf(stage).region });
  const names = await watch(stage, client, { forMs: Number(minutes) * 60_000, everyMs: 30_000 });
  for (const name of names) console.error(`ALARM ${name}`);
  console.log(names.length === 0 ? `all alarms of ${stage} were quiet for ${minutes} minutes` : `${names.length} alarms of ${stage} ring`);
  process.exit(names.length === 0 ? 0 : 1);
}
