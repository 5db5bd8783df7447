import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { groups } from "../bench/groups.ts";
import { markdownTable, tally } from "../bench/harness/report.ts";
import { measuredText, readResults } from "../bench/harness/results.ts";
import { hasTarget, type RowSpec } from "../bench/harness/row.ts";

describe("the committed results", () => {
  const { rows, node, cores } = readResults()!;

  it("have every figure, judged by the limits that hold today", () => {
    const limits = (each: Pick<RowSpec, "id" | "target" | "stretch">) => [each.id, each.target, each.stretch];
    const measured = new Set(rows.map(({ id }) => id));
    const due = groups.flatMap((group) => group.rows.filter(({ id }) => !group.onRequest || measured.has(id)));
    expect(rows.map(limits)).toEqual(due.map(limits));
  });

  it("are what both README files show", () => {
    expect(readFileSync("test/bench/README.md", "utf8")).toContain(markdownTable(rows));
    for (const file of ["test/bench/README.md", "README.md"])
      expect(readFileSync(file, "utf8")).toContain(`Measured ${measuredText(rows)}, Node ${node}, ${cores} cores: ${tally(rows)}.`);
    expect(readFileSync("README.md", "utf8")).toContain(markdownTable(rows.filter(hasTarget)));
  });
});
