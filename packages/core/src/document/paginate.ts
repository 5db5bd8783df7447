import type { Section } from "./sections.ts";

export type Placed = { section: Section; spaceBefore: number };

type Room = { first: number; next: number };

const heightOf = ({ section, spaceBefore }: Placed) => section.height + spaceBefore;

/**
 * Fills pages with rows, then with what follows the last row. Nothing is laid out twice: every height is known. The first
 * block of the tail never stands alone on a page where a row can go with it, so totals keep company.
 * @returns the sections of each page, top to bottom; at least one page
 */
export function paginate(rows: readonly Section[], tail: readonly Placed[], room: Room): Placed[][] {
  const pages: Placed[][] = [[]];
  let left = room.first;
  const place = (placed: Placed) => {
    const current = pages.at(-1)!;
    current.push(placed);
    left -= heightOf(placed);
  };
  const turn = () => {
    pages.push([]);
    left = room.next;
  };
  for (const section of rows) {
    if (section.height > left) turn();
    place({ section, spaceBefore: 0 });
  }
  for (const [i, placed] of tail.entries()) {
    if (heightOf(placed) > left) {
      const company = i === 0 && pages.at(-1)!.length > 1 ? pages.at(-1)!.at(-1) : undefined;
      const together = company && heightOf(company) + heightOf(placed) <= room.next;
      if (together) pages.at(-1)!.pop();
      turn();
      if (together) place(company);
    }
    place(placed);
  }
  return pages;
}
