/**
 * Which characters the documents can print: the scripts South Africans write their names in (Latin with every extended
 * letter, Venda's included; Greek; Cyrillic), their combining marks, and the signs a document needs. The font is subset
 * to exactly these ranges, so what is printable is known without asking the font.
 */
export const printableRanges: readonly (readonly [first: number, last: number])[] = [
  [0x0020, 0x007e],
  [0x00a0, 0x024f],
  [0x0250, 0x02af],
  [0x02b0, 0x02ff],
  [0x0300, 0x036f],
  [0x0374, 0x0375],
  [0x037a, 0x037f],
  [0x0384, 0x038a],
  [0x038c, 0x038c],
  [0x038e, 0x03a1],
  [0x03a3, 0x03e1],
  [0x03f0, 0x03ff],
  [0x0400, 0x052f],
  [0x1e00, 0x1eff],
  [0x2010, 0x2015],
  [0x2018, 0x201e],
  [0x2020, 0x2022],
  [0x2026, 0x2026],
  [0x2030, 0x2030],
  [0x2032, 0x2033],
  [0x2039, 0x203a],
  [0x2044, 0x2044],
  [0x20a6, 0x20a6],
  [0x20ac, 0x20ac],
  [0x20bd, 0x20bd],
  [0x2116, 0x2116],
  [0x2122, 0x2122],
  [0x2212, 0x2212],
  [0xfffd, 0xfffd],
];

/** True when the documents' font has a glyph for the character. */
export function isPrintable(codePoint: number): boolean {
  return printableRanges.some(([first, last]) => codePoint >= first && codePoint <= last);
}
