/**
 * `npm run deploy -- --stage S`: deploys a stage, unless its facts are missing, the credentials are another account's, its
 * alarms reach nobody, or its other region gives numbers too.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { ListSubscriptionsByTopicCommand, NotFoundException, SNSClient } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { accountGuardOf } from "../app.ts";
import { DeploymentRefused, refuseUnready } from "../guards.ts";
import { alarmSeverities, alarmTopicName } from "../settings.ts";
import { stageOf } from "../stage.ts";
import { optionsOf } from "./options.ts";
import { checkOtherRegionRests } from "./other-region.ts";
import { root } from "./platform.ts";

/**
 * The account of the credentials at hand.
 * @throws DeploymentRefused when the stage must not be deployed there
 */
export async function checkAccount(stageName: string, sts: STSClient): Promise<string> {
  const { Account: account = "" } = await sts.send(new GetCallerIdentityCommand({}));
  const { allowedAccountIds, forbiddenAccountIds } = {
    allowedAccountIds: undefined,
    forbiddenAccountIds: undefined,
    ...accountGuardOf(stageName),
  };
  if (allowedAccountIds && !allowedAccountIds.includes(account)) {
    throw new DeploymentRefused(
      `Not deploying ${stageName}: these credentials are account ${account}'s, the stage lives in ${allowedAccountIds.join(", ")}`,
    );
  }
  if (forbiddenAccountIds?.includes(account)) {
    throw new DeploymentRefused(`Not deploying ${stageName}: account ${account} is shared, a personal stage has no place in it`);
  }
  return account;
}

/**
 * Checks that somebody confirmed each alarm topic's subscription. Before the first deploy there is no topic yet.
 * @throws DeploymentRefused naming the topics that reach nobody
 */
export async function checkAlarmsAreHeard(
  stageName: string,
  account: string,
  sns: SNSClient,
  options: { topicsMustExist: boolean },
): Promise<void> {
  const { alarmRecipients, region } = stageOf(stageName);
  if (alarmRecipients.length === 0) return;
  const deaf: string[] = [];
  for (const severity of alarmSeverities) {
    const topic = `arn:aws:sns:${region}:${account}:${alarmTopicName(severity, stageName)}`;
    const confirmed = await confirmedSubscriptions(topic, sns);
    if (confirmed === 0 || (confirmed === undefined && options.topicsMustExist)) deaf.push(topic);
  }
  if (deaf.length === 0) return;
  throw new DeploymentRefused(
    `Alarms of ${stageName} reach nobody: no confirmed subscription of ${deaf.join(" and ")}. AWS has mailed ${alarmRecipients.join(", ")} a link to confirm`,
  );
}

/** Confirmed subscriptions of a topic; undefined when there is no such topic. */
async function confirmedSubscriptions(topic: string, sns: SNSClient): Promise<number | undefined> {
  try {
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    return Subscriptions.filter((subscription) => subscription.SubscriptionArn?.startsWith("arn:")).length;
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
}

/** What /health calls a deployment from this checkout: its commit, marked where the checkout holds more than that. */
export function versionHere(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  return `${git("rev-parse", "HEAD")}${git("status", "--porcelain") === "" ? "" : "-changed"}`;
}

/** What a deploy reaches out with: AWS, and SST's command. */
export type Reach = {
  sts: STSClient;
  sns: SNSClient;
  /** Address of Lambda in a region; AWS's own unless given. */
  lambdaUrl?: (region: string) => string;
  /** Runs `sst deploy`. @returns its exit code */
  sst(stageName: string): number;
};

/**
 * Deploys a stage, once all guards let it.
 * @param options `otherRegionIsLost`: do not ask the stage's other region whether it gives numbers
 * @returns SST's exit code
 * @throws DeploymentRefused before anything is changed, or when its alarms reach nobody afterwards
 */
export async function deploy(
  stageName: string,
  { sts, sns, lambdaUrl, sst }: Reach,
  options: { otherRegionIsLost: boolean },
): Promise<number> {
  refuseUnready({ stage: stageName, command: "deploy", live: false });
  const account = await checkAccount(stageName, sts);
  await checkAlarmsAreHeard(stageName, account, sns, { topicsMustExist: false });
  if (!options.otherRegionIsLost) await checkOtherRegionRests(stageName, () => sts.config.credentials(), lambdaUrl);
  markTouched();
  const status = sst(stageName);
  if (status !== 0) return status;
  await checkAlarmsAreHeard(stageName, account, sns, { topicsMustExist: true });
  return 0;
}

/** From here on the stage may be half changed: on a workflow's runner touched.sh finds the mark, and a failed promotion goes back. */
function markTouched(): void {
  const { RUNNER_TEMP } = process.env;
  if (RUNNER_TEMP) writeFileSync(path.join(RUNNER_TEMP, "touched"), "");
}

function sstDeploy(stageName: string): number {
  const { status } = spawnSync(path.join(root, "node_modules/.bin/sst"), ["deploy", "--stage", stageName], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, SERVICE_VERSION: process.env.SERVICE_VERSION ?? versionHere() },
  });
  return status ?? 1;
}

const usage = `npm run deploy -- --stage <dev|sit|prod|prod-dr|your own> [--other-region-is-lost]

Deploys a stage with the AWS credentials at hand. It refuses, before anything is changed, when a fact of the stage is
still a placeholder, when the credentials are another account's, when its alarms reach nobody, or when the stage is active
while its other region gives numbers, too. --other-region-is-lost leaves the last out: only for a region that cannot be
asked and is fenced off (runbooks/recovery.md).
What it would do, without an account: npm run deploy:dry -- --stage S`;

if (import.meta.main) {
  const { stage, ...values } = optionsOf(
    usage,
    { stage: { type: "string" }, "other-region-is-lost": { type: "boolean", default: false } },
    ({ stage: name, ...others }) => {
      if (!name) throw new Error("Which stage? npm run deploy -- --stage <dev|sit|prod|prod-dr|your own>");
      return { stage: name, ...others };
    },
  );
  try {
    const { region } = stageOf(stage);
    const reach = { sts: new STSClient({ region }), sns: new SNSClient({ region }), sst: sstDeploy };
    process.exit(await deploy(stage, reach, { otherRegionIsLost: values["other-region-is-lost"] }));
  } catch (error) {
    console.error(error instanceof DeploymentRefused ? error.message : error);
    process.exit(1);
  }
}
