import type { DocumentContent } from "@bbws/core/document/content.ts";
import PDFDocument from "pdfkit";
import { drawInvoice, standardFonts } from "./pdfkit-invoice.ts";

/** @param content the words, ready: putting them together is no part of the baseline */
export const first = (content: DocumentContent) => drawInvoice(PDFDocument, content, standardFonts);
