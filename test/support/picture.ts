import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { decode, encode } from "fast-png";
import pixelmatch from "pixelmatch";

const root = resolve(import.meta.dirname, "../..");
const baselines = resolve(root, "test/e2e/baselines");
const results = resolve(root, ".build/pictures");

/** Side of the square in which the differing pixels are counted, in pixels: a word that is gone is lost in a page, not in its square. */
const SQUARE = 32;
/**
 * Pixels of a square that may differ: two drawings by one renderer are equal, and the smallest thing that must not get lost, a
 * minus sign, is some more than this. Another release of a renderer may draw every edge anew: look, and take its pictures.
 */
const STRAY = 3;
/** How far the colours of two pixels may be apart and still be one, from 0 to 1 (pixelmatch's own unit). */
const COLOUR_TOLERANCE = 0.03;
/** Pixels of one colour side by side that make a flat place: a rule, a panel, the room around a badge's word; no letter has as many. */
const FLAT = 24;
/** Levels (of 255) by which a flat colour may differ in a channel: what is left of a hair line between two rows of pixels. */
const FLAT_TOLERANCE = 2;

const accepting = process.env.ACCEPT_PICTURES === "1";

/**
 * Compares a picture with its committed baseline. With `ACCEPT_PICTURES=1` it becomes the baseline instead.
 * @param name path below `test/e2e/baselines`, without `.png`
 * @param png what was drawn
 * @throws {Error} saying what differs and naming the files to look at, which are left in `.build/pictures`
 */
export function expectLikeBaseline(name: string, png: Uint8Array): void {
  const baseline = resolve(baselines, `${name}.png`);
  if (accepting) {
    save(baseline, compact(png));
    return;
  }
  const drawn = resolve(results, `${name}.png`);
  const marked = resolve(results, `${name}.difference.png`);
  for (const left of [drawn, marked]) rmSync(left, { force: true });
  if (!existsSync(baseline)) {
    save(drawn, png);
    throw new Error(`There is no baseline of ${name}. Look at ${here(drawn)}; npm run pictures:accept takes it`);
  }
  const { reason, marks } = compare(readFileSync(baseline), png);
  if (reason === undefined) return;
  save(drawn, png);
  if (marks) save(marked, marks);
  const files = [baseline, drawn, ...(marks ? [marked] : [])].map(here);
  throw new Error(
    `${name} does not look like its baseline: ${reason}. Look at ${files.join(", ")}; if it is better now, npm run pictures:accept`,
  );
}

/**
 * The committed baselines that none of these pictures has. With `ACCEPT_PICTURES=1` they are deleted.
 * @param names every picture there is, as `expectLikeBaseline` takes them
 */
export function staleBaselines(names: ReadonlySet<string>): string[] {
  const stale = readdirSync(baselines, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".png") && !names.has(file.slice(0, -".png".length)))
    .sort();
  if (!accepting) return stale;
  for (const file of stale) rmSync(resolve(baselines, file));
  return [];
}

/** Why two pictures are not one, in words, and a picture that marks where; empty where they are one to the eye. */
export type Comparison = { reason?: string; marks?: Uint8Array };

/**
 * Compares two pictures: the colours of flat places exactly, and every square for what is drawn in it. Edges of letters count
 * too, for in small type a letter is nothing but edges.
 */
export function compare(one: Uint8Array, other: Uint8Array): Comparison {
  const [a, b] = [rgba(one), rgba(other)];
  const { width, height } = a;
  if (width !== b.width || height !== b.height) return { reason: `it is ${b.width} x ${b.height} pixels instead of ${width} x ${height}` };
  const data = new Uint8Array(a.data.length);
  const options = { threshold: COLOUR_TOLERANCE, diffMask: true, windowSize: SQUARE, includeAA: true };
  const differing = pixelmatch(a.data, b.data, data, width, height, options);
  const recoloured = markRecoloured(a, b, data);
  const marks = () => encode({ width, height, data, channels: 4, depth: 8 });
  if (recoloured) return { reason: `a flat colour changed from ${recoloured.from} to ${recoloured.to}`, marks: marks() };
  if (differing > STRAY) return { reason: `${differing} pixels of one place differ`, marks: marks() };
  return {};
}

type Picture = { width: number; height: number; data: Uint8Array };

/** Marks the flat places whose colour is another one now. @returns the first such change */
function markRecoloured(a: Picture, b: Picture, marks: Uint8Array): { from: string; to: string } | undefined {
  const [flatIn, flatInOther] = [flatPixels(a), flatPixels(b)];
  let first: { from: string; to: string } | undefined;
  for (let pixel = 0; pixel < flatIn.length; pixel++) {
    if (!flatIn[pixel] || !flatInOther[pixel]) continue;
    const [from, to] = [a, b].map(({ data }) => data.subarray(pixel * 4, pixel * 4 + 3)) as [Uint8Array, Uint8Array];
    if (from.every((level, channel) => Math.abs(level - to[channel]!) <= FLAT_TOLERANCE)) continue;
    marks.set([255, 0, 0, 255], pixel * 4);
    first ??= { from: hex(from), to: hex(to) };
  }
  return first;
}

/** For each pixel whether it is one of many of its colour side by side. */
function flatPixels({ width, height, data }: Picture): Uint8Array {
  const colours = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const flat = new Uint8Array(colours.length);
  for (let row = 0; row < height; row++) {
    for (let start = row * width, end = start; start < (row + 1) * width; start = end) {
      while (end < (row + 1) * width && colours[end] === colours[start]) end += 1;
      if (end - start >= FLAT) flat.fill(1, start, end);
    }
  }
  return flat;
}

const hex = (colour: Uint8Array) => `#${Buffer.from(colour).toString("hex")}`;

/** @returns the picture with four channels of eight bits, which is what pixelmatch compares */
function rgba(png: Uint8Array): Picture {
  const { width, height, data, channels, depth } = decode(png);
  if (depth !== 8 || channels < 3) throw new Error(`a picture of ${channels} channels of ${depth} bits`);
  if (channels === 4) return { width, height, data: new Uint8Array(data) };
  const wide = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) wide.set(data.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
  return { width, height, data: wide };
}

/** The same opaque picture in fewer bytes: no channel for transparency, packed as tight as it goes. Every colour stays what it is. */
export function compact(png: Uint8Array): Uint8Array {
  const { width, height, data } = rgba(png);
  const opaque = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) opaque.set(data.subarray(pixel * 4, pixel * 4 + 3), pixel * 3);
  return encode({ width, height, data: opaque, channels: 3, depth: 8 }, { zlib: { level: 9 } });
}

function save(file: string, png: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, png);
}

const here = (file: string) => relative(root, file);
