import { createHash } from "node:crypto";
import { UNPRINTABLE_NOTE } from "@bbws/core/document/content.ts";
import { type DocumentFacts, documentFacts } from "@bbws/core/document/document.ts";
import { renderDocument } from "@bbws/core/document/render.tsx";
import { page } from "@bbws/core/document/sections.ts";
import { documentType } from "@bbws/core/theme.ts";
import { documentSamples, supplier } from "@bbws/emails/samples.ts";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { describe, expect, it } from "vitest";
import { item, order, orderIn } from "../support/order.ts";

const sample = (name: string) => documentSamples[name]!;
/** Share of a page's room that is empty: below what is drawn lowest above its footer. */
function emptyShareOf({ pieces }: { pieces: { str: string; transform: number[] }[] }): number {
  const bases = pieces.filter(({ str }) => str.trim() !== "").map(({ transform }) => transform[5]!);
  const lowest = Math.min(...bases.filter((base) => base > page.bottom));
  return (lowest - page.bottom) / (page.height - page.top - page.bottom);
}

const without = (text: string) => text.replace(/\s+/g, "");

/** What a reader of the PDF gets. */
async function read(facts: DocumentFacts) {
  const bytes = await renderDocument(facts);
  const loading = getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, verbosity: 0 });
  const pdf = await loading.promise;
  const pages = await Promise.all(Array.from({ length: pdf.numPages }, (_, i) => pdf.getPage(i + 1)));
  const read = {
    bytes,
    pages: await Promise.all(
      pages.map(async (page) => {
        const { items } = await page.getTextContent();
        const pieces = items.flatMap((piece) => ("str" in piece ? [piece] : []));
        return {
          text: pieces
            .map((piece) => piece.str)
            .join(" ")
            .replace(/\s+/g, " "),
          pieces,
          view: page.view,
        };
      }),
    ),
    trees: await Promise.all(pages.map((page) => page.getStructTree())),
    info: (await pdf.getMetadata()).info as Record<string, unknown>,
    marked: await pdf.getMarkInfo(),
    outline: await pdf.getOutline(),
    links: (await Promise.all(pages.map((page) => page.getAnnotations()))).flat().map((annotation) => annotation.url as string),
  };
  await loading.destroy();
  return { ...read, text: read.pages.map((page) => page.text).join(" ") };
}

const rolesIn = (tree: { role?: string; children?: unknown[] }): string[] => [
  ...(tree.role ? [tree.role] : []),
  ...(tree.children ?? []).flatMap((child) => rolesIn(child as typeof tree)),
];

describe("a tax invoice", () => {
  it("carries everything that s 20(4) of the VAT Act asks for", async () => {
    const { text } = await read(sample("tax-invoice"));
    for (const required of [
      "Tax Invoice",
      supplier.legalName,
      ...supplier.address,
      `VAT no. ${supplier.vatNumber}`,
      "Khumalo Design Studio (Pty) Ltd",
      "24 Loop Street",
      "Cape Town 8001",
      "VAT no. 4123456789",
      "INV-2026-00017",
      "24 November 2026",
      "Basic WordPress hosting",
      "10 GB SSD, one site",
      "Subtotal excl. VAT R1,390.00",
      "VAT 15% R208.50",
      "Total incl. VAT R1,598.50",
    ]) {
      expect(text).toContain(required);
    }
  });

  it("says that it is paid, how, and under which order", async () => {
    const { text } = await read(sample("tax-invoice"));
    for (const fact of ["PAID", "PayFast", "PF-9928123", "ORD-2026-00042", "PO-7781", "SUMMER2025", "support@kimmyai.io"]) {
      expect(text).toContain(fact);
    }
  });

  it("has its title, author, subject, language, dates and bookmarks in the file, and no other dates", async () => {
    const { info, outline } = await read(sample("tax-invoice"));
    expect(info).toMatchObject({
      Title: "Tax Invoice INV-2026-00017",
      Author: supplier.legalName,
      Subject: "Tax Invoice for order ORD-2026-00042",
      Language: "en-ZA",
      CreationDate: "D:20261124090244Z",
      ModDate: "D:20261124090244Z",
    });
    expect(outline.map(({ title }) => title)).toEqual(["Tax Invoice INV-2026-00017"]);
  });

  it("is tagged: a heading, one table of lines with column heads, one of totals", async () => {
    const { marked, trees } = await read(sample("tax-invoice"));
    expect((marked as unknown as Map<string, boolean>).get("Marked")).toBe(true);
    const roles = rolesIn(trees[0] as { role?: string; children?: unknown[] });
    expect(roles.filter((role) => role === "H1")).toHaveLength(1);
    expect(roles.filter((role) => role === "Table")).toHaveLength(2);
    // Five column heads, and one row head for each of the five totals.
    expect(roles.filter((role) => role === "TH")).toHaveLength(10);
    expect(roles.filter((role) => role === "TR")).toHaveLength(1 + 2 + 5);
  });

  it("links to the terms of its campaign and to support", async () => {
    const { links } = await read(sample("tax-invoice"));
    expect(links).toContain("https://kimmyai.io/terms/summer2025");
    expect(links).toContain("mailto:support@kimmyai.io");
  });
});

describe("an order document", () => {
  it("is called Order, says that it is no tax invoice, and tells how to pay and until when", async () => {
    const { text } = await read(sample("order"));
    for (const fact of [
      "Order",
      "Pro forma, not a tax invoice",
      "Sample Bank",
      "0000000000",
      "000000",
      "ORD-2026-00042",
      "1 December 2026",
    ]) {
      expect(text).toContain(fact);
    }
    expect(text).not.toContain("Tax Invoice");
    expect(text).not.toContain("PAID");
  });
});

describe("a credit note", () => {
  it("is called Credit Note, names its tax invoice, the reason and what is credited (s 21(3))", async () => {
    const { text } = await read(sample("credit-note"));
    for (const fact of [
      "Credit Note",
      "CRN-2026-00003",
      "26 November 2026",
      "Credits tax invoice INV-2026-00017",
      "Cancelled within the cooling-off period",
      "VAT 15% R208.50",
      "Credit incl. VAT R1,598.50",
    ]) {
      expect(text).toContain(fact);
    }
  });
});

describe("any document", () => {
  it.each(Object.keys(documentSamples))("of %s gives the same bytes again", async (name) => {
    const hash = async () =>
      createHash("sha256")
        .update(await renderDocument(sample(name)))
        .digest("hex");
    const first = await hash();
    await renderDocument(sample("tax-invoice"));
    expect(await hash()).toBe(first);
  });

  it("of 50 lines shows each once, with heads and page numbers on every page, totals at the end", async () => {
    const { pages, text } = await read(sample("long"));
    expect(pages.length).toBeGreaterThan(2);
    for (const [i, page] of pages.entries()) {
      expect(page.text).toContain("Amount excl. VAT");
      expect(page.text).toContain(`Page ${i + 1} of ${pages.length}`);
      expect(page.text).toContain("INV-2026-00017");
    }
    for (let line = 1; line <= 50; line++) expect(text.match(new RegExp(`client no\\. ${line}\\b`, "g"))).toHaveLength(1);
    expect(pages.findIndex((page) => page.text.includes("Total incl. VAT"))).toBe(pages.length - 1);
  });

  it.each([7, 8, 9, 24, 29, 41, 46])("of %i lines leaves no page before its last one emptier than a quarter", async (count) => {
    const items = Array.from({ length: count }, (_, i) => item({ productName: `Hosting no. ${i + 1}`, description: "50 GB SSD" }));
    const { pages, text } = await read(documentFacts(orderIn("PAID", { items }), "taxInvoice", supplier));
    for (const each of pages.slice(0, -1)) expect(emptyShareOf(each)).toBeLessThan(0.25);
    expect(pages.at(-1)!.text).toMatch(/Hosting no\. \d+ .*Total incl\. VAT/);
    expect(text.match(/Hosting no\. \d+/g)).toHaveLength(count);
  });

  it("is set in the theme's sizes of type, but for what had to be made smaller to fit", async () => {
    for (const name of ["order", "credit-note"]) {
      const { pages } = await read(sample(name));
      const sizes = pages.flatMap(({ pieces }) => pieces.filter(({ str }) => str.trim() !== "").map(({ height }) => height));
      const off = sizes.filter((size) => !Object.values(documentType).some((step) => Math.abs(step - size) < 0.01));
      expect(off).toEqual([]);
    }
  });

  it("is set closer only where that saves a page", async () => {
    const pagesOf = async (count: number) => {
      const items = Array.from({ length: count }, () => item({ description: "50 GB SSD" }));
      const { pages } = await read(documentFacts(orderIn("PAID", { items }), "taxInvoice", supplier));
      return pages.map(({ pieces }) => pieces.find((piece) => piece.str.startsWith("Description"))!.transform[5] as number);
    };
    const [[roomy], [closer], [roomyAgain, next]] = await Promise.all([pagesOf(1), pagesOf(9), pagesOf(12)]);
    expect(closer).toBeGreaterThan(roomy!);
    expect(roomyAgain).toBe(roomy);
    expect(next).toBeDefined();
  });

  /** Every field of the recipient as long as the API takes it, in the widest letter. */
  const widest = documentFacts(
    orderIn("PAID", {
      company: "W".repeat(150),
      firstName: "W".repeat(100),
      lastName: "W".repeat(100),
      customerEmail: `${"w".repeat(64)}@${"w".repeat(180)}.example`,
      billingAddress: {
        fullName: "W".repeat(100),
        street: "W".repeat(200),
        addressLine2: "W".repeat(200),
        city: "W".repeat(100),
        province: "W".repeat(100),
        postalCode: "W".repeat(14),
        country: "GB",
        vatNumber: "W".repeat(20),
      },
    }),
    "taxInvoice",
    supplier,
  );

  it.each([...Object.entries(documentSamples), ["widest", widest] as const])(
    "of %s keeps every text inside its A4 page and off the others, and leaves no page before the last emptier than a quarter",
    async (_, facts) => {
      const { pages } = await read(facts);
      for (const each of pages.slice(0, -1)) expect(emptyShareOf(each)).toBeLessThan(0.25);
      for (const { pieces, view } of pages) {
        const boxes = pieces
          .filter((piece) => piece.str.trim() !== "" && piece.transform[1] === 0)
          .map(({ transform, width, str }) => ({
            str,
            left: transform[4],
            right: transform[4] + width,
            size: transform[0],
            base: transform[5],
          }));
        for (const box of boxes) {
          expect(box.left, box.str).toBeGreaterThanOrEqual(40);
          // The space that ends a line may stand outside the column.
          expect(box.right, box.str).toBeLessThanOrEqual(view[2]! - 40);
          expect(box.base, box.str).toBeGreaterThan(20);
        }
        expect(view.slice(2).map(Math.round)).toEqual([595, 842]);
        // Nothing but the footer below its rule.
        for (const { base, str } of boxes.filter((box) => box.base < 40))
          expect(`${base} ${str}`).toMatch(/Page \d+ of|VAT no\.|Reg\. no\./);
        for (const [i, a] of boxes.entries()) {
          for (const b of boxes.slice(i + 1)) {
            const overlap = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const apart = Math.abs(a.base - b.base);
            if (overlap > 3) expect(apart, `${a.str} / ${b.str}`).toBeGreaterThan(Math.min(a.size, b.size) * 0.8);
          }
        }
      }
    },
  );

  it("prints markup and merge tags as the text they are, and says what it could not print", async () => {
    const { text } = await read(sample("hostile"));
    expect(without(text)).toContain(without("<b>Bold</b> {{orderUrl}} & \"quoted\" <script>alert('x')</script>"));
    expect(without(text)).toContain("W".repeat(255));
    expect(without(text)).toContain("ẞ".repeat(200));
    expect(without(text)).toContain("Ḓomaḽani");
    expect(without(text)).toContain(without(UNPRINTABLE_NOTE));
  });

  it("loses no character of a description, however long", async () => {
    const description = Array.from({ length: 1_500 }, (_, i) => `word${i}`).join(" ");
    const { text, pages } = await read(documentFacts(order({ items: [item({ description })] }), "order", supplier));
    expect(pages.length).toBeGreaterThan(2);
    for (const word of description.split(" ")) expect(text).toMatch(new RegExp(`\\b${word}\\b`));
  });

  it("shows no discount column where there is no discount", async () => {
    const { text } = await read(documentFacts(orderIn("PAID"), "taxInvoice", supplier));
    expect(text).not.toContain("Discount");
  });

  it("names the country, not its code", async () => {
    const { text } = await read(
      documentFacts(order({ billingAddress: { street: "1 Rue X", city: "Lyon", postalCode: "69001", country: "FR" } }), "order", supplier),
    );
    expect(text).toContain("France");
  });
});
