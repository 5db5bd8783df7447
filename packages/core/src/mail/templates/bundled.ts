import type { TemplateSet } from "../template-store.ts";
import bundled from "./bundled.json" with { type: "json" };

/** The templates as they were when the code was built: what mails fall back to when the published ones cannot be read. */
export const bundledTemplates: TemplateSet = bundled;
