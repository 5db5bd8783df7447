import type { DocumentContent } from "./content.ts";
import { Canvas, Document, Page, View } from "./elements.ts";
import { type Placed, paginate } from "./paginate.ts";
import type { Pen } from "./pen.ts";
import * as part from "./sections.ts";
import type { Supplier } from "./supplier.ts";

const GAP = 20;

/**
 * The document as react-pdf components. Its pages are filled beforehand from measured sections, because react-pdf's own
 * page breaking lays the rest of the document out again at every break; text is drawn by each section's canvas, already
 * broken into lines.
 */
export function DocumentPdf({ content, supplier, pen }: { content: DocumentContent; supplier: Supplier; pen: Pen }) {
  const columns = part.columnsOf(content);
  const heads = {
    first: [
      { section: part.masthead(content, supplier), spaceBefore: 0 },
      { section: part.details(content), spaceBefore: GAP },
      { section: part.parties(content), spaceBefore: GAP },
      { section: part.tableHead(columns, false), spaceBefore: GAP },
    ],
    next: [
      { section: part.runningHead(content), spaceBefore: 0 },
      { section: part.tableHead(columns, true), spaceBefore: 10 },
    ],
  };
  const room = { first: roomUnder(heads.first), next: roomUnder(heads.next) };
  const rows = content.lines.flatMap((line) => part.rowsOf(line, columns, room.next));
  const tail = [
    { section: part.settlement(content), spaceBefore: GAP },
    { section: part.terms(content), spaceBefore: GAP },
  ];
  const pages = paginate(rows, tail, room);
  // A page without a line shows no column heads.
  const headOf = (i: number, body: readonly Placed[]) => {
    const head = i === 0 ? heads.first : heads.next;
    return body.some((placed) => rows.includes(placed.section)) ? head : head.filter((placed) => placed !== head.at(-1));
  };
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
          {[...headOf(i, body), ...body].map(({ section, spaceBefore }, j) => (
            <View
              // biome-ignore lint/suspicious/noArrayIndexKey: a block is its place
              key={j}
              style={{ marginTop: spaceBefore }}
            >
              <Drawn pen={pen} section={section} width={part.contentWidth} />
            </View>
          ))}
          <Drawn
            pen={pen}
            section={part.footer(content, i + 1, pages.length)}
            width={part.contentWidth}
            at={{ top: part.page.height - part.page.bottom + 20, left: part.page.side }}
          />
        </Page>
      ))}
    </Document>
  );
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
