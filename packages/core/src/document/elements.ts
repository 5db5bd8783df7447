import * as primitive from "@react-pdf/primitives";
import type * as ReactPdf from "@react-pdf/renderer";
import type { ReactElement, ReactNode } from "react";

/**
 * react-pdf's components and what turns a tree of them into its layout's input. `@react-pdf/renderer` exports the same
 * components but starts, at import, a font store, three React reconcilers and the standard fonts' metrics, which a bundle
 * of one file cannot find; a document is rendered once, from pure components, and needs none of them.
 */
export const Document = primitive.Document as unknown as typeof ReactPdf.Document;
export const Page = primitive.Page as unknown as typeof ReactPdf.Page;
export const Canvas = primitive.Canvas as unknown as typeof ReactPdf.Canvas;

/** A node as react-pdf's layout takes it. */
export type PdfNode = { type: string; box: object; style: object; props: Record<string, unknown>; children: PdfNode[] };

/** Evaluates a tree of pure components (no hooks, no text outside a canvas). */
export function instantiate(node: ReactNode): PdfNode[] {
  if (node === null || node === undefined || typeof node === "boolean") return [];
  if (Array.isArray(node)) return node.flatMap(instantiate);
  if (typeof node !== "object" || !("type" in node)) throw new TypeError(`text must be drawn in a section: ${String(node)}`);
  const { type, props } = node as ReactElement<Record<string, unknown> & { style?: object; children?: ReactNode }>;
  if (typeof type === "function") return instantiate((type as (props: unknown) => ReactNode)(props));
  if (typeof type !== "string") return instantiate(props.children);
  const { style = {}, children, ...rest } = props;
  return [{ type, box: {}, style, props: rest, children: instantiate(children) }];
}
