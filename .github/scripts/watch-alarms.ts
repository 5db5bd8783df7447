/**
 * Watches a stage's alarms after a deploy. An alarm that rang before is what the release may have come to mend: as long as it
 * goes on ringing it is told of and fails nothing. Once it has been quiet it counts like any other.
 *
 *   watch-alarms.ts --stage prod --note                        prints `ringing=name@since,name@since` for a step's output
 *   watch-alarms.ts --stage prod --minutes 15 --before THOSE   ends at the first other one that rings
 *
 * Exit code 0: none began to ring; 1: one did, and the step's outputs say `rang=true`; 2: it could not look, which says
 * nothing about the stage.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { stageOf } from "../../infra/stage.ts";

/** An alarm that rings, and since when: one that went quiet and rings anew has another time. */
export type Ring = { name: string; since: string };

/** A stage's alarms that ring now. */
export async function ringing(stage: string, client: CloudWatchClient): Promise<Ring[]> {
  const rings: Ring[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: `bbws-order-${stage}-`, StateValue: "ALARM" },
  )) {
    // The standby's alarms share prod's prefix; they are in another region, so only a personal stage of such a name could mix.
    rings.push(
      ...MetricAlarms.map(({ AlarmName: name = "", StateTransitionedTimestamp: at }) => ({ name, since: at?.toISOString() ?? "" })),
    );
  }
  return rings;
}

/** Rings as a step's output holds them; no name of an alarm has a comma or an @ in it. */
export const written = (rings: readonly Ring[]) => rings.map(({ name, since }) => `${name}@${since}`).join(",");

export const read = (text: string): Ring[] =>
  text
    .split(",")
    .filter(Boolean)
    .map((ring) => ({ name: ring.split("@")[0]!, since: ring.split("@")[1] ?? "" }));

/**
 * Looks every `everyMs` until `forMs` have passed.
 * @param before what rang before the deploy
 * @returns the names of the other alarms that rang first; empty when none began to ring
 * @throws what CloudWatch throws, once it has failed `PATIENCE` looks in a row
 */
export async function watch(
  stage: string,
  client: CloudWatchClient,
  { forMs, everyMs, before = [] }: { forMs: number; everyMs: number; before?: readonly Ring[] },
): Promise<string[]> {
  const end = Date.now() + forMs;
  const old = new Set(before.map(({ name, since }) => `${name}@${since}`));
  let failures = 0;
  for (;;) {
    try {
      const fresh = (await ringing(stage, client)).filter(({ name, since }) => !old.has(`${name}@${since}`));
      if (fresh.length > 0) return fresh.map(({ name }) => name);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === PATIENCE) throw error;
    }
    if (Date.now() + everyMs > end && failures === 0) return [];
    await sleep(everyMs);
  }
}

/** Looks that may fail one after the other: each is the client's third try already. */
const PATIENCE = 3;

async function tell(stage: string, minutes: number, before: Ring[], client: CloudWatchClient): Promise<0 | 1> {
  for (const { name } of before) console.log(`rang before the deploy: ${name}`);
  const names = await watch(stage, client, { forMs: minutes * 60_000, everyMs: 30_000, before });
  for (const name of names) console.error(`ALARM ${name}`);
  if (names.length > 0) {
    const { GITHUB_OUTPUT } = process.env;
    if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, "rang=true\n");
    console.log(`${names.length} alarms of ${stage} ring`);
    return 1;
  }
  const still = new Set((await ringing(stage, client)).map(({ name }) => name));
  for (const { name } of before) console.log(`${still.has(name) ? "rings still" : "is quiet now"}: ${name}`);
  console.log(`no alarm of ${stage} began to ring for ${minutes} minutes`);
  return 0;
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
  const { stage, note, minutes, before } = values;
  const client = new CloudWatchClient({ region: stageOf(stage).region });
  try {
    if (note) console.log(`ringing=${written(await ringing(stage, client))}`);
    else process.exitCode = await tell(stage, Number(minutes), read(before), client);
  } catch (error) {
    console.error(`the alarms of ${stage} could not be looked at: ${(error as Error).message}`);
    process.exitCode = 2;
  }
}
