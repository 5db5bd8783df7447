import { colour, documentType, logo, radius, space, stroke } from "../theme.ts";
import type { Detail, DocumentContent, LineContent, Party } from "./content.ts";
import { widthOf } from "./fonts.ts";
import type { Ink, Pen, Role } from "./pen.ts";
import { heightOf, lineHeight, oneLine, paintLine, paintLines, type TextLine, type TextStyle, wrap } from "./typeset.ts";

/** A part of a page: how high it is, known before layout, and how it is drawn from its own top left corner. Points. */
export type Section = { height: number; paint(pen: Pen): void };

/** A4. `top` and `bottom` are where the content begins and has to end; below that is the footer. */
export const page = {
  width: 595.28,
  height: 841.89,
  side: space.xxl,
  top: space.xl + space.s,
  bottom: space.xxl + space.m,
  footer: space.xxl,
} as const;
export const contentWidth = page.width - 2 * page.side;

const text = {
  title: { size: documentType.display, weight: "semibold", colour: colour.ink, align: "right", leading: 1.15 },
  strapline: { size: documentType.body, colour: colour.muted, align: "right" },
  wordmark: { size: documentType.title, weight: "semibold", colour: colour.ink, leading: 1.1 },
  website: { size: documentType.small, colour: colour.muted },
  label: { size: documentType.small, colour: colour.muted },
  detail: { size: documentType.body, weight: "semibold", colour: colour.ink },
  partyName: { size: documentType.lead, weight: "semibold", colour: colour.ink },
  body: { size: documentType.body, colour: colour.text },
  columnHead: { size: documentType.small, weight: "semibold", colour: colour.muted },
  product: { size: documentType.body, weight: "semibold", colour: colour.ink },
  description: { size: documentType.small, colour: colour.muted },
  amount: { size: documentType.body, colour: colour.text, align: "right" },
  panelHeading: { size: documentType.lead, weight: "semibold", colour: colour.ink },
  totalLabel: { size: documentType.heading, weight: "semibold", colour: colour.ink },
  total: { size: documentType.total, weight: "semibold", colour: colour.brand, align: "right" },
  terms: { size: documentType.small, colour: colour.muted },
  footer: { size: documentType.small, colour: colour.muted },
  pageNumber: { size: documentType.small, colour: colour.muted, align: "right" },
} as const satisfies Record<string, TextStyle>;

/** Lines that make one paragraph, cell or heading. Returns where they end. */
function write(pen: Pen, role: Role, lines: readonly TextLine[], left: number, top: number, width: number): number {
  if (lines.length > 0) pen.tag(role, () => paintLines(pen.ink, lines, left, top, width));
  return top + heightOf(lines);
}

function rule(
  { ink, artifact }: Pen,
  y: number,
  width: number,
  { tint = colour.line as string, thickness = stroke.row as number, left = 0 } = {},
) {
  artifact(() =>
    ink
      .lineWidth(thickness)
      .moveTo(left, y)
      .lineTo(left + width, y)
      .stroke(tint),
  );
}

/** The brand's bar across the top edge of every page. */
export function brandBar(): Section {
  const height = stroke.brand;
  return { height, paint: ({ ink, artifact }) => artifact(() => ink.rect(0, 0, page.width, height).fill(colour.brand)) };
}

function paintLogo({ ink, artifact }: Pen, size: number) {
  artifact(() => {
    ink.save().scale(size / logo.size);
    ink.path(logo.beard).fill(colour.brand);
    ink.path(logo.moustache).fill(colour.onBrand);
    ink.restore();
  });
}

/** Logo and title, on the first page. */
export function masthead(content: DocumentContent, brand: { tradingName: string; website: string }): Section {
  const half = contentWidth / 2;
  const mark = space.xl + space.s;
  const title = [oneLine(content.title, text.title, half)];
  if (content.strapline) title.push(oneLine(content.strapline, text.strapline, half));
  const nameLeft = mark + space.sm;
  const name = oneLine(brand.tradingName, text.wordmark, half - nameLeft);
  const website = oneLine(brand.website.replace(/^https?:\/\//, ""), text.website, half - nameLeft);
  return {
    height: Math.max(mark, heightOf(title)),
    paint(pen) {
      paintLogo(pen, mark);
      const nameTop = (mark - lineHeight(name) - lineHeight(website)) / 2;
      write(pen, "P", [name, { ...website, link: brand.website }], nameLeft, nameTop, half);
      const [heading, ...strapline] = title;
      write(pen, "P", strapline, half, write(pen, "H1", [heading!], half, 0, half), half);
    },
  };
}

/** What stands in the masthead's place from the second page on. */
export function runningHead(content: DocumentContent): Section {
  const mark = space.m;
  const heading = oneLine(`${content.title} ${content.number}`, text.panelHeading, contentWidth - mark - space.s);
  return {
    height: mark + space.s,
    paint(pen) {
      paintLogo(pen, mark);
      pen.artifact(() => paintLine(pen.ink, heading, mark + space.s, (mark - lineHeight(heading)) / 2, contentWidth));
    },
  };
}

/** Number, date and references, side by side between two rules. */
export function details(content: DocumentContent): Section {
  const padding = space.s;
  const gap = space.sm;
  const width = (contentWidth - gap * (content.details.length - 1)) / content.details.length;
  const cells = content.details.map((detail) => [...wrap(detail.label, text.label, width), ...wrap(detail.value, text.detail, width)]);
  const height = Math.max(...cells.map(heightOf)) + 2 * padding;
  return {
    height,
    paint(pen) {
      rule(pen, 0, contentWidth);
      for (const [i, lines] of cells.entries()) write(pen, "P", lines, i * (width + gap), padding, width);
      rule(pen, height, contentWidth);
    },
  };
}

const partyColumns = partyColumnsOf({ supplier: 178, stamp: 90 });

/** The recipient has what the supplier and the stamp leave. */
function partyColumnsOf(width: { supplier: number; stamp: number }) {
  const stampLeft = contentWidth - width.stamp;
  const recipientLeft = width.supplier + space.sm;
  return {
    supplier: { left: 0, width: width.supplier },
    recipient: { left: recipientLeft, width: stampLeft - space.sm - recipientLeft },
    stamp: { left: stampLeft, width: width.stamp },
  };
}

/** Supplier and recipient, and the stamp beside them. */
export function parties(content: DocumentContent): Section {
  const supplier = partyLines(content.supplier, partyColumns.supplier.width);
  const recipient = partyLines(content.recipient, partyColumns.recipient.width);
  return {
    height: Math.max(heightOf(supplier), heightOf(recipient)),
    paint(pen) {
      write(pen, "P", supplier, partyColumns.supplier.left, 0, partyColumns.supplier.width);
      write(pen, "P", recipient, partyColumns.recipient.left, 0, partyColumns.recipient.width);
      const { stamp } = content;
      if (stamp) pen.tag("P", () => paintStamp(pen.ink, stamp));
    },
  };
}

/** Points the parties may take on the first page, so that a line of the order still fits below them. */
const PARTY_HEIGHT = 420;
/** What names and addresses are set in, one after the other, when they are too long; the last is enough for the longest. */
const smallerScales = [0.85, 0.7, 0.55];

function partyLines({ heading, name, lines }: Party, width: number): TextLine[] {
  const setAt = (scale: number) => [
    ...wrap(heading, text.label, width),
    ...wrap(name, { ...text.partyName, size: text.partyName.size * scale }, width),
    ...lines.flatMap((line) => wrap(line, { ...text.body, size: text.body.size * scale }, width)),
  ];
  let set = setAt(1);
  for (const scale of smallerScales) {
    if (heightOf(set) <= PARTY_HEIGHT) break;
    set = setAt(scale);
  }
  return set;
}

function paintStamp(ink: Ink, { word, date }: { word: string; date: string }) {
  const { left, width } = partyColumns.stamp;
  const height = space.xxl;
  const tint = colour.positive;
  const wordLine = oneLine(word, { ...text.wordmark, colour: tint }, width);
  const dateLine = oneLine(date, { ...text.label, colour: tint }, width - space.s);
  const centred = (line: TextLine) => left + (width - widthOf(line.text, line.style.weight, line.style.size)) / 2;
  ink
    .save()
    .translate(left + width / 2, space.sm + height / 2)
    .rotate(-7)
    .translate(-left - width / 2, -height / 2);
  ink.lineWidth(stroke.stamp).roundedRect(left, 0, width, height, radius.panel).stroke(tint);
  const top = (height - lineHeight(wordLine) - lineHeight(dateLine)) / 2;
  paintLine(ink, wordLine, centred(wordLine), top, width);
  paintLine(ink, dateLine, centred(dateLine), top + lineHeight(wordLine), width);
  ink.restore();
}

export type Columns = Record<"description" | "quantity" | "unitPrice" | "discount" | "amount", { left: number; width: number }>;

/** Column positions; without any discount its column goes to the description. */
export function columnsOf(content: DocumentContent): Columns {
  const gap = space.sm;
  const widths = { quantity: 40, unitPrice: 64, discount: content.lines.some((line) => line.discount) ? 64 : 0, amount: 74 };
  const amount = { left: contentWidth - widths.amount, width: widths.amount };
  const discount = { left: amount.left - (widths.discount ? gap : 0) - widths.discount, width: widths.discount };
  const unitPrice = { left: discount.left - gap - widths.unitPrice, width: widths.unitPrice };
  const quantity = { left: unitPrice.left - gap - widths.quantity, width: widths.quantity };
  return { description: { left: 0, width: quantity.left - gap }, quantity, unitPrice, discount, amount };
}

/** Heads of the line table, repeated on every page; only the first time are they part of the text. */
export function tableHead(columns: Columns, repeated: boolean): Section {
  const right = { ...text.columnHead, align: "right" } as const;
  const heads = [
    { column: columns.description, line: oneLine("Description", text.columnHead, columns.description.width) },
    { column: columns.quantity, line: oneLine("Quantity", right, columns.quantity.width) },
    { column: columns.unitPrice, line: oneLine("Unit price", right, columns.unitPrice.width) },
    ...(columns.discount.width ? [{ column: columns.discount, line: oneLine("Discount", right, columns.discount.width) }] : []),
    { column: columns.amount, line: oneLine("Amount excl. VAT", right, columns.amount.width) },
  ];
  const height = Math.max(...heads.map(({ line }) => lineHeight(line))) + space.s;
  return {
    height,
    paint(pen) {
      if (repeated) pen.artifact(() => heads.forEach(({ column, line }) => void paintLine(pen.ink, line, column.left, 0, column.width)));
      else inTable(pen, () => heads.forEach(({ column, line }) => void write(pen, "TH", [line], column.left, 0, column.width)));
      rule(pen, height - stroke.head / 2, contentWidth, { tint: colour.ink, thickness: stroke.head });
    },
  };
}

/** One row of the one table that runs over all pages. */
const inTable = (pen: Pen, row: () => void) => pen.group("Table", () => pen.group("TR", row), "lines");

/** A line item, broken into lines and not yet placed. */
export type MeasuredLine = { description: TextLine[]; amounts: { column: Columns[keyof Columns]; line: TextLine }[] };

export function measureLine(line: LineContent, columns: Columns): MeasuredLine {
  const { width } = columns.description;
  return {
    description: [
      ...wrap(line.name, text.product, width),
      // Below the one line of the amounts there is room under them.
      ...(line.description ? wrap(line.description, text.description, columns.unitPrice.left + columns.unitPrice.width) : []),
    ],
    amounts: [
      { column: columns.quantity, line: oneLine(line.quantity, text.amount, columns.quantity.width) },
      { column: columns.unitPrice, line: oneLine(line.unitPrice, text.amount, columns.unitPrice.width) },
      ...(line.discount ? [{ column: columns.discount, line: oneLine(line.discount, text.amount, columns.discount.width) }] : []),
      { column: columns.amount, line: oneLine(line.amount, { ...text.amount, colour: colour.ink }, columns.amount.width) },
    ],
  };
}

/**
 * The row of one line item with `padding` points above and below, in one piece wherever it fits a page. A description longer
 * than `tallest` points goes on in pieces of its own.
 */
export function rowsOf({ description, amounts }: MeasuredLine, { padding, tallest }: { padding: number; tallest: number }): Section[] {
  const pieces = inPieces(description, tallest - 2 * padding);
  return pieces.map((lines, i) => ({
    height: heightOf(lines) + 2 * padding,
    paint(pen) {
      inTable(pen, () => {
        write(pen, "TD", lines, 0, padding, contentWidth);
        if (i > 0) return;
        for (const { column, line } of amounts) write(pen, "TD", [line], column.left, padding, column.width);
      });
      if (i === pieces.length - 1) rule(pen, heightOf(lines) + 2 * padding, contentWidth);
    },
  }));
}

function inPieces(lines: TextLine[], tallest: number): TextLine[][] {
  const pieces: TextLine[][] = [];
  let piece: TextLine[] = [];
  for (const line of lines) {
    if (piece.length > 0 && heightOf([...piece, line]) > tallest) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(line);
  }
  return [...pieces, piece];
}

/** Payment panel on the left, totals on the right. */
export function settlement(content: DocumentContent): Section {
  const panelWidth = 258;
  const padding = space.sm;
  const totalsLeft = panelWidth + space.l;
  const totalsWidth = contentWidth - totalsLeft;
  const panel = panelOf(content, panelWidth - 2 * padding);
  const totals = content.totals.map(({ label, value, emphasis }) => {
    const valueLine = oneLine(value, emphasis ? text.total : text.amount, totalsWidth * 0.6);
    const valueWidth = widthOf(valueLine.text, valueLine.style.weight, valueLine.style.size);
    const labelLines = wrap(label, emphasis ? text.totalLabel : text.body, totalsWidth - valueWidth - space.s);
    const above = emphasis ? space.sm : 0;
    return { labelLines, valueLine, emphasis, above, height: above + Math.max(heightOf(labelLines), lineHeight(valueLine)) + space.xs };
  });
  const panelHeight = panel.height + 2 * padding;
  const totalsHeight = totals.reduce((height, row) => height + row.height, 0);
  return {
    height: Math.max(panelHeight, totalsHeight),
    paint(pen) {
      const { ink } = pen;
      pen.artifact(() => ink.roundedRect(0, 0, panelWidth, panelHeight, radius.panel).fill(colour.surface));
      ink.save().translate(padding, padding);
      panel.paint(pen);
      ink.restore();
      let y = 0;
      for (const { labelLines, valueLine, emphasis, above, height } of totals) {
        if (emphasis) rule(pen, y + space.xs, totalsWidth, { tint: colour.ink, thickness: stroke.head, left: totalsLeft });
        const top = y + above;
        const labelTop = emphasis ? top + (lineHeight(valueLine) - lineHeight(labelLines[0]!)) / 2 : top;
        pen.group(
          "Table",
          () =>
            pen.group("TR", () => {
              write(pen, "TH", labelLines, totalsLeft, labelTop, totalsWidth);
              write(pen, "TD", [valueLine], totalsLeft, top, totalsWidth);
            }),
          "totals",
        );
        y += height;
      }
    },
  };
}

function panelOf({ panel }: DocumentContent, width: number): Section {
  const labelWidth = 92;
  const heading = wrap(panel.heading, text.panelHeading, width);
  const intro = panel.intro ? wrap(panel.intro, text.description, width) : [];
  const rows = panel.details.map((detail) => panelRow(detail, labelWidth, width));
  const head = [...heading, ...intro];
  const gap = space.xs;
  return {
    height: heightOf(head) + gap + rows.reduce((height, row) => height + row.height, 0),
    paint(pen) {
      const below = write(pen, "H2", heading, 0, 0, width);
      let y = write(pen, "P", intro, 0, below, width) + gap;
      for (const row of rows) {
        pen.tag("P", () => {
          paintLines(pen.ink, row.label, 0, y, labelWidth);
          paintLines(pen.ink, row.value, row.valueLeft, y + row.valueTop, width - row.valueLeft);
        });
        y += row.height;
      }
    },
  };
}

/** Lines a value may take beside its label; a longer one, a reason of some sentences, goes under it, smaller, in the panel's full width. */
const LINES_BESIDE = 2;

function panelRow({ label, value }: Detail, labelWidth: number, width: number) {
  const labelLines = wrap(label, { ...text.body, colour: colour.muted }, labelWidth - space.s);
  const style = { ...text.body, colour: colour.ink };
  const beside = wrap(value, style, width - labelWidth);
  if (beside.length <= LINES_BESIDE) {
    const height = Math.max(heightOf(labelLines), heightOf(beside)) + space.xxs;
    return { label: labelLines, value: beside, valueLeft: labelWidth, valueTop: 0, height };
  }
  const under = wrap(value, { ...text.description, colour: colour.ink }, width);
  const valueTop = heightOf(labelLines);
  return { label: labelLines, value: under, valueLeft: 0, valueTop, height: valueTop + heightOf(under) + space.xxs };
}

/** Small print. */
export function terms(content: DocumentContent): Section {
  const paragraphs = content.terms.map((term) => wrap(term.text, text.terms, contentWidth, term.link));
  return {
    height: heightOf(paragraphs.flat()),
    paint(pen) {
      let y = 0;
      for (const lines of paragraphs) y = write(pen, "P", lines, 0, y, contentWidth);
    },
  };
}

/** Registration numbers and page x of y, at the foot of every page. */
export function footer(content: DocumentContent, number: number, of: number): Section {
  const pagesWidth = 90;
  const pages = oneLine(`Page ${number} of ${of}`, text.pageNumber, pagesWidth);
  const left = oneLine(content.footer, text.footer, contentWidth - pagesWidth - space.s);
  return {
    height: space.l,
    paint(pen) {
      rule(pen, 0, contentWidth);
      pen.artifact(() => {
        paintLine(pen.ink, left, 0, space.s, contentWidth);
        paintLine(pen.ink, pages, contentWidth - pagesWidth, space.s, pagesWidth);
      });
    },
  };
}
