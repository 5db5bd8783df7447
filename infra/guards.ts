/** What must be true before anything is deployed. Pure: each guard names what is missing, so that a person can fix it. */
import { isPersonal, placeholdersOf, type Stage, stageOf } from "./stage.ts";

/** A deploy that must not happen; the message says what to change. */
export class DeploymentRefused extends Error {
  override readonly name = "DeploymentRefused";
}

/** SST's names must fit Lambda's 64 characters: `bbws-order-{stage}-CustomerOrderConfirmationSender`. */
export const longestStageName = 64 - "bbws-order--CustomerOrderConfirmationSender".length;

/** Every reason against deploying a stage; empty when it may go ahead. */
export function reasonsAgainst(input: { stageName: string; stage: Stage; live: boolean }): string[] {
  const { stageName, stage, live } = input;
  const personal = isPersonal(stageName);
  const reasons = placeholdersOf(stage).map((fact) => `infra/stage.ts: ${stageName}.${fact} is still a placeholder`);
  if (!/^[a-z][a-z0-9-]*$/.test(stageName)) reasons.push(`stage name "${stageName}": lower-case letters, digits and hyphens only`);
  if (stageName.length > longestStageName) reasons.push(`stage name "${stageName}" is longer than ${longestStageName} characters`);
  if (!personal && stage.alarmRecipients.length === 0)
    reasons.push(`infra/stage.ts: ${stageName}.alarmRecipients is empty, so its alarms reach nobody`);
  if (!personal && stage.account === undefined) reasons.push(`infra/stage.ts: ${stageName}.account is missing`);
  if (!personal && live) reasons.push(`"sst dev" is for personal stages: its functions run on a laptop, and ${stageName} is shared`);
  return reasons;
}

/**
 * Stops a deploy of a stage that is not ready. A diff may look at an unready stage.
 * @throws DeploymentRefused naming every reason
 */
export function refuseUnready(input: { stage: string; command: string; live: boolean }): void {
  if (input.command === "diff") return;
  const reasons = reasonsAgainst({ stageName: input.stage, stage: stageOf(input.stage), live: input.live });
  if (reasons.length > 0)
    throw new DeploymentRefused(`Not deploying ${input.stage}:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`);
}
