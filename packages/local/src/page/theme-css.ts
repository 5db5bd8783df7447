/** The brand's tokens as CSS custom properties, so that the page, the documents and the mails change together. */
import { brotliDecompressSync } from "node:zlib";
import { regular, semibold } from "@bbws/core/document/font-bytes.ts";
import { colour, darkColour, radius, space } from "@bbws/core/theme.ts";

/** The documents' own font. */
export const fontFiles: Record<string, () => Buffer> = {
  "noto-sans-400.ttf": () => brotliDecompressSync(Buffer.from(regular, "base64")),
  "noto-sans-600.ttf": () => brotliDecompressSync(Buffer.from(semibold, "base64")),
};

const light: Record<string, string> = { ...colour, page: colour.surface };
/** Light text on the lighter brand of the dark would not be readable. */
const dark: Record<string, string> = { ...darkColour, onBrand: darkColour.paper };

export const themeCss = () => `
@font-face { font-family: "Noto Sans BBWS"; font-weight: 400; src: url("/page/noto-sans-400.ttf") format("truetype"); font-display: swap; }
@font-face { font-family: "Noto Sans BBWS"; font-weight: 600; src: url("/page/noto-sans-600.ttf") format("truetype"); font-display: swap; }
:root { color-scheme: light dark; ${properties("colour", light)} ${lengths("space", space)} ${lengths("radius", radius)} }
@media (prefers-color-scheme: dark) { :root { ${properties("colour", dark)} } }
`;

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const properties = (prefix: string, values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `--${prefix}-${kebab(name)}: ${value};`)
    .join(" ");
const lengths = (prefix: string, values: Record<string, number>) =>
  properties(prefix, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `${value}px`])));
