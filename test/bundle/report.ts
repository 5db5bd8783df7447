/** `npm run bundle:report`: what is inside each function's bundle, how much of it, and why it is there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleFunction, repositoryRoot } from "@bbws/local/bundle.ts";
import { optionsOf } from "../../infra/cli/options.ts";
import { type FunctionName, functions } from "../../infra/settings.ts";
import budgets from "./budgets.json" with { type: "json" };
import { type Contents, contentsOf, type Part } from "./contents.ts";

const USAGE = `npm run bundle:report -- [options]

  --function NAME   one function only (repeatable)
  --all             every part, not only the twenty largest
  --json            as JSON
  --accept          takes today's sizes as the budgets of test/bundle
  --help            this text
`;

const LARGEST = 20;

const names = Object.keys(functions) as FunctionName[];

async function main(): Promise<void> {
  const { chosen, ...values } = optionsOf(
    USAGE,
    {
      function: { type: "string", multiple: true, default: names },
      all: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      accept: { type: "boolean", default: false },
    },
    (given) => {
      const unknown = given.function.filter((name) => !names.includes(name as FunctionName));
      if (unknown.length > 0) throw new Error(`no such function: ${unknown.join(", ")} (there are ${names.join(", ")})`);
      return { ...given, chosen: names.filter((name) => given.function.includes(name)) };
    },
  );

  const reports: [FunctionName, Contents][] = [];
  for (const name of chosen) reports.push([name, await inside(name)]);
  if (values.accept) accept(reports);
  if (values.json) return print(`${JSON.stringify(Object.fromEntries(reports), null, 2)}\n`);
  for (const [name, contents] of reports) print(`${lines(name, contents, values.all ? Number.POSITIVE_INFINITY : LARGEST).join("\n")}\n\n`);
}

async function inside(name: FunctionName): Promise<Contents> {
  return contentsOf((await bundleFunction(name, join(repositoryRoot, ".build"))).metafile);
}

function lines(name: FunctionName, { bytes, parts }: Contents, most: number): string[] {
  const shown = parts.slice(0, most);
  const rest = parts.slice(most);
  return [
    `${name}  ${number(bytes)} bytes (budget ${number(budgets[name])})`,
    ...shown.map((part) => `${number(part.bytes).padStart(9)}  ${percent(part.bytes / bytes)}  ${part.name.padEnd(34)} ${reason(part)}`),
    ...(rest.length > 0
      ? [`${number(rest.reduce((sum, part) => sum + part.bytes, 0)).padStart(9)}         ${rest.length} smaller parts`]
      : []),
  ];
}

function accept(reports: readonly [FunctionName, Contents][]): void {
  const next = { ...budgets, ...Object.fromEntries(reports.map(([name, { bytes }]) => [name, bytes])) };
  writeFileSync(new URL("./budgets.json", import.meta.url), `${JSON.stringify(next, null, 2)}\n`);
}

/** From what asks for it to the function itself. */
const reason = ({ why }: Part) => (why.length === 0 ? "the function itself" : `for ${why.toReversed().join(", for ")}`);

const number = (bytes: number) => bytes.toLocaleString("en-US").replaceAll(",", " ");
const percent = (share: number) => `${(share * 100).toFixed(1).padStart(4)} %`;
const print = (text: string) => void process.stdout.write(text);

await main();
