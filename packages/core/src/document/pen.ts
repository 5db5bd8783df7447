/** The drawing calls that the documents use, as pdfkit has them. Points, from the top left. */
export type Ink = {
  save(): Ink;
  restore(): Ink;
  translate(x: number, y: number): Ink;
  rotate(degrees: number): Ink;
  scale(factor: number): Ink;
  path(d: string): Ink;
  rect(x: number, y: number, width: number, height: number): Ink;
  roundedRect(x: number, y: number, width: number, height: number, radius: number): Ink;
  moveTo(x: number, y: number): Ink;
  lineTo(x: number, y: number): Ink;
  lineWidth(points: number): Ink;
  fillColor(colour: string): Ink;
  strokeColor(colour: string): Ink;
  fill(colour?: string): Ink;
  stroke(colour?: string): Ink;
  font(source: unknown, family: string, size: number): Ink;
  text(
    text: string,
    x: number,
    y: number,
    options: { lineBreak: false; baseline: number; link?: string; textWidth?: number; wordCount?: number },
  ): Ink;
};

/** Standard structure types of tagged PDF (ISO 32000-1, 14.8.4) that the documents use. */
export type Role = "H1" | "H2" | "P" | "Sect" | "Table" | "TR" | "TH" | "TD";

/**
 * Draws on a page and says what is drawn, so that the PDF is tagged: a screen reader hears the document in order, with
 * its headings and its table, and nothing of rules and panels.
 */
export type Pen = {
  ink: Ink;
  /** Content with a meaning. */
  tag(role: Role, draw: () => void): void;
  /** An element made of what is drawn inside. With a `key` it goes on where it was left: a table runs over pages. */
  group(role: Role, draw: () => void, key?: string): void;
  /** Decoration, and what is repeated on every page. */
  artifact(draw: () => void): void;
};

type Element = PDFKit.PDFStructureElement;

/** A pen for a document opened with `tagged: true`. What is left open is closed when the document ends. */
export function createPen(pdf: PDFKit.PDFDocument): Pen {
  const root = pdf.struct("Document");
  pdf.addStructure(root);
  const open: Element[] = [root];
  const kept = new Map<string, Element>();
  const current = () => open.at(-1)!;
  const element = (role: Role) => {
    const created = pdf.struct(role);
    current().add(created);
    return created;
  };
  return {
    ink: pdf as unknown as Ink,
    tag(role, draw) {
      const parent = element(role);
      const content = pdf.markStructureContent(role);
      draw();
      pdf.endMarkedContent();
      parent.add(content);
      parent.end();
    },
    group(role, draw, key) {
      const parent = (key && kept.get(key)) || element(role);
      open.push(parent);
      draw();
      open.pop();
      if (key) kept.set(key, parent);
      else parent.end();
    },
    artifact(draw) {
      pdf.markContent("Artifact", { type: "Pagination" });
      draw();
      pdf.endMarkedContent();
    },
  };
}
