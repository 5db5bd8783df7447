/** The brand's tokens. Imported by path, not by package name: the preview watches only files it finds that way. */
export * from "../packages/core/src/theme.ts";
