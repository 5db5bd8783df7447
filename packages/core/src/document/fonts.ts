import { brotliDecompressSync } from "node:zlib";
import { create, type Font, type GlyphRun } from "fontkit";
import { regular, semibold } from "./font-bytes.ts";

export type Weight = "regular" | "semibold";

/**
 * The documents' two fonts. They live in the code (see scripts/build-fonts.ts): no path to get wrong in a bundle and
 * nothing to fetch.
 */
export const fonts: Record<Weight, Font> = { regular: open(regular), semibold: open(semibold) };

/** Shaped words kept per font. A document uses a few hundred; most of them are the same in every document. */
const SHAPED_WORDS = 1_000;

const widths: Record<Weight, Map<string, number>> = { regular: new Map(), semibold: new Map() };

/** Width of a text in points. Measured word by word with the space after it, exactly as the PDF writer sets it. */
export function widthOf(text: string, weight: Weight, size: number): number {
  let units = 0;
  for (let start = 0; start < text.length; ) {
    const space = text.indexOf(" ", start);
    const end = space < 0 ? text.length : space + 1;
    units += wordUnits(text.slice(start, end), weight);
    start = end;
  }
  return (units * size) / fonts[weight].unitsPerEm;
}

function wordUnits(word: string, weight: Weight): number {
  const known = widths[weight].get(word);
  if (known !== undefined) return known;
  const units = fonts[weight].layout(word).positions.reduce((sum, position) => sum + position.xAdvance, 0);
  if (widths[weight].size >= SHAPED_WORDS) widths[weight].clear();
  widths[weight].set(word, units);
  return units;
}

function open(packed: string): Font {
  const font = create(brotliDecompressSync(Buffer.from(packed, "base64")));
  if (!("layout" in font)) throw new Error("a font collection where one font was expected");
  return rememberingShapes(font);
}

/**
 * Shaping a word is the dearest step of a document, and documents repeat their words: each is shaped once per process.
 * The PDF writer scales the positions in place, hence the copies.
 */
function rememberingShapes(font: Font): Font {
  const shape = font.layout.bind(font);
  const shaped = new Map<string, GlyphRun>();
  font.layout = (text, features, ...rest) => {
    if (features !== undefined || rest.length > 0) return shape(text, features, ...rest);
    let run = shaped.get(text);
    if (!run) {
      run = shape(text);
      if (shaped.size >= SHAPED_WORDS) shaped.clear();
      shaped.set(text, run);
    }
    return Object.assign(Object.create(run) as GlyphRun, { positions: run.positions.map((position) => ({ ...position })) });
  };
  return font;
}
