import { isPrintable, printableRanges } from "@bbws/core/document/font-coverage.ts";
import { fonts, widthOf } from "@bbws/core/document/fonts.ts";
import { paginate } from "@bbws/core/document/paginate.ts";
import { printable, REPLACEMENT } from "@bbws/core/document/printable.ts";
import { oneLine, wrap } from "@bbws/core/document/typeset.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const style = { size: 9, colour: "#000000" };

describe("the fonts", () => {
  it("have a glyph for every character they promise, in both weights", () => {
    for (const font of Object.values(fonts)) {
      const missing = printableRanges.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((point) => !font.hasGlyphForCodePoint(point)),
      );
      expect(missing.map((point) => point.toString(16))).toEqual([]);
    }
  });

  it("set all digits equally wide, so that amounts stand under each other", () => {
    for (const weight of ["regular", "semibold"] as const) {
      expect(new Set([..."0123456789"].map((digit) => widthOf(digit, weight, 10))).size).toBe(1);
    }
  });

  it("leave a space as wide after any character, so that a word is as wide alone as in a line", () => {
    for (const font of Object.values(fonts)) {
      const unitsOf = (text: string) => font.layout(text).positions.reduce((sum, { xAdvance }) => sum + xAdvance, 0);
      const space = unitsOf(" ");
      const kerned = font.characterSet
        .map((point) => String.fromCodePoint(point))
        .filter((character) => unitsOf(`${character} `) !== unitsOf(character) + space);
      expect(kerned).toEqual([]);
    }
  });
});

describe("customer text on a document", () => {
  it.each([
    ["Ṱhohoyanḓou, Lusaḽa", "Venda"],
    ["Šêumḓṋ Ntšhebe", "Northern Sotho"],
    ["Zoë Labuschagné, ’n Môre", "Afrikaans"],
    ["Ελλάδα, Αθήναι", "Greek"],
    ["Ἀθῆναι, ᾠδή, Ῥόδος", "ancient Greek"],
    ["Бюро «Юг», Київ", "Cyrillic"],
    ['<b>{{x}}</b> & "O\'Brien"', "markup"],
  ])("%s (%s) is printed as it is", (text) => {
    expect(printable(text)).toEqual({ text, replaced: false });
  });

  it.each([
    ["漢字", `${REPLACEMENT}${REPLACEMENT}`],
    ["👩‍👩‍👧!", `${REPLACEMENT}!`],
    ["שלום", REPLACEMENT.repeat(4)],
    ["a\ud800b", `a${REPLACEMENT}b`],
    ["x\u20d7 and a\u1ab0", "x and a"],
  ])("%s has characters or marks the font lacks: each becomes one sign or is left out, and it is told", (text, shown) => {
    expect(printable(text)).toEqual({ text: shown, replaced: true });
  });

  it.each([
    ["ｆｕｌｌ ﬁt", "full fit"],
    ["soft\u00adhyphen\u200b", "softhyphen"],
    ["a\tb\u2028c\u3000d", "a b c d"],
  ])("%s is printed in its plainest form", (text, shown) => {
    expect(printable(text)).toEqual({ text: shown, replaced: false });
  });

  /** Letters, marks of every kind, and anything at all. */
  const point = fc.oneof(
    fc.integer({ min: 0x20, max: 0x24f }),
    fc.integer({ min: 0x300, max: 0x36f }),
    fc.integer({ min: 0x1ab0, max: 0x1fff }),
    fc.integer({ min: 0x20d0, max: 0x20f0 }),
    fc.integer({ min: 0, max: 0x10ffff }),
  );
  const anyText = fc.array(point, { maxLength: 4 }).map((points) => String.fromCodePoint(...points));

  it("is always printable afterwards, and nothing visible is lost without being told", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = printable(text);
        const allPrintable = [...shown.text].every((character) => isPrintable(character.codePointAt(0)!));
        const lettersOnly = text
          .toWellFormed()
          .normalize("NFKC")
          .replace(/[^\p{L}\p{M}]|\p{Default_Ignorable_Code_Point}/gu, "");
        const nothingLost = [...lettersOnly].every((character) => shown.text.normalize("NFKC").includes(character));
        return allPrintable && (shown.replaced || (nothingLost && !shown.text.includes(REPLACEMENT)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("lines", () => {
  const words = fc.array(fc.stringMatching(/^[A-Za-zÀ-ž0-9@.,-]{1,80}$/), { maxLength: 30 });

  it("never exceed their width and lose no character", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 30, max: 300 }), (list, width) => {
        const text = list.join(" ");
        const lines = wrap(text, style, width);
        for (const line of lines) expect(widthOf(line.text, "regular", style.size)).toBeLessThanOrEqual(width);
        expect(
          lines
            .map((line) => (line.broken ? line.text : `${line.text} `))
            .join("")
            .trim(),
        ).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  it("of numbers are set smaller rather than cut", () => {
    const line = oneLine("R9,999,999,999.99", style, 40);
    expect(line.text).toBe("R9,999,999,999.99");
    expect(widthOf(line.text, "regular", line.style.size)).toBeCloseTo(40);
  });
});

describe("pages", () => {
  const section = (height: number) => ({ height, paint: () => undefined });
  const heightOn = (page: ReturnType<typeof paginate>[number]) =>
    page.reduce((height, placed) => height + placed.section.height + placed.spaceBefore, 0);
  const rows = fc.array(fc.integer({ min: 10, max: 100 }).map(section), { minLength: 1, maxLength: 60 });

  it("hold every row once and in order, and never more than there is room for", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 10, max: 150 }), fc.integer({ min: 5, max: 60 }), (list, totals, terms) => {
        const tail = [totals, terms].map((height) => ({ section: section(height), spaceBefore: 10 }));
        const pages = paginate(list, tail, { first: 120, next: 200 });
        expect(pages.flat().map((placed) => placed.section)).toEqual([...list, ...tail.map((placed) => placed.section)]);
        for (const [i, page] of pages.entries()) expect(heightOn(page)).toBeLessThanOrEqual(i === 0 ? 120 : 200);
      }),
    );
  });

  it("give the totals the last row for company when they do not fit under it", () => {
    const list = [section(50), section(50)];
    const totals = { section: section(60), spaceBefore: 10 };
    const pages = paginate(list, [totals], { first: 110, next: 200 });
    expect(pages.map((page) => page.map((placed) => placed.section))).toEqual([[list[0]], [list[1], totals.section]]);
  });
});
