/** The journey page at `/`: its files, and the two things its browser code cannot ask of anybody else. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { json } from "../console/answer.ts";
import { type HttpRequest, type HttpResponse, splitTarget } from "../gateway/event.ts";
import { physicalBuckets } from "../local-stage.ts";
import { type BuiltFiles, buildBrowser } from "./build.ts";
import { quote } from "./quote.ts";
import { mark, shell } from "./shell.ts";
import { fontFiles, themeCss } from "./theme-css.ts";

/** @returns the answer, or undefined when the path is not the page's */
export type Page = (request: HttpRequest) => Promise<HttpResponse | undefined>;

const types: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  ttf: "font/ttf",
};

/**
 * Scripts come from here only. Styles also inline: a mail's are, and its frame inherits this policy. `blob:` is the
 * document somebody opens in a tab of its own.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const protection = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
};

const DOCUMENTS = "/page/documents/";
const require = createRequire(import.meta.url);

/** @param s3Endpoint where presigned links to documents lead */
export function createPage({ s3Endpoint }: { s3Endpoint: string }): Page {
  let built: Promise<BuiltFiles> | undefined;
  const fileOf = async (name: string): Promise<Buffer | undefined> => {
    if (name === "theme.css") return Buffer.from(themeCss());
    if (name === "mark.svg") return Buffer.from(mark);
    if (name === "pdf.worker.mjs") return readFile(require.resolve("pdfjs-dist/build/pdf.worker.min.mjs"));
    const font = Object.hasOwn(fontFiles, name) ? fontFiles[name] : undefined;
    if (font) return font();
    built ??= buildBrowser();
    return (await built).get(name);
  };

  return async ({ method, target }) => {
    if (method !== "GET" && method !== "HEAD") return undefined;
    const { path, query } = splitTarget(target) ?? {};
    if (path === "/")
      return { status: 200, headers: { ...protection, "content-type": "text/html; charset=utf-8" }, body: Buffer.from(shell) };
    if (!path?.startsWith("/page/")) return undefined;
    if (path === "/page/quote") {
      const found = await quote(new URLSearchParams(query), new Date());
      return found ? json(200, found) : json(400, { message: "productId and quantity (1 to 99) are needed" });
    }
    if (path.startsWith(DOCUMENTS)) return passDocument(s3Endpoint, target);
    const name = path.slice("/page/".length);
    const body = await fileOf(name);
    const type = types[name.split(".").at(-1) ?? ""];
    return body && type ? { status: 200, headers: { ...protection, "content-type": type }, body } : json(404, { message: "no such file" });
  };
}

/** The bucket's emulator knows no CORS: the page fetches a document's presigned link through its own origin. */
async function passDocument(s3Endpoint: string, target: string): Promise<HttpResponse> {
  const { pathname, search } = new URL(target.slice(DOCUMENTS.length - 1), s3Endpoint);
  if (!pathname.startsWith(`/${physicalBuckets.DocumentsBucket}/`)) return json(404, { message: "no such document" });
  const upstream = await fetch(new URL(pathname + search, s3Endpoint));
  return {
    status: upstream.status,
    headers: { ...protection, "content-type": upstream.headers.get("content-type") ?? "application/octet-stream" },
    body: Buffer.from(await upstream.arrayBuffer()),
  };
}
