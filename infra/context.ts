/** The stage being deployed: its name, its facts, its account. */
import { isPersonal, stageOf } from "./stage.ts";

export const stageName = $app.stage;
export const stage = stageOf(stageName);
export const personal = isPersonal(stageName);

/** The account's id: known for a shared stage, asked of AWS for a developer's own. */
export const accountId = stage.account === undefined ? aws.getCallerIdentityOutput({}).accountId : $output(stage.account);

/** S3 names are global, so a personal stage's buckets carry the account id. */
export const bucketStage = personal ? $interpolate`${stageName}-${accountId}` : $output(stageName);

/** The stage that owns the table: itself, or the one it stands by for. */
export const dataStageName = stage.recoveryOf ?? stageName;

/** True unless the data belongs to another stage. */
export const ownsData = stage.recoveryOf === undefined;
