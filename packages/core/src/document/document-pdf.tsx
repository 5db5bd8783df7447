import { space } from "../theme.ts";
import type { DocumentContent } from "./content.ts";
import { Canvas, Document, Page } from "./elements.ts";
import { type Placed, paginate, stack } from "./paginate.ts";
import type { Pen } from "./pen.ts";
import * as part from "./sections.ts";
import type { Supplier } from "./supplier.ts";

/** Points between blocks, and above and below the text of a row. */
type Spacing = { gap: number; row: number };
const usual: Spacing = { gap: space.l, row: space.s };
/** Where that saves a page: the one before it would stay partly empty, and the last one hold little but the totals. */
const close: Spacing = { gap: space.sm, row: space.xs };

/**
 * The document as react-pdf components. Its pages are filled beforehand from measured sections, because react-pdf's own
 * page breaking lays the rest of the document out again at every break. The sections of a page are drawn on one canvas,
 * text already broken into lines: a canvas for each costs more than what is drawn on it.
 */
export function DocumentPdf({ content, supplier, pen }: { content: DocumentContent; supplier: Supplier; pen: Pen }) {
  const pages = pagesOf(content, supplier);
  return (
    <Document>
      {pages.map((body, i) => (
        <Page
          // biome-ignore lint/suspicious/noArrayIndexKey: a page is its place
          key={i}
          size="A4"
          wrap={false}
          style={{ minHeight: part.page.height, paddingTop: part.page.top, paddingHorizontal: part.page.side }}
          bookmark={i === 0 ? content.metadata.title : `Page ${i + 1}`}
        >
          <Drawn pen={pen} section={part.brandBar()} width={part.page.width} at={{ top: 0, left: 0 }} />
          <Drawn pen={pen} section={stack(body)} width={part.contentWidth} />
          <Drawn
            pen={pen}
            section={part.footer(content, i + 1, pages.length)}
            width={part.contentWidth}
            at={{ top: part.page.height - part.page.footer, left: part.page.side }}
          />
        </Page>
      ))}
    </Document>
  );
}

/** The sections of each page, top to bottom. */
function pagesOf(content: DocumentContent, supplier: Supplier): Placed[][] {
  const columns = part.columnsOf(content);
  const measured = {
    masthead: part.masthead(content, supplier),
    details: part.details(content),
    parties: part.parties(content),
    runningHead: part.runningHead(content),
    tableHead: part.tableHead(columns, false),
    repeatedTableHead: part.tableHead(columns, true),
    lines: content.lines.map((line) => part.measureLine(line, columns)),
    settlement: part.settlement(content),
    terms: part.terms(content),
  };
  const pages = fill(measured, usual);
  if (pages.length === 1) return pages;
  const closer = fill(measured, close);
  return closer.length < pages.length ? closer : pages;
}

type Measured = Record<
  "masthead" | "details" | "parties" | "runningHead" | "tableHead" | "repeatedTableHead" | "settlement" | "terms",
  part.Section
> & {
  lines: part.MeasuredLine[];
};

function fill(measured: Measured, { gap, row }: Spacing): Placed[][] {
  const heads = {
    first: [
      { section: measured.masthead, spaceBefore: 0 },
      { section: measured.details, spaceBefore: gap },
      { section: measured.parties, spaceBefore: gap },
      { section: measured.tableHead, spaceBefore: gap },
    ],
    next: [
      { section: measured.runningHead, spaceBefore: 0 },
      { section: measured.repeatedTableHead, spaceBefore: space.sm },
    ],
  };
  const room = { first: roomUnder(heads.first), next: roomUnder(heads.next) };
  const rows = measured.lines.flatMap((line) => part.rowsOf(line, { padding: row, tallest: room.next }));
  const tail = [
    { section: measured.settlement, spaceBefore: gap },
    { section: measured.terms, spaceBefore: gap },
  ];
  return paginate(rows, tail, room).map((body, i) => {
    const head = i === 0 ? heads.first : heads.next;
    // A page without a line shows no column heads.
    const hasLines = body.some(({ section }) => rows.includes(section));
    return [...(hasLines ? head : head.slice(0, -1)), ...body];
  });
}

function roomUnder(head: readonly Placed[]): number {
  const taken = head.reduce((height, { section, spaceBefore }) => height + section.height + spaceBefore, 0);
  return part.page.height - part.page.top - part.page.bottom - taken;
}

type DrawnProps = { pen: Pen; section: part.Section; width: number; at?: { top: number; left: number } };

function Drawn({ pen, section, width, at }: DrawnProps) {
  const paint = () => {
    section.paint(pen);
    return null;
  };
  return <Canvas style={{ width, height: section.height, ...(at && { position: "absolute", ...at }) }} paint={paint} />;
}
