import { readFileSync } from "node:fs";

export const runbookNames = ["deployment", "troubleshooting", "rollback", "monitoring", "recovery", "security"] as const;

/** The runbooks' texts by name, without the recorded transcript, which is the output of commands that ran. */
export type Books = Record<string, string>;

export function readBooks(): Books {
  return Object.fromEntries(
    runbookNames.map((name) => {
      const text = readFileSync(new URL(`../../runbooks/${name}.md`, import.meta.url), "utf8");
      return [name, text.replace(/<!-- transcript: begin[\s\S]*transcript: end -->/, "")];
    }),
  );
}

/** Every line in backticks and in shell blocks. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/```(?:sh|console)\n([\s\S]*?)```|`([^`\n]+)`/g)]
    .flatMap(([, block, inline]) => (block ?? inline ?? "").split("\n"))
    .map((line) => line.trim())
    .filter(Boolean);
}

/** The operators' commands in a text, as words after `ops`: `npm run templates -- list` is `templates list`. */
export function operatorsCommandsIn(text: string): string[][] {
  const lines = codeIn(text).flatMap((line) =>
    [...line.matchAll(/npm run (ops|templates|smoke) -- ([^|>]+)/g)].map(([, script, words]) =>
      `${script === "ops" ? "" : `${script} `}${words!.trim()}`.trim(),
    ),
  );
  return [...new Set(lines)].map((line) => [...line.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word));
}

/** The calls of the repository's other scripts, as words: `npm run deploy -- --stage dev` is `deploy --stage dev`. */
export function scriptCallsIn(text: string): string[][] {
  const calls = codeIn(text).flatMap((line) => [...line.matchAll(/npm run (?!(?:ops|templates|smoke) )([\w:-]+) -- ([^|>&;#]+)/g)]);
  return calls.map(([, script, words]) => [script!, ...words!.trim().split(/\s+/)]);
}
