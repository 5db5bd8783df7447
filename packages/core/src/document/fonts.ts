import { brotliDecompressSync } from "node:zlib";
import { create, type Font, type Glyph, type GlyphRun } from "fontkit";
import { regular, semibold } from "./font-bytes.ts";

export type Weight = "regular" | "semibold";

/**
 * The documents' two fonts. They live in the code (see scripts/build-fonts.ts): no path to get wrong in a bundle and
 * nothing to fetch.
 */
export const fonts: Record<Weight, Font> = { regular: open(regular), semibold: open(semibold) };

/** In units of the font. Read once: a font looks into its tables each time it is asked. */
export const metrics = { regular: metricsOf(fonts.regular), semibold: metricsOf(fonts.semibold) };

/** Shaped words kept per font. A document uses a few hundred; most of them are the same in every document. */
const SHAPED_WORDS = 1_000;

const widths: Record<Weight, Map<string, number>> = { regular: new Map(), semibold: new Map() };

/** Width of a text in points. Each word is measured with a space after it, exactly as the PDF writer sets it. */
export function widthOf(text: string, weight: Weight, size: number): number {
  const words = text.split(" ");
  const units = words.reduce((sum, word) => sum + unitsWithSpace(word, weight), -unitsWithSpace("", weight));
  return (units * size) / metrics[weight].unitsPerEm;
}

function unitsWithSpace(word: string, weight: Weight): number {
  const known = widths[weight].get(word);
  if (known !== undefined) return known;
  const units = fonts[weight].layout(`${word} `).positions.reduce((sum, position) => sum + position.xAdvance, 0);
  if (widths[weight].size >= SHAPED_WORDS) widths[weight].clear();
  widths[weight].set(word, units);
  return units;
}

function metricsOf({ unitsPerEm, ascent, descent }: Font) {
  return { unitsPerEm, ascent, descent };
}

function open(packed: string): Font {
  const font = create(brotliDecompressSync(Buffer.from(packed, "base64")));
  if (!("layout" in font)) throw new Error("a font collection where one font was expected");
  return rememberingGlyphs(rememberingShapes(font));
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

/** Every document embeds the glyphs that it uses and asks what each is made of: each is decoded once per process. */
function rememberingGlyphs(font: Font): Font {
  const glyphOf = font.getGlyph.bind(font);
  font.getGlyph = (id, codePoints) => {
    const glyph = glyphOf(id, codePoints) as Glyph & { _decode(): unknown };
    if (!Object.hasOwn(glyph, "_decode")) {
      const decode = glyph._decode.bind(glyph);
      let decoded: unknown;
      glyph._decode = () => {
        decoded ??= decode();
        return decoded;
      };
    }
    return glyph;
  };
  return font;
}
