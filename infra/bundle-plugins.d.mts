import type { Plugin } from "esbuild";

declare const plugins: Plugin[];
export default plugins;

export const errorsKept: string[];
export function withoutBodies(source: string): string;
export function withPackedTexts(source: string): string;
