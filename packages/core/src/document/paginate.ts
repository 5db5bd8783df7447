import type { Section } from "./sections.ts";

export type Placed = { section: Section; spaceBefore: number };

type Room = { first: number; next: number };

const heightOf = ({ section, spaceBefore }: Placed) => section.height + spaceBefore;
const heightOfAll = (placed: readonly Placed[]) => placed.reduce((height, one) => height + heightOf(one), 0);

/**
 * Fills pages with rows, then with what follows the last row. Nothing is laid out twice: every height is known. The tail
 * stays together and takes the last row along where that fits a page and leaves a row behind: neither totals nor small
 * print stand alone.
 * @returns the sections of each page, top to bottom; at least one page
 */
export function paginate(rows: readonly Section[], tail: readonly Placed[], room: Room): Placed[][] {
  const pages: Placed[][] = [[]];
  let left = room.first;
  const place = (placed: Placed) => {
    if (heightOf(placed) > left && left < room.next) turn();
    pages.at(-1)!.push(placed);
    left -= heightOf(placed);
  };
  const turn = () => {
    pages.push([]);
    left = room.next;
  };
  for (const section of rows) place({ section, spaceBefore: 0 });
  if (heightOfAll(tail) > left) {
    const last = pages.at(-1)!.at(-1);
    if (last && pages.at(-1)!.length > 1 && heightOfAll([last, ...tail]) <= room.next) {
      pages.at(-1)!.pop();
      turn();
      place(last);
    }
  }
  for (const placed of tail) place(placed);
  return pages;
}

/** Sections one under the other, as one. */
export function stack(placed: readonly Placed[]): Section {
  return {
    height: heightOfAll(placed),
    paint(pen) {
      let top = 0;
      for (const { section, spaceBefore } of placed) {
        top += spaceBefore;
        pen.ink.save().translate(0, top);
        section.paint(pen);
        pen.ink.restore();
        top += section.height;
      }
    },
  };
}
