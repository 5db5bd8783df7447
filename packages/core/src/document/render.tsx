import layoutDocument from "@react-pdf/layout";
import renderPdf from "@react-pdf/render";
import PDFDocument from "pdfkit";
import { documentContent } from "./content.ts";
import type { DocumentFacts } from "./document.ts";
import { DocumentPdf } from "./document-pdf.tsx";
import { instantiate } from "./elements.ts";
import { createPen } from "./pen.ts";

/**
 * Renders a document as a tagged PDF, A4. The same facts give the same bytes, in any process of the same release and Node:
 * the dates in the file are the document's own, and nothing in it is random.
 */
export async function renderDocument(facts: DocumentFacts): Promise<Uint8Array> {
  const content = documentContent(facts);
  const issued = new Date(facts.issuedAt);
  const { title, author, subject, keywords } = content.metadata;
  const pdf = new PDFDocument({
    autoFirstPage: false,
    // No default font: ours are embedded, and a bundle of one file does not have pdfkit's.
    font: null as unknown as undefined,
    pdfVersion: "1.7",
    tagged: true,
    lang: "en-ZA",
    displayTitle: true,
    info: {
      Title: title,
      Author: author,
      Subject: subject,
      Keywords: keywords,
      Creator: facts.supplier.tradingName,
      Producer: "react-pdf",
      CreationDate: issued,
      ModDate: issued,
    },
  });
  const bytes = bytesOf(pdf);
  const pen = createPen(pdf);
  const [root] = instantiate(<DocumentPdf content={content} supplier={facts.supplier} pen={pen} />);
  const layout = await layoutDocument(root as never);
  renderPdf(pdf as never, layout);
  return bytes;
}

function bytesOf(stream: NodeJS.ReadableStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    stream.on("end", () => resolve(Buffer.concat(chunks)));
    stream.on("error", reject);
  });
}
