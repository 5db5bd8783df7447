/** Our documents beside pdfkit and react-pdf, which come from node_modules as they are. */
import { documentContent } from "@bbws/core/document/content.ts";
import { renderDocument } from "@bbws/core/document/render.tsx";
import type * as ReactPdf from "@react-pdf/renderer";
import type PDFDocument from "pdfkit";
import { finish, progress } from "../harness/report-back.ts";
import { type Contestant, macrotask, takeTurns } from "../harness/rounds.ts";
import { invoice } from "./invoices.ts";
import { openedFonts, ourFontFiles } from "./our-fonts.ts";
import { drawInvoice } from "./pdfkit-invoice.ts";
import { reactPdfRenderer } from "./react-pdf-invoice.tsx";

export type RenderFigures = {
  /** ms per document, by contestant, by number of lines. */
  samples: Record<number, Record<string, number[]>>;
  /** Bytes in use after 500 documents, less those before, collected both times. */
  heapGrowth: number;
};

const quick = process.argv[2] === "quick";
/** Named by a variable: the bundler leaves them outside. */
const [pdfkitName, reactPdfName] = ["pdfkit", "@react-pdf/renderer"] as const;
const { default: Pdf } = (await import(pdfkitName)) as { default: typeof PDFDocument };
const asReactPdf = reactPdfRenderer((await import(reactPdfName)) as typeof ReactPdf);
const standardFonts = { regular: "Helvetica", semibold: "Helvetica-Bold" };

/** What the baselines print was put into words before: only ours does it while the clock runs. */
function contestants(lines: number): Contestant[] {
  const variants = Array.from({ length: 64 }, (_, i) => documentContent(invoice(i, lines)));
  const opened = openedFonts();
  const content = (i: number) => variants[i % variants.length]!;
  return [
    { name: "ours", run: (i) => renderDocument(invoice(i, lines)) },
    { name: "pdfkit", run: (i) => drawInvoice(Pdf, content(i), standardFonts) },
    { name: "pdfkit, font opened once", run: (i) => drawInvoice(Pdf, content(i), opened) },
    { name: "pdfkit, font file", run: (i) => drawInvoice(Pdf, content(i), ourFontFiles) },
    ...(lines <= 50 ? [{ name: "react-pdf", run: (i: number) => asReactPdf(content(i)) }] : []),
  ];
}

async function measure(lines: number, rounds: number) {
  return takeTurns(contestants(lines), {
    rounds,
    onRound: (done, of) => {
      if (done % 5 === 0) progress(`${lines} lines, round ${done} of ${of}`);
    },
  });
}

/** Documents one after the other, a macrotask between them, as a warm function lives. */
async function heapGrowth(): Promise<number> {
  const collect = (globalThis as unknown as { gc(): void }).gc;
  const inUse = async () => {
    for (let i = 0; i < 3; i++) {
      collect();
      await macrotask();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const renderMany = async (from: number, count: number) => {
    for (let i = from; i < from + count; i++) {
      await renderDocument(invoice(i, 5));
      await macrotask();
    }
  };
  // The caches of words fill first; they are bounded and outlive every document.
  await renderMany(0, 500);
  const before = await inUse();
  progress("500 documents in one heap");
  await renderMany(500, 500);
  return (await inUse()) - before;
}

const figures: RenderFigures = {
  heapGrowth: await heapGrowth(),
  samples: {
    5: await measure(5, quick ? 30 : 150),
    50: await measure(50, quick ? 8 : 30),
    500: await measure(500, quick ? 4 : 10),
  },
};
await finish(figures);
