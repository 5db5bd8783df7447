import { brotliDecompressSync } from "node:zlib";

/** What fontkit calls to open a WOFF2 font. */
const decompress = (compressed) => new Uint8Array(brotliDecompressSync(compressed));

// biome-ignore lint/style/noDefaultExport: the module it replaces has one
export default decompress;
