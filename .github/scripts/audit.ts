/**
 * No dependency with a known high or critical vulnerability: `audit.ts [--allow-unasked]`.
 * Exit code 0: npm's advisory service knows none; 1: it knows some, each named; 2: it could not be asked, which is no
 * answer. `--allow-unasked` makes the last a warning, for machines whose registry has no such service.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";

const root = path.resolve(import.meta.dirname, "../..");

type Severity = "info" | "low" | "moderate" | "high" | "critical";
type Via = string | { title: string; url: string };
type Report = {
  error?: { code?: string; summary?: string };
  message?: string;
  vulnerabilities?: Record<string, { severity: Severity; range: string; via: Via[] }>;
  metadata?: { vulnerabilities: Record<Severity | "total", number>; dependencies: { total: number } };
};

export type Verdict = { outcome: "clean" | "vulnerable" | "unasked"; lines: string[] };

/** What `npm audit --json` printed, read. */
export function verdictOf(printed: string): Verdict {
  const report = parsed(printed);
  const { metadata, vulnerabilities = {} } = report;
  if (!metadata) {
    const reason = [report.error?.code, report.error?.summary || report.message].filter(Boolean).join(": ");
    return { outcome: "unasked", lines: [`npm's advisory service could not be asked (${reason || "npm audit printed no report"})`] };
  }
  const grave = Object.entries(vulnerabilities).filter(([, { severity }]) => severity === "high" || severity === "critical");
  const { total, ...counts } = metadata.vulnerabilities;
  const summary = `${total} known vulnerabilities in ${metadata.dependencies.total} packages (${Object.entries(counts)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(", ")})`;
  const named = grave.map(
    ([name, { severity, range, via }]) => `${severity}: ${[name, range].filter(Boolean).join(" ")}, ${via.map(reasonOf).join("; ")}`,
  );
  return { outcome: grave.length > 0 ? "vulnerable" : "clean", lines: [...named, summary] };
}

function parsed(printed: string): Report {
  try {
    return JSON.parse(printed) as Report;
  } catch {
    return {};
  }
}

const reasonOf = (via: Via) => (typeof via === "string" ? `by ${via}` : `${via.title} (${via.url})`);

/** Asks the registry npm is configured for about the packages of the lockfile. */
function audit(): Verdict {
  const { stdout } = spawnSync("npm", ["audit", "--json", "--package-lock-only"], { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
  return verdictOf(stdout);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { "allow-unasked": { type: "boolean", default: false } } });
  const { outcome, lines } = audit();
  for (const line of lines) console.log(line);
  if (outcome === "unasked") console.error("unknown is not clean: ask again where npm's registry can be reached");
  const exit = { clean: 0, vulnerable: 1, unasked: values["allow-unasked"] ? 0 : 2 };
  process.exit(exit[outcome]);
}
