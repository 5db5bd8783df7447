/** `npm run bench`: every figure of the performance table beside its baseline, in one run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { optionsOf } from "../../infra/cli/options.ts";
import { groups } from "./groups.ts";
import { compare, comparisonText } from "./harness/compare.ts";
import { measureAll, wantedGroups } from "./harness/measure.ts";
import { markdownTable, plainTable, replaceBetween, tally } from "./harness/report.ts";
import { committedResults, measuredText, mergeRows, type Results, readResults, resultsOf, writeResults } from "./harness/results.ts";
import { hasTarget } from "./harness/row.ts";

const namesOf = (onRequest: boolean) =>
  groups
    .filter((group) => Boolean(group.onRequest) === onRequest)
    .map(({ name }) => name)
    .join(", ");

const HELP = `npm run bench -- [options]
npm run bench:check -- [options]

Measures every figure beside its baseline, prints one table and writes test/bench/results.json and the tables of the
README files. bench:check writes nothing: it compares ratios, sizes and counts with the results of the last commit, holds
everything to the targets it had reached, and ends with 1 when a figure is worse than it may be, or was never committed.

  --only NAME   one group or one row (may be given several times): ${namesOf(false)};
                only when named, or with --all: ${namesOf(true)}
  --all         everything in one run, as the committed table is made
  --quick       fewer rounds and smaller seeds; the results are not written, nor compared
  --json        print JSON instead of the table
  --help        this text`;

await main();

async function main(): Promise<void> {
  const options = readArguments();
  const run = new Date().toISOString().slice(0, 16);
  const { rows, failures } = await measureAll(groups, options);
  for (const { group, error } of failures) console.error(`${group} could not be measured:`, error);
  if (failures.length > 0) process.exitCode = 1;
  if (options.check) {
    const comparisons = compare(committedResults().rows, rows);
    console.log(options.json ? JSON.stringify(comparisons, undefined, 2) : comparisonText(comparisons));
    const worse = comparisons.filter((comparison) => comparison.worse);
    if (worse.length > 0)
      console.error(`${worse.length} of ${comparisons.length} figures are worse than they may be, or were never committed (npm run bench)`);
    if (worse.length > 0) process.exitCode = 1;
    return;
  }
  console.log(options.json ? JSON.stringify(rows, undefined, 2) : `${plainTable(rows)}\n\n${tally(rows)}`);
  if (options.quick) return;
  const results = resultsOf(
    mergeRows(
      groups,
      readResults()?.rows ?? [],
      rows.map((row) => ({ ...row, run })),
    ),
  );
  writeResults(results);
  // As they were written, rounded: whoever makes the tables again from the file gets the same.
  publish(readResults()!);
}

function readArguments() {
  return optionsOf(
    HELP,
    {
      only: { type: "string", multiple: true, default: [] as string[] },
      all: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
    },
    (values) => {
      if (values.all && values.only.length > 0) throw new Error("--all and --only say two things");
      if (values.check && values.quick)
        throw new Error("--quick measures less than the committed figures did: there is nothing to compare");
      for (const name of values.only) if (wantedGroups(groups, [name]).length === 0) throw new Error(`there is no figure called ${name}`);
      return values;
    },
  );
}

/** The whole table beside the benchmark, what has a target on the front page. */
function publish({ rows, node, cores }: Results): void {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const intro = `Measured ${measuredText(rows)}, Node ${node}, ${cores} cores: ${tally(rows)}.`;
  const write = (file: string, body: string) => {
    const path = join(root, file);
    writeFileSync(path, replaceBetween(readFileSync(path, "utf8"), "bench", body));
  };
  write("test/bench/README.md", `${intro}\n\n${markdownTable(rows)}\n`);
  write("README.md", `${intro}\n\n${markdownTable(rows.filter(hasTarget))}\n`);
}
