import { colour, darkColour, logo } from "../theme.ts";
import { coverage, type Share } from "./coverage.ts";

/**
 * The theme's mark as a table of coloured cells: the one way to draw it that every client shows, without images, as sharp as
 * a picture of its size. Documents draw the same paths.
 */

/** Side of the mark, in pixels; a cell is one. */
const SIZE = 28;

type Cell = { beard: Share; moustache: Share };

export function Mark() {
  return (
    <table role="presentation" className="mark" width={SIZE} cellPadding={0} cellSpacing={0} style={style}>
      <tbody>
        {rows.map((cells, y) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          <tr key={y}>
            {runsOf(cells).map(({ cell, start, length }) => (
              <td
                key={start}
                colSpan={length > 1 ? length : undefined}
                className={isEdge(cell) ? "edge" : undefined}
                {...{ bgcolor: colourOf(cell) }}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The half-covered cells around the mark, on the dark ground. */
export const darkEdge = mixed(darkColour.page, colour.brand, 0.5);

/** Outlook on Windows gives a cell the height of its text, even where there is none. */
export const markRules = ".mark td{font-size:1px;line-height:1px}";

const style = { width: `${SIZE}px`, height: `${SIZE}px`, tableLayout: "fixed" } as const;

const grid = { box: logo.size, cells: SIZE };
const [beard, moustache] = [coverage(logo.beard, grid), coverage(logo.moustache, grid)];
const rows = beard.map((shares, y) => shares.map((share, x): Cell => ({ beard: share, moustache: moustache[y]![x]! })));

const isEdge = (cell: Cell) => cell.beard === 0.5 && cell.moustache === 0;

/** Nothing where the ground shows. */
function colourOf(cell: Cell): string | undefined {
  if (cell.beard === 0 && cell.moustache === 0) return undefined;
  return mixed(mixed(colour.surface, colour.brand, cell.beard), colour.onBrand, cell.moustache);
}

/** Neighbours of one colour. */
function runsOf(cells: readonly Cell[]) {
  const runs: { cell: Cell; start: number; length: number }[] = [];
  for (const [start, cell] of cells.entries()) {
    const last = runs.at(-1);
    if (last && colourOf(last.cell) === colourOf(cell)) last.length += 1;
    else runs.push({ cell, start, length: 1 });
  }
  return runs;
}

/** A six-digit hex colour that is `share` of the way from one to another. */
function mixed(from: string, to: string, share: number): string {
  const [a, b] = [Buffer.from(from.slice(1), "hex"), Buffer.from(to.slice(1), "hex")];
  return `#${Buffer.from(a.map((value, i) => Math.round(value + (b[i]! - value) * share))).toString("hex")}`;
}
