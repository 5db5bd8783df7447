/** Access to what `sst install` left in `.sst/platform`. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { platform, work } from "../../../infra/cli/platform.ts";

export { ensurePlatform, platform, root, work } from "../../../infra/cli/platform.ts";

/** Loads a package from the platform's own dependencies, so that there is one copy of Pulumi. */
export function fromPlatform<T>(id: string): T {
  return createRequire(path.join(platform, "package.json"))(id) as T;
}

/** The packages the config sees as globals, e.g. `aws`. */
export function providerGlobals(): { alias: string; package: string }[] {
  return JSON.parse(readFileSync(path.join(work, "provider-lock.json"), "utf8")) as { alias: string; package: string }[];
}
