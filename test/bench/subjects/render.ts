/** Our documents beside pdfkit and react-pdf, which come from node_modules as they are. */
import { documentContent } from "@bbws/core/document/content.ts";
import { renderDocument } from "@bbws/core/document/render.tsx";
import type * as ReactPdf from "@react-pdf/renderer";
import type PDFDocument from "pdfkit";
import { finish, progress } from "../harness/report-back.ts";
import { type Contestant, takeTurns } from "../harness/rounds.ts";
import { invoice } from "./invoices.ts";
import { openedFonts } from "./our-fonts.ts";
import { drawInvoice, standardFonts } from "./pdfkit-invoice.ts";
import { reactPdfRenderer } from "./react-pdf-invoice.tsx";

/** ms per document, by contestant: of 5 and of 50 lines, and ours of 50 beside ours of 500. */
export type RenderSamples = Record<5 | 50 | "growth", Record<string, number[]>>;

const quick = process.argv[2] === "quick";
/** Named by a variable: the bundler leaves them outside. */
const [pdfkitName, reactPdfName] = ["pdfkit", "@react-pdf/renderer"] as const;
const { default: Pdf } = (await import(pdfkitName)) as { default: typeof PDFDocument };
const asReactPdf = reactPdfRenderer((await import(reactPdfName)) as typeof ReactPdf);

/** What the baselines print was put into words before: only ours does it while the clock runs. */
function contestants(lines: number): Contestant[] {
  const variants = Array.from({ length: 64 }, (_, i) => documentContent(invoice(i, lines)));
  const opened = openedFonts();
  const content = (i: number) => variants[i % variants.length]!;
  return [
    { name: "ours", run: (i) => renderDocument(invoice(i, lines)) },
    { name: "pdfkit", run: (i) => drawInvoice(Pdf, content(i), standardFonts) },
    { name: "pdfkit, font opened once", run: (i) => drawInvoice(Pdf, content(i), opened) },
    { name: "react-pdf", run: (i) => asReactPdf(content(i)) },
  ];
}

const growth: Contestant[] = [50, 500].map((lines) => ({ name: `${lines} lines`, run: (i) => renderDocument(invoice(i, lines)) }));

/** @param turns everybody is as warm as the others when it counts */
async function measure(what: string, runners: Contestant[], turns: { rounds: number; warmUp: number }) {
  return takeTurns(runners, {
    ...turns,
    onRound: (done, of) => {
      if (done % 5 === 0) progress(`${what}, round ${done} of ${of}`);
    },
  });
}

const samples: RenderSamples = {
  5: await measure("5 lines", contestants(5), { rounds: quick ? 30 : 150, warmUp: quick ? 10 : 200 }),
  50: await measure("50 lines", contestants(50), { rounds: quick ? 8 : 100, warmUp: quick ? 2 : 20 }),
  growth: await measure("50 and 500 lines", growth, { rounds: quick ? 4 : 25, warmUp: 3 }),
};
await finish(samples);
