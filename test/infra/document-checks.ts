/** What is wrong with the documents a person reads first: names of things that are not there, and things that nobody names. */

/** Texts by their path in the repository. */
export type Documents = Record<string, string>;

const parts = ["Context", "Options", "Decision", "Consequences", "What would change our mind"];
/** A decision is read in one go. */
const PAGE_CHARACTERS = 6000;

/** What a decision record lacks. @param number its place in the series, by its file name */
export function problemsOfDecision(text: string, number: number): string[] {
  const found: string[] = [];
  if (!new RegExp(`^# ${number}\\. \\S.*\\n`).test(text)) found.push(`its heading is not "# ${number}. ..."`);
  const named = [...text.matchAll(/^\*\*([A-Z][^*]+?)[.*]/gm)].map(([, part]) => part!).filter((part) => parts.includes(part));
  if (named.join() !== parts.join()) found.push(`its parts are ${named.join(", ")}, not ${parts.join(", ")}`);
  const options = text.split("**Options.**")[1]?.split("**Decision.**")[0] ?? "";
  if (!options.includes("(a)") || !options.includes("(b)")) found.push("it weighs fewer than two options");
  const before = text.split("**Decision.**")[0]!.replace(/^# .*/, "");
  if (!/\d/.test(before)) found.push("it weighs its options without a figure");
  if (text.length > PAGE_CHARACTERS) found.push(`it is longer than a page (${text.length} characters)`);
  return found;
}

/** Scripts of package.json that the README's table leaves out, and those it names that are not there. */
export function problemsOfScripts(readme: string, scripts: readonly string[]): string[] {
  const table = readme.split("\n## Scripts\n")[1]?.split("\n## ")[0] ?? "";
  const rows = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell!);
  const named = rows.flatMap((cell) => [...cell.matchAll(/`(?:npm (?:run )?)?([\w:-]+)[^`]*`/g)].map(([, name]) => name!));
  return [
    ...scripts.filter((script) => !named.includes(script)).map((script) => `the README's table does not tell what ${script} does`),
    ...named.filter((name) => !scripts.includes(name)).map((name) => `package.json has no script ${name}`),
    ...named.filter((name, index) => named.indexOf(name) !== index).map((name) => `the README's table tells of ${name} twice`),
  ];
}

/** Commands and options that the table of the operators' command line leaves out, and those it names that are not there. */
export function problemsOfCommands(readme: string, commands: readonly { name: string; options: readonly string[] }[]): string[] {
  const table = readme.split("\n|---|---|\n")[1]?.split("\n\n")[0] ?? "";
  const groups = new Set(commands.map(({ name }) => name.split(" ")[0]!));
  const found: string[] = [];
  const told: string[] = [];
  for (const row of table.split("\n").filter(Boolean)) {
    const [, first = "", second = ""] = row.split(/(?<!\\)\|/);
    const named: (typeof commands)[number][] = [];
    let group = "";
    for (const [, span] of first.matchAll(/`([^`]+)`/g)) {
      const words = span!.split(" ").filter((word) => /^[a-z]/.test(word));
      if (groups.has(words[0]!)) group = words[0]!;
      const whole = groups.has(words[0]!) ? words : [group, ...words];
      const command = commands.find(({ name }) => name === whole.slice(0, name.split(" ").length).join(" "));
      if (!command) found.push(`there is no command ${span}`);
      else named.push(command);
    }
    for (const [option] of `${first} ${second}`.matchAll(/(?<=[` ])--[a-z-]*[a-z]/g))
      if (!named.some(({ options }) => options.includes(option)))
        found.push(`${named.map(({ name }) => name).join(", ")} takes no ${option}`);
    told.push(...named.map(({ name }) => name));
  }
  return [...found, ...commands.filter(({ name }) => !told.includes(name)).map(({ name }) => `the table does not tell what ${name} does`)];
}

/** Links and files of the repository that a document names and that are not there. */
export function problemsOfLinks(documents: Documents, exists: (path: string) => boolean): string[] {
  const found: string[] = [];
  for (const [file, text] of Object.entries(documents)) {
    const folder = file.split("/").slice(0, -1);
    const from = (target: string) => normal([...folder, ...target.split("/")]);
    const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)|(?:src|srcset)="(?!\w+:)([^"]+)"/g)].map(
      ([, link, src]) => link ?? src!,
    );
    for (const link of links) if (!exists(from(link))) found.push(`${file}: the link ${link} leads nowhere`);
    const paths = text.matchAll(/(?<![\w/.:])((?:\.github|\.ci|infra|test|runbooks|docs|packages|emails)\/[\w./{},-]*[\w}])/g);
    for (const [, path] of paths) if (!path!.includes("{") && !exists(path!)) found.push(`${file}: ${path} does not exist`);
  }
  return found;
}

/** Folders at the top of the repository that the README's layout does not explain. */
export function problemsOfLayout(readme: string, folders: readonly string[]): string[] {
  const table = readme.split("\n## Layout\n")[1]?.split("\n## ")[0] ?? "";
  return folders.filter((folder) => !table.includes(`\`${folder}`)).map((folder) => `the README's layout does not tell what ${folder}/ is`);
}

function normal(segments: readonly string[]): string {
  const path: string[] = [];
  for (const segment of segments) {
    if (segment === "..") path.pop();
    else if (segment !== "." && segment !== "") path.push(segment);
  }
  return path.join("/");
}
