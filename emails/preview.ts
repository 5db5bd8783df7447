/**
 * The designers' preview (`npm run email`): React Email's own for the mails, and beside it the documents, rendered anew
 * whenever their code, their theme or their samples change. Loopback only; no account, no network.
 */
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { context, type Plugin } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const built = path.join(root, ".build/document-preview.mjs");
const mailPort = Number(process.env.EMAIL_PORT ?? 3100);
const documentPort = Number(process.env.DOCUMENT_PORT ?? 3101);

type Documents = typeof import("./document-preview.ts");
let documents: Documents | undefined;
let failure: string | undefined;
const watchers = new Set<ServerResponse>();

/** After each build: load what was built and tell the open pages. */
const reload: Plugin = {
  name: "reload",
  setup(build) {
    build.onEnd(async ({ errors }) => {
      failure = errors[0]?.text;
      if (!failure) documents = (await import(`${pathToFileURL(built)}?${Date.now()}`)) as Documents;
      for (const watcher of watchers) watcher.write("data: reload\n\n");
    });
  },
};

const builder = await context({
  entryPoints: [path.join(root, "emails/document-preview.ts")],
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node22",
  mainFields: ["module", "main"],
  define: { "process.env.NODE_ENV": '"production"' },
  // The CommonJS among the packages asks for what an ES module does not have.
  banner: { js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);' },
  outfile: built,
  logLevel: "warning",
  plugins: [reload],
});
await builder.watch();

const server = createServer(async ({ url = "/" }, response) => {
  const { pathname } = new URL(url, "http://127.0.0.1");
  if (pathname === "/") return respond(response, "text/html; charset=utf-8", page());
  if (pathname === "/changes") return watch(response);
  const name = pathname.match(/^\/([a-z-]+)\.pdf$/)?.[1];
  try {
    const pdf = name && (await documents?.render(name));
    if (!pdf) return respond(response, "text/plain", failure ?? "no such document", 404);
    respond(response, "application/pdf", pdf);
  } catch (error) {
    respond(response, "text/plain; charset=utf-8", String((error as Error).stack), 500);
  }
});
server.listen(documentPort, "127.0.0.1", () => console.warn(`documents: http://127.0.0.1:${documentPort}`));

const mails = spawn("email", ["dev", "--dir", path.join(root, "emails"), "--port", String(mailPort)], {
  cwd: root,
  stdio: "inherit",
  // A group of its own, because it starts processes that do not end with it.
  detached: true,
});

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  if (mails.pid && mails.exitCode === null) process.kill(-mails.pid, "SIGINT");
  for (const watcher of watchers) watcher.end();
  server.close();
  await builder.dispose();
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
mails.once("exit", stop);

function respond(response: ServerResponse, type: string, body: string | Uint8Array, status = 200): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}

function watch(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).write(": open\n\n");
  watchers.add(response);
  response.once("close", () => watchers.delete(response));
}

function page(): string {
  const links = (documents?.names ?? []).map((name) => `<a href="#${name}">${name}</a>`).join("");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Documents</title>
<style>body{margin:0;display:grid;grid-template-rows:auto 1fr;height:100vh;font:15px system-ui}
nav{display:flex;gap:16px;padding:12px 20px;border-bottom:1px solid #dfe3e8}nav a{color:#b4471f}nav a[aria-current]{font-weight:700}
iframe{border:0;width:100%;height:100%}</style>
<nav>${links}<a href="http://localhost:${mailPort}" style="margin-left:auto">mails</a></nav><iframe title="document"></iframe>
<script>
const frame = document.querySelector("iframe"), links = [...document.querySelectorAll("nav a[href^='#']")];
function show() {
  const name = location.hash.slice(1) || links[0]?.hash.slice(1);
  for (const link of links) link.toggleAttribute("aria-current", link.hash === "#" + name);
  if (name) frame.src = "/" + name + ".pdf?" + Date.now();
}
addEventListener("hashchange", show);
new EventSource("/changes").onmessage = () => links.length ? show() : location.reload();
show();
</script></html>`;
}
