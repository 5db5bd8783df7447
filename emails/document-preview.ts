import { renderDocument } from "@bbws/core/document/render.tsx";
import { documentSamples } from "./samples.ts";

/** Names of the sample documents. */
export const names = Object.keys(documentSamples);

/** A sample document as a PDF; undefined when there is none of that name. */
export async function render(name: string): Promise<Uint8Array | undefined> {
  const facts = documentSamples[name];
  return facts && renderDocument(facts);
}
