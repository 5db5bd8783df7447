/** Before the infrastructure's tests: SST's platform, and the plans of all stages, so that no two workers make the same one. */

import { planOf } from "./harness/plan.ts";
import { ensurePlatform } from "./harness/platform.ts";
import { everyStage } from "./stages.ts";

export async function setup(): Promise<void> {
  ensurePlatform();
  for (const stage of everyStage) {
    // A broken program fails the tests by name, not the set-up.
    await planOf(stage).catch(() => undefined);
  }
}
