/**
 * What was deployed and found good, as annotated tags: `{stage}/{date}-{commit}`, whose message holds the bundles' hashes.
 *
 *   green.ts mark     --stage sit    tags the checked-out commit, with the bundles it builds
 *   green.ts check    --stage dev    fails unless it was green there, with the same bundles
 *   green.ts previous --stage prod   prints the green tag before this commit's
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { bundleHashes, type Hashes } from "./bundle-hashes.ts";

const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();

/** Tags a commit as good on a stage. @returns the tag */
export function mark(stage: string, commit: string, hashes: Hashes, now = new Date()): string {
  const tag = `${stage}/${now.toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-")}-${git("rev-parse", "--short=7", commit)}`;
  git("tag", "--annotate", tag, "--message", JSON.stringify(hashes), commit);
  return tag;
}

/**
 * The tag under which a commit was green on a stage, with these bundles.
 * @throws Error saying what is not so
 */
export function check(stage: string, commit: string, hashes: Hashes): string {
  const tag = tagsOf(stage, "--points-at", commit)[0];
  if (!tag) throw new Error(`${commit} was never green on ${stage}: no tag ${stage}/... points at it`);
  const then = JSON.parse(git("tag", "--list", "--format=%(contents)", tag)) as Hashes;
  const names = [...new Set([...Object.keys(then), ...Object.keys(hashes)])];
  const different = names.filter((name) => then[name] !== hashes[name]);
  if (different.length > 0) throw new Error(`bundles differ from those of ${tag}: ${different.join(", ")}`);
  return tag;
}

/**
 * The newest green tag of a stage that is not this commit's.
 * @throws Error when there is none to go back to
 */
export function previous(stage: string, commit: string): string {
  const own = new Set(tagsOf(stage, "--points-at", commit));
  const tag = tagsOf(stage).find((candidate) => !own.has(candidate));
  if (!tag) throw new Error(`${stage} has no earlier green tag to go back to`);
  return tag;
}

/** Newest first: the names begin with the time. */
function tagsOf(stage: string, ...filter: string[]): string[] {
  return git("tag", "--list", ...filter, "--sort=-refname", `${stage}/*`)
    .split("\n")
    .filter(Boolean);
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { stage: { type: "string", default: "" } } });
  const { stage } = values;
  const verbs: Record<string, () => string | Promise<string>> = {
    mark: async () => mark(stage, "HEAD", await bundleHashes()),
    check: async () => check(stage, "HEAD", await bundleHashes()),
    previous: () => previous(stage, "HEAD"),
  };
  const verb = verbs[positionals[0] ?? ""];
  if (!verb || !stage) {
    console.error("green.ts mark|check|previous --stage S");
    process.exit(2);
  }
  try {
    console.log(await verb());
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
