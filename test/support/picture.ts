import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { decode, encode } from "fast-png";
import pixelmatch from "pixelmatch";

const root = resolve(import.meta.dirname, "../..");
const baselines = resolve(root, "test/e2e/baselines");
const results = resolve(root, ".build/pictures");

/** Side of the squares that are compared one by one, in pixels: a word that is gone is lost in a page, not in its square. */
const SQUARE = 32;
/** Share of a square's pixels that may differ: what another release of a renderer does to the edges of letters. */
export const TOLERANCE = 0.08;
/** How far two colours may be apart and still be one, from 0 to 1 (pixelmatch's own unit). */
const COLOUR_TOLERANCE = 0.2;

const accepting = process.env.ACCEPT_PICTURES === "1";

/**
 * Compares a picture with its committed baseline. With `ACCEPT_PICTURES=1` it becomes the baseline instead.
 * @param name path below `test/e2e/baselines`, without `.png`
 * @param png what was drawn
 * @throws {Error} saying how much differs and where to look: the picture and the difference are left in `.build/pictures`
 */
export function expectLikeBaseline(name: string, png: Uint8Array): void {
  const baseline = resolve(baselines, `${name}.png`);
  if (accepting) {
    save(baseline, smaller(png));
    return;
  }
  const drawn = resolve(results, `${name}.png`);
  const marked = resolve(results, `${name}.difference.png`);
  for (const left of [drawn, marked]) rmSync(left, { force: true });
  if (!existsSync(baseline)) {
    save(drawn, png);
    throw new Error(`There is no baseline of ${name}. Look at ${here(drawn)}; npm run pictures:accept takes it`);
  }
  const { share, difference } = compare(readFileSync(baseline), png);
  if (share <= TOLERANCE) return;
  save(drawn, png);
  if (difference) save(marked, difference);
  const how = difference ? `${(share * 100).toFixed(0)} % of one place differ` : "it has another size";
  throw new Error(
    `${name} does not look like its baseline: ${how}. Look at ${here(drawn)} and ${here(marked)}; if it is better now, npm run pictures:accept`,
  );
}

/**
 * Compares two pictures square by square.
 * @returns the share of pixels that differ (0 to 1) in the square where most do, and a picture of all that do; pictures of
 * two sizes differ wholly
 */
export function compare(one: Uint8Array, other: Uint8Array): { share: number; difference?: Uint8Array } {
  const [a, b] = [rgba(one), rgba(other)];
  if (a.width !== b.width || a.height !== b.height) return { share: 1 };
  const { width, height } = a;
  const data = new Uint8Array(a.data.length);
  pixelmatch(a.data, b.data, data, width, height, { threshold: COLOUR_TOLERANCE, diffMask: true });
  const across = Math.ceil(width / SQUARE);
  const differing = new Array<number>(across * Math.ceil(height / SQUARE)).fill(0);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (data[pixel * 4 + 3] === 0) continue;
    differing[Math.floor(pixel / width / SQUARE) * across + Math.floor((pixel % width) / SQUARE)]! += 1;
  }
  return { share: Math.max(...differing) / SQUARE ** 2, difference: encode({ width, height, data, channels: 4, depth: 8 }) };
}

/** @returns the picture with four channels of eight bits, which is what pixelmatch compares */
function rgba(png: Uint8Array) {
  const { width, height, data, channels, depth } = decode(png);
  if (depth !== 8 || channels < 3) throw new Error(`a picture of ${channels} channels of ${depth} bits`);
  if (channels === 4) return { width, height, data: new Uint8Array(data) };
  const wide = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) wide.set(data.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
  return { width, height, data: wide };
}

/** The picture in 52 shades of each colour: fewer bytes, and no difference to the eye or to the comparison. */
export function smaller(png: Uint8Array): Uint8Array {
  const { width, height, data } = rgba(png);
  const shades = new Uint8Array(width * height * 3);
  for (let i = 0; i < shades.length; i++) shades[i] = Math.round(data[Math.floor(i / 3) * 4 + (i % 3)]! / 5) * 5;
  return encode({ width, height, data: shades, channels: 3, depth: 8 }, { zlib: { level: 9 } });
}

function save(file: string, png: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, png);
}

const here = (file: string) => relative(root, file);
