/** SST's components and types (`.sst/platform`), and how to make them: `npm run sst:install`. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");
export const work = path.join(root, ".sst");
export const platform = path.join(work, "platform");

/** True when the platform of the installed SST version is there, with its dependencies. */
export function platformIsReady(): boolean {
  const version = path.join(platform, "version");
  if (!existsSync(version) || !existsSync(path.join(work, "provider-lock.json"))) return false;
  const installed = JSON.parse(readFileSync(path.join(root, "node_modules/sst/package.json"), "utf8")) as { version: string };
  return (
    readFileSync(version, "utf8").trim() === installed.version && existsSync(path.join(platform, "node_modules/@pulumi/aws/package.json"))
  );
}

/**
 * Makes the platform unless it is there: about a minute, from the npm registry alone, without an AWS account.
 * @throws Error when `sst install` fails
 */
export function ensurePlatform(): void {
  if (platformIsReady()) return;
  console.error("Installing SST's platform into .sst/platform (once, about a minute) ...");
  execFileSync(path.join(root, "node_modules/.bin/sst"), ["install", "--stage", "ci"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_NO_BUN: "1",
      SST_TELEMETRY_DISABLED: "1",
      AWS_EC2_METADATA_DISABLED: "true",
    },
  });
  if (!platformIsReady()) throw new Error("sst install left no platform behind in .sst/platform");
}

if (import.meta.main) ensurePlatform();
