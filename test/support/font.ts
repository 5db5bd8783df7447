import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { create } from "fontkit";

/**
 * Fonts for pictures, so that these do not depend on a machine's own: the documents' font, and behind it one that shows every
 * other character of Unicode as �, in the place and the direction it has.
 */
export function fontsOfPictures(): string {
  const [regular, bold] = ["400Regular/NotoSans_400Regular", "700Bold/NotoSans_700Bold"].map((file) =>
    readFileSync(createRequire(import.meta.url).resolve(`@expo-google-fonts/noto-sans/${file}.ttf`)),
  ) as [Buffer, Buffer];
  return [
    face("Pictures", 400, regular),
    face("Pictures", 700, bold),
    face("Any character", 400, everyCharacterAs("\ufffd", regular)),
    '* { font-family: Pictures, "Any character" !important; }',
  ].join("\n");
}

const face = (family: string, weight: number, font: Buffer) =>
  `@font-face { font-family: "${family}"; font-weight: ${weight}; src: url(data:font/ttf;base64,${font.toString("base64")}); }`;

/** What changes or joins glyphs, which a font of one glyph must not do. */
const SHAPING = ["GSUB", "GPOS", "GDEF", "kern"];

/** A TrueType font that has one of its glyphs for every character from the space on: its `cmap` is replaced (OpenType, format 13). */
function everyCharacterAs(character: string, font: Buffer): Buffer {
  const source = create(font);
  if (!("glyphForCodePoint" in source)) throw new Error("a font collection where one font was expected");
  const cmap = uint(
    [2, 0],
    [2, 1],
    // The one table: for Windows, of all of Unicode, from byte 12.
    [2, 3],
    [2, 10],
    [4, 12],
    // Format 13, 28 bytes long, one range.
    [2, 13],
    [2, 0],
    [4, 28],
    [4, 0],
    [4, 1],
    [4, 0x20],
    [4, 0x10ffff],
    [4, source.glyphForCodePoint(character.codePointAt(0)!).id],
  );
  const tables = tablesOf(font).filter(({ tag }) => !SHAPING.includes(tag));
  return fontOf(
    font.subarray(0, 4),
    tables.map(({ tag, data }) => ({ tag, data: tag === "cmap" ? cmap : data })),
  );
}

type Table = { tag: string; data: Buffer };
const HEAD = 12;
const ENTRY = 16;

function tablesOf(font: Buffer): Table[] {
  return Array.from({ length: font.readUInt16BE(4) }, (_, i) => {
    const entry = font.subarray(HEAD + i * ENTRY);
    const start = entry.readUInt32BE(8);
    return { tag: entry.toString("latin1", 0, 4), data: font.subarray(start, start + entry.readUInt32BE(12)) };
  });
}

function fontOf(version: Buffer, tables: readonly Table[]): Buffer {
  const power = Math.floor(Math.log2(tables.length));
  const head = [version, uint([2, tables.length], [2, ENTRY << power], [2, power], [2, ENTRY * tables.length - (ENTRY << power)])];
  const bodies: Buffer[] = [];
  let start = HEAD + ENTRY * tables.length;
  for (const { tag, data } of tables) {
    const body = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    head.push(Buffer.from(tag, "latin1"), uint([4, 0], [4, start], [4, data.length]));
    bodies.push(body);
    start += body.length;
  }
  return Buffer.concat([...head, ...bodies]);
}

/** Numbers of so many bytes each, the highest byte first. */
function uint(...numbers: (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  return Buffer.concat(
    numbers.map(([bytes, value]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntBE(value, 0, bytes);
      return buffer;
    }),
  );
}
