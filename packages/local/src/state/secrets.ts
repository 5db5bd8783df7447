/** Values of the linked secrets: made once per state folder, so that links in old mails still open after a restart. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secrets } from "../../../../infra/settings.ts";

export function loadSecrets(stateDir: string): Record<string, string> {
  const file = join(stateDir, "secrets.json");
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {};
  // An empty previous key means that no rotation is under way.
  const fresh = (name: string) => (name.startsWith("Previous") ? "" : randomBytes(32).toString("base64url"));
  const all = Object.fromEntries(secrets.map((name) => [name, known[name] ?? fresh(name)]));
  writeFileSync(file, JSON.stringify(all), { mode: 0o600 });
  return all;
}
