import { brotliDecompressSync } from "node:zlib";
import { regular, semibold } from "@bbws/core/document/font-bytes.ts";
import { create, type Font } from "fontkit";

const unpacked = (packed: string) => brotliDecompressSync(Buffer.from(packed, "base64"));

/** The documents' own fonts as files, which pdfkit opens for each document. */
export const ourFontFiles = { regular: unpacked(regular), semibold: unpacked(semibold) };

/** The same opened once and for all, which pdfkit takes as well. */
export const openedFonts = () => ({ regular: create(ourFontFiles.regular) as Font, semibold: create(ourFontFiles.semibold) as Font });
