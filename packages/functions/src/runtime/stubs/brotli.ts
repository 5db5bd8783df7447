/**
 * Stands in for `brotli/decompress.js` in the bundles: the font reader carries half a megabyte of JavaScript to open
 * WOFF2 files, which Node's zlib does natively.
 */
import { brotliDecompressSync } from "node:zlib";

const decompress = (compressed: Uint8Array): Uint8Array => brotliDecompressSync(compressed);
// biome-ignore lint/style/noDefaultExport: the module it replaces has one
export default decompress;
