/** The invoice as somebody who knows pdfkit lays it out by hand: the same words, fixed columns, rows one below the other. */
import type { DocumentContent } from "@bbws/core/document/content.ts";
import type { Font } from "fontkit";
import type PDFDocument from "pdfkit";

type Pdf = InstanceType<typeof PDFDocument>;
/** A standard font's name, a file's bytes, or a font that fontkit has opened. */
type Source = string | Buffer | Font;
export type Fonts = { regular: Source; semibold: Source };
/** What every PDF reader has: nothing to open, nothing to embed. */
export const standardFonts: Fonts = { regular: "Helvetica", semibold: "Helvetica-Bold" };

const left = 46;
const right = 595.28 - 46;
const width = right - left;
const bottom = 841.89 - 62;
const columns = { quantity: 290, unitPrice: 340, discount: 410, amount: 475 };
const ink = "#111827";
const grey = "#6b7280";
const brand = "#0f766e";

/** Draws on a new document and resolves with its bytes. */
export function drawInvoice(Document: typeof PDFDocument, content: DocumentContent, fonts: Fonts): Promise<Uint8Array> {
  const { title, author, subject, keywords } = content.metadata;
  const pdf = new Document({
    size: "A4",
    margin: 0,
    bufferPages: true,
    // None yet: a font that was opened under another name is opened again at every change (pdfkit 0.20.1, `font`).
    font: "",
    info: { Title: title, Author: author, Subject: subject, Keywords: keywords },
  });
  const bytes = collect(pdf);
  pdf.registerFont("regular", fonts.regular as string);
  pdf.registerFont("semibold", fonts.semibold as string);
  let y = totals(pdf, content, rows(pdf, content, parties(pdf, content, head(pdf, content))));
  for (const { text } of content.terms) y = paragraph(pdf, text, y + 4);
  footers(pdf, content);
  pdf.end();
  return bytes;
}

function head(pdf: Pdf, content: DocumentContent): number {
  pdf.rect(0, 0, 595.28, 5).fill(brand);
  pdf.font("semibold").fontSize(18).fillColor(ink).text(content.supplier.name, left, 44);
  pdf.fontSize(24).text(content.title, left, 40, { width, align: "right" });
  let y = 80;
  for (const { label, value } of content.details) {
    pdf.font("regular").fontSize(8).fillColor(grey).text(label, left, y);
    pdf
      .font("semibold")
      .fontSize(9)
      .fillColor(ink)
      .text(value, left + 110, y);
    y += 14;
  }
  if (content.stamp) {
    pdf
      .rect(right - 120, 84, 120, 44)
      .lineWidth(2)
      .stroke(brand);
    pdf
      .fontSize(16)
      .fillColor(brand)
      .text(content.stamp.word, right - 120, 90, { width: 120, align: "center" });
    pdf.fontSize(8).text(content.stamp.date, right - 120, 112, { width: 120, align: "center" });
  }
  return y + 20;
}

function parties(pdf: Pdf, { supplier, recipient }: DocumentContent, top: number): number {
  let lowest = top;
  [supplier, recipient].forEach((party, i) => {
    const x = left + (i * width) / 2;
    let y = top;
    pdf.font("regular").fontSize(8).fillColor(grey).text(party.heading, x, y);
    y += 12;
    pdf.font("semibold").fontSize(10).fillColor(ink).text(party.name, x, y);
    y += 14;
    for (const line of party.lines) {
      pdf
        .font("regular")
        .fontSize(9)
        .text(line, x, y, { width: width / 2 - 10 });
      y += 12;
    }
    lowest = Math.max(lowest, y);
  });
  return lowest + 20;
}

function columnHeads(pdf: Pdf, y: number): number {
  pdf.font("semibold").fontSize(8).fillColor(grey);
  pdf.text("Description", left, y);
  pdf.text("Quantity", columns.quantity, y, { width: 40, align: "right" });
  pdf.text("Unit price", columns.unitPrice, y, { width: 60, align: "right" });
  pdf.text("Discount", columns.discount, y, { width: 60, align: "right" });
  pdf.text("Amount", columns.amount, y, { width: right - columns.amount, align: "right" });
  pdf
    .moveTo(left, y + 14)
    .lineTo(right, y + 14)
    .lineWidth(0.6)
    .stroke(grey);
  return y + 20;
}

function rows(pdf: Pdf, { lines }: DocumentContent, top: number): number {
  let y = columnHeads(pdf, top);
  for (const line of lines) {
    pdf.font("regular").fontSize(8);
    const described = line.description ? pdf.heightOfString(line.description, { width: 230 }) : 0;
    if (y + 14 + described > bottom) {
      pdf.addPage();
      y = columnHeads(pdf, 40);
    }
    pdf.font("semibold").fontSize(9).fillColor(ink).text(line.name, left, y);
    pdf.font("regular");
    pdf.text(line.quantity, columns.quantity, y, { width: 40, align: "right" });
    pdf.text(line.unitPrice, columns.unitPrice, y, { width: 60, align: "right" });
    if (line.discount) pdf.text(line.discount, columns.discount, y, { width: 60, align: "right" });
    pdf.text(line.amount, columns.amount, y, { width: right - columns.amount, align: "right" });
    if (line.description)
      pdf
        .fontSize(8)
        .fillColor(grey)
        .text(line.description, left, y + 13, { width: 230 });
    y += 18 + described;
    pdf.moveTo(left, y).lineTo(right, y).lineWidth(0.4).stroke("#e5e7eb");
    y += 6;
  }
  return y + 10;
}

function totals(pdf: Pdf, content: DocumentContent, top: number): number {
  let y = top;
  if (y + 20 * content.totals.length > bottom) {
    pdf.addPage();
    y = 40;
  }
  const panelTop = y;
  for (const { label, value, emphasis } of content.totals) {
    pdf
      .font(emphasis ? "semibold" : "regular")
      .fontSize(emphasis ? 12 : 9)
      .fillColor(emphasis ? brand : ink);
    pdf.text(label, columns.unitPrice, y, { width: 110 });
    pdf.text(value, columns.amount - 20, y, { width: right - columns.amount + 20, align: "right" });
    y += emphasis ? 20 : 15;
  }
  let panel = panelTop;
  pdf.font("semibold").fontSize(9).fillColor(ink).text(content.panel.heading, left, panel);
  panel += 14;
  for (const { label, value } of content.panel.details) {
    pdf.font("regular").fontSize(8).fillColor(grey).text(label, left, panel);
    pdf.fillColor(ink).text(value, left + 90, panel, { width: 150 });
    panel += 12;
  }
  return Math.max(y, panel) + 20;
}

function paragraph(pdf: Pdf, text: string, top: number): number {
  pdf.font("regular").fontSize(8).fillColor(grey);
  const height = pdf.heightOfString(text, { width });
  let y = top;
  if (y + height > bottom) {
    pdf.addPage();
    y = 40;
  }
  pdf.text(text, left, y, { width });
  return y + height;
}

function footers(pdf: Pdf, { footer }: DocumentContent): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let i = start; i < start + count; i++) {
    pdf.switchToPage(i);
    pdf.font("regular").fontSize(8).fillColor(grey);
    pdf.text(footer, left, bottom + 20, { lineBreak: false });
    pdf.text(`Page ${i + 1} of ${count}`, left, bottom + 20, { width, align: "right", lineBreak: false });
  }
}

function collect(pdf: Pdf): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    pdf.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    pdf.on("end", () => resolve(Buffer.concat(chunks)));
    pdf.on("error", reject);
  });
}
