/** What a release brings, from the commits' subjects: `release-notes.ts --from TAG --to SHA`. */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";

/** Markdown: one line per commit, oldest first. @param from absent for the first release */
export function releaseNotes(from: string | undefined, to: string): string {
  const range = from ? `${from}..${to}` : to;
  const log = execFileSync("git", ["log", "--reverse", "--format=%h %s", range], { encoding: "utf8" }).trim();
  const lines = log
    ? log.split("\n").map((line) => `- ${line.slice(line.indexOf(" ") + 1)} (${line.slice(0, line.indexOf(" "))})`)
    : ["- nothing new"];
  return [`## ${from ? `Since ${from}` : "First release"}`, "", ...lines, ""].join("\n");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { from: { type: "string" }, to: { type: "string", default: "HEAD" } } });
  console.log(releaseNotes(values.from || undefined, values.to));
}
