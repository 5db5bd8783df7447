import { isPrintable } from "./font-coverage.ts";

/** What stands for a character the font lacks; a note on the document says so. */
export const REPLACEMENT = "\ufffd";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Joiners, variation selectors, directional marks, soft hyphens: they print nothing by themselves. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** Every kind of space but the no-break space, which the font has. */
const SPACE = /[^\S\u00a0]/g;

/**
 * Text as the documents can print it: precomposed, compatibility forms (full-width letters, ligatures) as plain letters,
 * spaces as spaces. A letter with marks the font lacks keeps its base letter; a character that cannot be printed at all
 * becomes one U+FFFD, whatever it is made of. `replaced` tells of either.
 */
export function printable(text: string): { text: string; replaced: boolean } {
  const clean = text.toWellFormed().replace(CONTROL, " ").replace(SPACE, " ").normalize("NFC");
  let replaced = clean.includes(REPLACEMENT);
  if (allPrintable(clean) && clean.search(INVISIBLE) < 0) return { text: clean, replaced };
  let result = "";
  for (const { segment } of graphemes.segment(clean)) {
    const visible = segment.replace(INVISIBLE, "");
    const whole = wholly(visible);
    replaced ||= whole === undefined;
    result += whole ?? withoutMarks(visible) ?? REPLACEMENT;
  }
  return { text: result, replaced };
}

/** A character as it is, or in its plain form; undefined when the font has neither. */
function wholly(character: string): string | undefined {
  return [character, character.normalize("NFKC")].find(allPrintable);
}

function withoutMarks(character: string): string | undefined {
  const base = character.normalize("NFKD").replace(/\p{Mn}/gu, "");
  return /\p{L}/u.test(base) && allPrintable(base) ? base.normalize("NFC") : undefined;
}

function allPrintable(text: string): boolean {
  for (const character of text) {
    if (!isPrintable(character.codePointAt(0)!)) return false;
  }
  return true;
}
