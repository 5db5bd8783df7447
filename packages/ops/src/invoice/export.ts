import { writeFile } from "node:fs/promises";
import { formatRand } from "@bbws/core/money.ts";
import { type DeclaredGap, numberSeries } from "@bbws/core/order/number-series.ts";
import { exitCode } from "../exit-code.ts";
import { type Io, startProgress } from "../io.ts";
import { columns, paragraphs, plural, type Result, section } from "../output.ts";
import type { Target } from "../target/target.ts";
import { type LedgerLine, ledgerCsv, ledgerLine, type Totals, totalsOf, untied } from "./invoice-ledger.ts";
import { gapTable } from "./numbers.ts";

const series = [
  { kind: "invoice", type: "taxInvoice" },
  { kind: "creditNote", type: "creditNote" },
] as const;

/** A spreadsheet knows by it that the file is UTF-8. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Every tax invoice and credit note of a month (South African calendar), in the order of their numbers. The series are
 * read whole, so that a gap that nobody declared, or a sum that does not tie out, is seen.
 */
export async function exportInvoices(target: Target, { month, out }: { month: string; out?: string }, io: Io): Promise<Result> {
  const numbers = numberSeries(target.table);
  const year = month.slice(0, 4);
  const lines: LedgerLine[] = [];
  const gaps: string[] = [];
  const declaredGaps: DeclaredGap[] = [];
  for (const { kind, type } of series) {
    const bar = startProgress(io, `${kind} numbers of ${year}`, await numbers.last(kind, year));
    declaredGaps.push(...(await numbers.declaredGaps(kind, year)));
    for await (const page of numbers.issued(kind, year)) {
      for (const { number, order, declared } of page) {
        const line = order && ledgerLine(order, type);
        if (line?.number === number) {
          if (line.issueDate.startsWith(month)) lines.push(line);
        } else if (!declared) gaps.push(number);
      }
      bar.advance(page.length);
    }
    bar.done(`${kind} numbers of ${year} read`);
  }
  const problems = [...untied(lines), ...gaps.map((number) => `${number} was taken by no order, and no gap is declared there`)];
  const totals = totalsOf(lines);
  const csv = ledgerCsv(lines);
  if (out !== undefined) await writeFile(out, BYTE_ORDER_MARK + csv);
  const summary = paragraphs(
    summaryOf(month, totals, problems),
    declaredGaps.length === 0 ? undefined : section("Declared gaps", gapTable(declaredGaps)),
  );
  if (out === undefined) io.stderr.write(`${summary}\n`);
  return {
    data: { month, lines, totals, problems, declaredGaps, file: out ?? null },
    text: out === undefined ? csv.trimEnd() : paragraphs(summary, `Written to ${out}.`),
    exitCode: problems.length === 0 ? exitCode.ok : exitCode.notClean,
  };
}

function summaryOf(month: string, { invoices, creditNotes, net }: ReturnType<typeof totalsOf>, problems: string[]): string {
  const row = (name: string, { count, exclusive, vat, inclusive }: Totals) => [
    name,
    count,
    formatRand(exclusive),
    formatRand(vat),
    formatRand(inclusive),
  ];
  return paragraphs(
    columns(
      [month, "Documents", "Excl. VAT", "VAT", "Incl. VAT"],
      [row("Tax invoices", invoices), row("Credit notes", creditNotes), row("Net", net)],
      [1, 2, 3, 4],
    ),
    problems.length === 0
      ? "Everything ties out."
      : `${plural(problems.length, "thing does", "things do")} not tie out:\n${problems.join("\n")}`,
  );
}
