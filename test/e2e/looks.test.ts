import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderDocument } from "@bbws/core/document/render.tsx";
import type { MailTemplate } from "@bbws/core/mail/mails.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import type { MailData } from "@bbws/core/mail/templates/mail-data.ts";
import { merge } from "@bbws/core/mail/templates/merge.ts";
import { colour } from "@bbws/core/theme.ts";
import { documentSamples, samples } from "@bbws/emails/samples.ts";
import { decode, encode } from "fast-png";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityFindings, launchBrowser, openPage, type WatchedPage } from "../support/browser.ts";
import { fontsOfPictures } from "../support/font.ts";
import { compare, expectLikeBaseline, staleBaselines } from "../support/picture.ts";

/** Documents and mails as pictures, beside the committed ones in `baselines`: what no test of text sees. */

/** Dots per inch at which a page of A4 can still be read. */
const RESOLUTION = 72;

/** The pictures that were drawn. */
const drawn = new Set<string>();

describe("a document", () => {
  const folder = mkdtempSync(join(tmpdir(), "documents-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(Object.keys(documentSamples))("of %s looks like its baseline, page by page", async (name) => {
    const pdf = join(folder, `${name}.pdf`);
    writeFileSync(pdf, await renderDocument(documentSamples[name]!));
    execFileSync("pdftoppm", ["-r", String(RESOLUTION), "-png", pdf, join(folder, `${name}-page`)]);
    const pages = readdirSync(folder)
      .filter((file) => file.startsWith(`${name}-page-`))
      .sort();
    expect(pages).not.toEqual([]);
    const pictures = pages.map((page, i) => ({ picture: `documents/${name}-${i + 1}`, page }));
    for (const { picture } of pictures) drawn.add(picture);
    for (const { picture, page } of pictures) expectLikeBaseline(picture, readFileSync(join(folder, page)));
  });

  it("of which an amount, a quantity, a word, the VAT number, a minus sign or the cents are painted over is noticed", async () => {
    const pdf = join(folder, "whole.pdf");
    writeFileSync(pdf, await renderDocument(documentSamples["tax-invoice"]!));
    const whole = execFileSync("pdftoppm", ["-r", String(RESOLUTION), "-png", "-singlefile", pdf]);
    expect(compare(whole, whole)).toEqual({});
    const words = wordsOf(pdf);
    const word = (wanted: (text: string) => boolean) => words.find(({ text }) => wanted(text))!;
    const lessSomething = word((text) => text.startsWith("\u2212R"));
    const withCents = word((text) => text.endsWith(".50"));
    const small = ["R190.00", "1", "Entry", "SSD,", documentSamples["tax-invoice"]!.supplier.vatNumber].map((sought) =>
      word((text) => text === sought),
    );
    const losses = [...small, part(lessSomething, 0, 1), part(withCents, withCents.text.length - 3, withCents.text.length)];
    const unseen = losses.filter((loss) => compare(whole, paintedOver(whole, loss)).reason === undefined);
    expect(unseen.map(({ text }) => text)).toEqual([]);
  }, 60_000);
});

/** A word on a page, with its box in points, which are the pixels of `RESOLUTION`. */
type Word = { text: string; left: number; top: number; right: number; bottom: number };

function wordsOf(pdf: string): Word[] {
  const found = execFileSync("pdftotext", ["-bbox", "-l", "1", pdf, "-"], { encoding: "utf8" }).matchAll(
    /<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)<\/word>/g,
  );
  return [...found].map(([, left, top, right, bottom, text]) => ({
    text: text!,
    left: Number(left),
    top: Number(top),
    right: Number(right),
    bottom: Number(bottom),
  }));
}

/** Some of a word's characters, which are taken to be as wide as each other. */
function part({ text, left, right, ...word }: Word, from: number, to: number): Word {
  const wide = (right - left) / text.length;
  return { ...word, text: text.slice(from, to), left: left + from * wide, right: left + to * wide };
}

/** The picture with the colour beside a word where the word was. */
function paintedOver(png: Uint8Array, { left, top, right, bottom }: Word): Uint8Array {
  const picture = decode(png);
  const { width, channels, data } = picture;
  const at = (x: number, y: number) => (Math.floor(y) * width + Math.floor(x)) * channels;
  const ground = data.slice(at(left, top), at(left, top) + channels);
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) data.set(ground, at(x, y));
  return encode(picture);
}

/** Rules of whole pages: the landmarks around a mail are its client's. */
const LANDMARKS = ["landmark-one-main", "region"];

const WIDE = 640;
const NARROW = 375;

type Look = { template: string; sample: string; width: number; colours: "light" | "dark" };
/** Samples that every template has. */
const extremes = ["short", "long", "longest", "hostile"];
const looks: Look[] = Object.entries(samples).flatMap(([template, byName]) => {
  const [usual, ...variants] = Object.keys(byName).filter((sample) => !extremes.includes(sample)) as [string, ...string[]];
  const look: Look = { template, sample: usual, width: WIDE, colours: "light" };
  return [
    look,
    ...variants.map((sample) => ({ ...look, sample })),
    { ...look, colours: "dark" },
    { ...look, width: NARROW },
    { ...look, sample: "longest", width: NARROW },
    { ...look, sample: "hostile" },
  ];
});

describe("a mail", () => {
  const fonts = fontsOfPictures();
  let browser: Browser;
  let opened: WatchedPage;
  beforeAll(async () => {
    browser = await launchBrowser();
    opened = await openPage(browser);
  });
  afterAll(() => browser.close());

  it.each(looks)("$template ($sample, $width px, $colours) looks like its baseline and shuts nobody out", async (look) => {
    drawn.add(nameOf(look));
    expectLikeBaseline(nameOf(look), await photograph(look));
    expect(await accessibilityFindings(opened.page, LANDMARKS)).toEqual([]);
  });

  it.each([
    ["brand colour", (html: string) => html.replaceAll(colour.brand, "#b04a25")],
    ["rule", (html: string) => html.replaceAll(colour.line, "#d6dbe1")],
    ["panel", (html: string) => html.replaceAll(colour.surface, "#f3f1ec")],
    ["badge", (html: string) => html.replaceAll(colour.positiveSurface, "#e4f1ea")],
  ])("whose %s changed a little is noticed", (_, change) => expectNoticed(change));

  it.each([
    "R1,598.50",
    "R190.00",
    "2 × R95.00",
    "Entry hosting",
    "\u2212",
    ".50",
    samples["customer/payment_received"].usual.supplier.vatNumber,
  ])("in which %s is not to be seen is noticed", (text) =>
    expectNoticed((html) => html.replaceAll(text, `<span style="visibility:hidden">${text}</span>`)),
  );

  /** The same mail again looks the same; the changed one does not. */
  async function expectNoticed(change: (html: string) => string): Promise<void> {
    const look = looks.find(({ template }) => template === "customer/payment_received")!;
    const picture = await photograph(look);
    expect(compare(picture, await photograph(look))).toEqual({});
    expect(compare(picture, await photograph(look, change)).reason).toBeDefined();
  }

  function nameOf({ template, sample, width, colours }: Look): string {
    const kind = colours === "dark" ? "dark" : width === NARROW ? "narrow" : "wide";
    return `mails/${template.replace("/", "-")}-${sample}-${kind}`;
  }

  async function photograph({ template, sample, width, colours }: Look, change = (html: string) => html): Promise<Uint8Array> {
    const key = template as MailTemplate;
    const { html } = merge(bundledTemplates.templates[key], (samples[key] as Record<string, MailData>)[sample]!);
    const { page, complaints } = opened;
    await page.setViewportSize({ width, height: 400 });
    await page.emulateMedia({ colorScheme: colours });
    await page.setContent(change(html));
    await page.addStyleTag({ content: fonts });
    await page.evaluate(() => document.fonts.ready);
    const png = await page.screenshot({ fullPage: true, animations: "disabled" });
    expect(complaints).toEqual([]);
    return png;
  }
});

describe("a baseline", () => {
  it("is of a picture that is still drawn", () => {
    expect(staleBaselines(drawn)).toEqual([]);
  });
});
