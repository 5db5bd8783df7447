/** A drawn shape as a square of cells: which of them its inside covers. Own code, because pictures drawn by a graphics library differ from machine to machine, and published templates must not. */

/** Which share of a cell is covered: nothing, half, or all of it. */
export type Share = 0 | 0.5 | 1;
type Point = readonly [x: number, y: number];

/** Lines looked at in each row of cells, and straight pieces of each curve. */
const FINENESS = 8;

/**
 * The cells of a shape, row by row.
 * @param path an SVG path of the commands M, L, C and Z, in a square of side `box`
 * @param cells how many cells the square has along each side
 * @throws {Error} for any other command
 */
export function coverage(path: string, { box, cells }: { box: number; cells: number }): Share[][] {
  const shapes = outlines(path, cells / box);
  return Array.from({ length: cells }, (_, row) => {
    const spans = Array.from({ length: FINENESS }, (_, line) => spansOf(shapes, row + (line + 0.5) / FINENESS)).flat();
    return Array.from({ length: cells }, (_, column) => {
      const covered = spans.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, column + 1) - Math.max(from, column)), 0);
      return (Math.round((covered / FINENESS) * 2) / 2) as Share;
    });
  });
}

/** The pieces of a horizontal line that are inside: between its first and second meeting with an outline, and so on. */
function spansOf(shapes: readonly Point[][], y: number): (readonly [from: number, to: number])[] {
  const meetings = shapes
    .flatMap((points) =>
      points.flatMap(([x1, y1], i) => {
        const [x2, y2] = points[(i + 1) % points.length]!;
        return y1 <= y === y2 <= y ? [] : [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)];
      }),
    )
    .sort((a, b) => a - b);
  return meetings.flatMap((from, i) => (i % 2 === 0 ? [[from, meetings[i + 1]!] as const] : []));
}

/** The corners of a path's outlines, in cells. */
function outlines(path: string, scale: number): Point[][] {
  const shapes: Point[][] = [];
  for (const [, command, values] of path.matchAll(/([a-z])([^a-z]*)/gi)) {
    const numbers = [...values!.matchAll(/-?[\d.]+/g)].map(([number]) => Number(number) * scale);
    const points = numbers.flatMap((x, i): Point[] => (i % 2 === 0 ? [[x, numbers[i + 1]!]] : []));
    if (command === "M") shapes.push(points);
    else if (command === "L") shapes.at(-1)!.push(...points);
    else if (command === "C")
      for (let i = 0; i < points.length; i += 3) shapes.at(-1)!.push(...curve(shapes.at(-1)!.at(-1)!, points.slice(i, i + 3)));
    else if (command !== "Z") throw new Error(`a path of M, L, C and Z can be drawn in mails, not one with ${command}`);
  }
  return shapes;
}

/** A cubic Bézier curve as straight pieces, without its first point. */
function curve(start: Point, [one, two, end]: readonly Point[]): Point[] {
  return Array.from({ length: FINENESS }, (_, i) => {
    const t = (i + 1) / FINENESS;
    const u = 1 - t;
    const along = (axis: 0 | 1) => u ** 3 * start[axis] + 3 * u * u * t * one![axis] + 3 * u * t * t * two![axis] + t ** 3 * end![axis];
    return [along(0), along(1)];
  });
}
