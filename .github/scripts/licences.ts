/** Counts the licences of every package in the lockfile, and fails on one that is neither permissive nor a known exception. */
import { readFileSync } from "node:fs";
import path from "node:path";

const lockfile = path.resolve(import.meta.dirname, "../../package-lock.json");

const permissive = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Python-2.0",
  "WTFPL",
  "Unlicense",
  "Zlib",
  "OFL-1.1",
]);

/** Read by a person: tools of development that are not distributed with the service, or packages that name no licence in their manifest. */
export const exceptions: Record<string, string> = {
  "Artistic-2.0": "npm itself, in development",
  "MPL-2.0": "lightningcss and others of vite, in development; file-level copyleft, unmodified",
  "LGPL-3.0-or-later": "sharp's libvips, optional to next, which the mail preview runs on; in development, unmodified, not distributed",
  "CC-BY-4.0": "caniuse-lite, a table of browser features, in development",
  "CC-BY-3.0": "spdx-exceptions, a list of names, in development",
  "(MIT OR EUPL-1.1+)": "MIT is chosen",
  "package opencontrol": "MIT in its repository; a dependency of sst, in development",
  "package png-js": "MIT in its LICENSE file",
  "package querystring": "MIT in its License.md",
};

type Package = { license?: string; link?: boolean; dev?: boolean };

/** How many packages there are per licence, and which are not to be had. */
export function review(lock: { packages: Record<string, Package> }) {
  const counts = new Map<string, number>();
  const refused: string[] = [];
  for (const [place, { license, link }] of Object.entries(lock.packages)) {
    const name = place.split("node_modules/").at(-1)!;
    if (!place.includes("node_modules/") || link || name.startsWith("@bbws/")) continue;
    const stated = license ?? "(none)";
    counts.set(stated, (counts.get(stated) ?? 0) + 1);
    if (!isAcceptable(name, license)) refused.push(`${name}: ${stated}`);
  }
  return { counts, refused };
}

function isAcceptable(name: string, license: string | undefined): boolean {
  if (exceptions[`package ${name}`]) return true;
  if (!license) return false;
  if (exceptions[license]) return true;
  const words = license.replace(/[()]/g, "");
  if (words.includes(" OR ")) return words.split(" OR ").some((choice) => permissive.has(choice));
  return words.split(" AND ").every((part) => permissive.has(part) || exceptions[part] !== undefined);
}

if (import.meta.main) {
  const { counts, refused } = review(JSON.parse(readFileSync(lockfile, "utf8")));
  for (const [license, count] of [...counts].sort(([, a], [, b]) => b - a)) console.log(`${String(count).padStart(5)}  ${license}`);
  for (const line of refused) console.error(`not permissive: ${line}`);
  process.exit(refused.length === 0 ? 0 : 1);
}
