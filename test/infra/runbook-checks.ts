/** What is wrong with the runbooks: sections that lack, and names of things that are not there. */
import { type Books, codeIn, operatorsCommandsIn, scriptCallsIn } from "../support/runbooks.ts";

/** What there is to be named. */
export type Things = {
  /** Kinds of alarm, each with a section in the chapter "Alarms". */
  alarms: readonly string[];
  npmScripts: readonly string[];
  workflows: readonly string[];
  queues: readonly string[];
  secrets: readonly string[];
  stages: readonly string[];
  /** Keys of `infra/settings.ts` and `infra/stage.ts` that the reader is told to change. */
  knobs: readonly string[];
  functions: readonly string[];
  /** Topics and dashboards by their physical names, with `{stage}` for the stage. */
  physical: readonly string[];
  /** Whether a path of the repository exists. */
  exists(path: string): boolean;
  /** What `ops COMMAND --help` says; undefined when there is no such command. */
  help(command: string[]): string | undefined;
  /** What a script of package.json that runs a file of this repository's own says to `--help`. */
  scriptHelp(script: string): string | undefined;
};

/** Commands of `ops` that have commands of their own. */
const groups = ["order", "dlq", "tenant", "templates", "export", "numbers"];

/** The part of a command line that names the command: `order show ORDER` is `order show`. */
export const commandOf = (words: string[]) => words.slice(0, groups.includes(words[0]!) ? 2 : 1);

/** The sections of the chapter "Alarms": heading and body. */
export function alarmSections({ monitoring = "" }: Books): Map<string, string> {
  const [, chapter = ""] = monitoring.split("\n## Alarms\n");
  const sections = chapter.split("\n## ")[0]!.split("\n### ").slice(1);
  return new Map(sections.map((section) => [section.slice(0, section.indexOf("\n")).trim(), section]));
}

/** What is not as it should be, a line each. */
export function problemsIn(books: Books, things: Things): string[] {
  return [
    ...problemsOfAlarms(books, things),
    ...Object.entries(books).flatMap(([name, text]) => problemsOfNames(text, books, things).map((problem) => `${name}.md: ${problem}`)),
  ];
}

function problemsOfAlarms(books: Books, { alarms }: Things): string[] {
  const sections = alarmSections(books);
  const steps = (section: string) => [...section.matchAll(/^- \*\*(\w+)\*\*: \S/gm)].map(([, step]) => step).join(", ");
  return [
    ...alarms.filter((kind) => !sections.has(kind)).map((kind) => `monitoring.md: no section for the alarm ${kind}`),
    ...[...sections.keys()].filter((kind) => !alarms.includes(kind)).map((kind) => `monitoring.md: no alarm is called ${kind}`),
    ...[...sections]
      .filter(([, section]) => steps(section) !== "Symptom, Check, Act, Verify")
      .map(([kind, section]) => `monitoring.md, ${kind}: its steps are ${steps(section)}, not Symptom, Check, Act, Verify`),
  ];
}

const optionsIn = (words: readonly string[]) => words.filter((word) => word.startsWith("--"));

/** Whether a help text speaks of an option: of the whole name, not of a longer one. */
const takes = (help: string, option: string) => new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(help);

function problemsOfNames(text: string, books: Books, things: Things): string[] {
  const found: string[] = [];
  const code = codeIn(text);
  const each = (pattern: RegExp, is: (name: string) => boolean, what: string, lines: string[] = [text]) => {
    for (const line of lines) for (const [, name] of line.matchAll(pattern)) if (!is(name!)) found.push(`${what} ${name} does not exist`);
  };
  const oneOf = (names: readonly string[]) => (name: string) => names.includes(name);

  each(/npm run ([\w:-]+)/g, oneOf(things.npmScripts), "the script");
  each(/(?<![\w/])((?:\.github|infra|test|runbooks|docs|packages)\/[\w./-]*\w)/g, things.exists, "the file", code);
  each(/\]\(([\w-]+)\.md\)/g, (name) => name in books, "the runbook");
  each(/`((?:promote|deploy)-(?!dry)\w+|rollback|validate)`/g, oneOf(things.workflows), "the workflow");
  each(/\b((?:Order|Invoice|Internal|Customer)\w*(?:Queue|DLQ))\b/g, oneOf(things.queues), "the queue");
  each(
    /\b((?:Order(?:PDF|Creator|Change|Internal)|UpdateOrder|CreateOrder|GetOrder)\w*)(?<!DLQ|Queue)\b/g,
    oneOf(things.functions),
    "the function",
  );
  each(/secret (?:set|remove) (\w+)/g, oneOf(things.secrets), "the secret");
  each(/--stage ([\w-]+)/g, oneOf([...things.stages, "ada"]), "the stage");
  each(/`(\w+)`[^`\n]{0,60}`infra\/(?:settings|stage)\.ts`/g, oneOf(things.knobs), "the setting");
  each(/`(bbws-(?:alerts|order)-\{stage\}-(?!\{)[\w-]+)`/g, oneOf(things.physical), "the resource");
  for (const [, file = "", section] of text.matchAll(/\[(\w+)\.md\]\(\1\.md\), "([^"]+)"/g))
    if (!books[file]?.includes(`\n## ${section}\n`)) found.push(`the section "${section}" of ${file}.md does not exist`);
  for (const [, kind] of text.matchAll(/(?:monitoring\.md, |[Ff]ollow |[Aa]s |then )((?:[a-z]+-)+[a-z0-9]+)(?=[;,. ])/g))
    if (!things.alarms.includes(kind!)) found.push(`the alarm ${kind} does not exist`);

  for (const words of operatorsCommandsIn(text)) {
    const command = commandOf(words);
    const help = things.help(command);
    if (help === undefined) found.push(`the command ops ${command.join(" ")} does not exist`);
    for (const option of optionsIn(words)) if (help && !takes(help, option)) found.push(`ops ${command.join(" ")} takes no ${option}`);
  }
  for (const [script, ...words] of scriptCallsIn(text)) {
    const help = things.scriptHelp(script!);
    if (help === undefined) continue;
    for (const option of optionsIn(words)) if (!takes(help, option)) found.push(`npm run ${script} takes no ${option}`);
  }
  // An option that is spoken of by itself belongs to some command that the runbooks give.
  const helps = [
    ...Object.values(books)
      .flatMap(operatorsCommandsIn)
      .map((words) => things.help(commandOf(words))),
    ...Object.values(books)
      .flatMap(scriptCallsIn)
      .map(([script]) => things.scriptHelp(script!)),
  ];
  for (const option of code.filter((line) => /^--[\w-]+$/.test(line)))
    if (!helps.some((help = "") => takes(help, option))) found.push(`no command takes ${option}`);
  return found;
}
