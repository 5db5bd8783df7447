import { fonts, metrics, type Weight, widthOf } from "./fonts.ts";
import type { Ink } from "./pen.ts";

/**
 * Lines of text, broken and measured before anything is laid out: so the height of every block is known, pages can be
 * filled without trial, and no line can be dropped or run into another.
 */

export type TextStyle = {
  size: number;
  weight?: Weight;
  colour: string;
  align?: "left" | "right";
  /** Distance of base lines in ems. */
  leading?: number;
};

export type TextLine = {
  text: string;
  style: Required<TextStyle>;
  link?: string;
  /** The line ends inside a word. */
  broken?: true;
};

export const DEFAULT_LEADING = 1.42;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

const complete = (style: TextStyle): Required<TextStyle> => ({ weight: "regular", align: "left", leading: DEFAULT_LEADING, ...style });

/** Height of a line in points. */
export const lineHeight = (line: TextLine) => line.style.size * line.style.leading;

export const heightOf = (lines: readonly TextLine[]) => lines.reduce((height, line) => height + lineHeight(line), 0);

/** A text as one line; one that is too wide for `width` points is set smaller, never cut. For amounts and numbers. */
export function oneLine(text: string, style: TextStyle, width: number): TextLine {
  const whole = complete(style);
  const natural = widthOf(text, whole.weight, whole.size);
  return { text, style: natural <= width ? whole : { ...whole, size: (whole.size * width) / natural } };
}

/** A text broken into lines of at most `width` points: at spaces, and inside a word only where the word alone is too wide. */
export function wrap(text: string, style: TextStyle, width: number, link?: string): TextLine[] {
  const whole = complete(style);
  const measure = (part: string) => widthOf(part, whole.weight, whole.size);
  const space = measure(" ");
  const lines: TextLine[] = [];
  let line = "";
  let lineWidth = 0;
  const push = (finished: string) => lines.push({ text: finished, style: whole, link });
  for (const word of text.split(/ +/).filter(Boolean)) {
    const wordWidth = measure(word);
    if (line !== "" && lineWidth + space + wordWidth <= width) {
      line += ` ${word}`;
      lineWidth += space + wordWidth;
      continue;
    }
    if (line !== "") push(line);
    if (wordWidth <= width) {
      line = word;
      lineWidth = wordWidth;
      continue;
    }
    const parts = breakWord(word, (part) => measure(part) <= width);
    line = parts.pop() ?? "";
    lineWidth = measure(line);
    for (const part of parts) lines.push({ text: part, style: whole, link, broken: true });
  }
  if (line !== "") push(line);
  return lines;
}

/** Marks after which an address or a path may go on in the next line. */
const JOINT = /[@./_-]$/;

function breakWord(word: string, fits: (candidate: string) => boolean): string[] {
  const parts: string[] = [];
  let part = "";
  let afterJoint = 0;
  for (const { segment } of graphemes.segment(word)) {
    if (part !== "" && !fits(part + segment)) {
      // At the last joint, unless it would leave more than half of the line empty.
      const end = afterJoint > part.length / 2 ? afterJoint : part.length;
      parts.push(part.slice(0, end));
      part = part.slice(end);
      afterJoint = 0;
    }
    part += segment;
    if (JOINT.test(segment)) afterJoint = part.length;
  }
  return [...parts, part];
}

/** Draws lines one under the other from `top`; right-aligned ones end at `left + width`. Returns where they end. */
export function paintLines(ink: Ink, lines: readonly TextLine[], left: number, top: number, width: number): number {
  let y = top;
  for (const line of lines) {
    paintLine(ink, line, left, y, width);
    y += lineHeight(line);
  }
  return y;
}

export function paintLine(ink: Ink, { text, style, link, broken }: TextLine, left: number, top: number, width: number): void {
  const { size, weight, align, leading, colour } = style;
  const font = fonts[weight];
  const x = align === "right" ? left + width - widthOf(text, weight, size) : left;
  const { unitsPerEm, ascent, descent } = metrics[weight];
  // Ascent and descent centred in the line, as a browser does it. Below the top counts as negative here.
  const baseline = -(size * leading + ((ascent + descent) * size) / unitsPerEm) / 2;
  // The name as second argument lets the writer find the font it has already embedded instead of opening it again.
  ink.fillColor(colour).font(font, font.postscriptName, size);
  // Unbroken text is not measured by the writer: a link needs its width from us.
  const linked = link === undefined ? undefined : { link, textWidth: widthOf(text, weight, size), wordCount: 1 };
  // The space at a line's end is for those who do not see lines: a screen reader, a search, a copy.
  ink.text(broken ? text : `${text} `, x, top, { lineBreak: false, baseline, ...linked });
}
