import { localTarget } from "./local-target.ts";
import { stageTarget } from "./stage-target.ts";
import type { Target } from "./target.ts";

export type TargetOptions = { stage: string; state: string };

/** @throws OpsError when no stack runs there, or the credentials are not the stage's. */
export function openTarget({ stage, state }: TargetOptions): Promise<Target> {
  return stage === "local" ? localTarget(state) : stageTarget(stage);
}
