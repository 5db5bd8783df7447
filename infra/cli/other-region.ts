/**
 * Whether a stage's other region gives numbers. Two regions that number give one number twice, because their counters reach
 * each other late: prod and its standby must never both be active.
 */
import { AwsClient } from "aws4fetch";
import { DeploymentRefused } from "../guards.ts";
import { functionName, numberingQueue, queues } from "../settings.ts";
import { recoveryStageOf, stageOf } from "../stage.ts";

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** Longest wait for an answer of a region that may be lost, in ms. */
const PATIENCE_MS = 10_000;

/** Lambda's public address in a region. */
export const lambdaUrl = (region: string) => `https://lambda.${region}.amazonaws.com`;

/**
 * Checks, before a stage is deployed as the one that numbers, that its other region does not number.
 * @throws DeploymentRefused when that region numbers, or cannot be asked
 */
export async function checkOtherRegionRests(
  stageName: string,
  credentials: () => Promise<Credentials>,
  urlOf: (region: string) => string = lambdaUrl,
): Promise<void> {
  const { active, recoveryOf } = stageOf(stageName);
  const other = recoveryOf ?? recoveryStageOf(stageName);
  if (!active || !other) return;
  const { region } = stageOf(other);
  const { consumer } = queues[numberingQueue];
  let states: string[];
  try {
    states = await mappingStates(`${urlOf(region)}/2015-03-31/event-source-mappings`, functionName(consumer, other), {
      ...(await credentials()),
      region,
    });
  } catch (error) {
    throw new DeploymentRefused(
      `Not deploying ${stageName}: whether ${other} gives numbers in ${region} cannot be asked (${reasonOf(error)}), and two regions that number give one number twice. If that region is lost, fence it off (runbooks/recovery.md, "Fail over"), then deploy with --other-region-is-lost`,
    );
  }
  const awake = states.filter((state) => state !== "Disabled");
  if (awake.length === 0) return;
  throw new DeploymentRefused(
    `Not deploying ${stageName}: ${other} gives numbers in ${region} (the event source mapping of its ${consumer} is ${awake.join(", ")}), and two regions that number give one number twice. Deploy ${other} first from a commit that says active: false for it in infra/stage.ts, and wait until the mapping is Disabled (runbooks/recovery.md)`,
  );
}

/** States of a function's event source mappings, e.g. `Enabled`, `Disabling`, `Disabled`; none when there is no such function. */
async function mappingStates(url: string, name: string, { region, ...credentials }: Credentials & { region: string }): Promise<string[]> {
  const lambda = new AwsClient({ ...credentials, service: "lambda", region, retries: 2 });
  const answer = await lambda.fetch(`${url}?FunctionName=${encodeURIComponent(name)}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.headers.get("x-amzn-errortype")?.startsWith("ResourceNotFoundException")) return [];
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Lambda answered ${answer.status}: ${text.slice(0, 200)}`);
  const { EventSourceMappings: mappings } = JSON.parse(text) as { EventSourceMappings: { State: string }[] };
  return mappings.map(({ State }) => State);
}

/** Why a request came to nothing: fetch hides the network's reason in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return [message, cause?.message].filter(Boolean).join(": ");
}
