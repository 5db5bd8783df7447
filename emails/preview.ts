/**
 * The designers' preview (`npm run email`): React Email's own for one sample of each mail, and beside it a page of all
 * samples, documents and mails, drawn anew whenever their code, their theme or their data change. No account, no network (React Email's page offers a spam score of react.email; without a network it
 * shows that it has none).
 */
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { context, type Plugin } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const built = path.join(root, ".build/previews.mjs");
const mailPort = Number(process.env.EMAIL_PORT ?? 3100);
const samplePort = Number(process.env.SAMPLE_PORT ?? 3101);

type Previews = typeof import("./previews.ts").previews;
let previews: Previews = {};
let failure: string | undefined;
const watchers = new Set<ServerResponse>();

/** After each build: load what was built and tell the open pages. */
const reload: Plugin = {
  name: "reload",
  setup(build) {
    build.onEnd(async ({ errors }) => {
      failure = errors[0]?.text;
      if (!failure) ({ previews } = (await import(`${pathToFileURL(built)}?${Date.now()}`)) as { previews: Previews });
      for (const watcher of watchers) watcher.write("data: reload\n\n");
    });
  },
};

const builder = await context({
  entryPoints: [path.join(root, "emails/previews.ts")],
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
  if (pathname === "/") return respond(response, "html", page());
  if (pathname === "/changes") return watch(response);
  const sample = pathname.slice(1);
  const draw = previews[sample];
  if (failure || !draw) return respond(response, "txt", failure ?? "no such sample", failure ? 500 : 404);
  try {
    respond(response, path.extname(sample).slice(1), await draw());
  } catch (error) {
    respond(response, "txt", String((error as Error).stack), 500);
  }
});
server.listen(samplePort, "127.0.0.1", () => console.warn(`all samples: http://127.0.0.1:${samplePort}`));

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

const types: Record<string, string> = { html: "text/html; charset=utf-8", txt: "text/plain; charset=utf-8", pdf: "application/pdf" };

function respond(response: ServerResponse, type: string, body: string | Uint8Array, status = 200): void {
  response.writeHead(status, { "content-type": types[type], "cache-control": "no-store" }).end(body);
}

function watch(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).write(": open\n\n");
  watchers.add(response);
  response.once("close", () => watchers.delete(response));
}

function page(): string {
  const groups = Map.groupBy(Object.keys(previews), path.dirname);
  const lists = [...groups].map(
    ([name, samples]) =>
      `<h2>${name}</h2><ul>${samples
        .filter((sample) => !sample.endsWith(".txt"))
        .map(link)
        .join("")}</ul>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>All samples</title><link rel="icon" href="data:,">
<style>body{margin:0;display:grid;grid-template-columns:270px 1fr;height:100vh;font:14px/1.6 system-ui;color:#17212b}
nav{overflow:auto;padding:8px 20px;border-right:1px solid #dfe3e8}h2{font-size:13px;margin:16px 0 4px;color:#667085}
ul{list-style:none;margin:0;padding:0}li{display:flex;justify-content:space-between}a{color:#b4471f}a[aria-current=true]{font-weight:700}
main{background:#dfe3e8;overflow:auto}iframe{display:block;border:0;margin:auto;width:100%;height:100%;background:#fff}.narrow iframe{width:375px}</style>
<nav><label><input type="checkbox"> as on a phone</label>${lists.join("")}<h2><a href="http://localhost:${mailPort}">React Email's preview</a></h2></nav>
<main><iframe title="sample"></iframe></main>
<script>
const frame = document.querySelector("iframe"), links = [...document.querySelectorAll("nav a[href^='#']")];
function show() {
  const name = location.hash.slice(1) || links[0]?.hash.slice(1);
  for (const link of links) link.ariaCurrent = link.hash === "#" + name ? "true" : null;
  if (name) frame.src = "/" + name + "?" + Date.now();
}
addEventListener("hashchange", show);
document.querySelector("input").onchange = ({ target }) => document.querySelector("main").classList.toggle("narrow", target.checked);
new EventSource("/changes").onmessage = () => links.length ? show() : location.reload();
show();
</script></html>`;
}

/** A mail's text part has a link of its own beside the mail's. */
function link(sample: string): string {
  const text = sample.replace(/\.html$/, ".txt");
  const beside = text === sample ? "" : `<a href="#${text}">text</a>`;
  return `<li><a href="#${sample}">${path.parse(sample).name}</a>${beside}</li>`;
}
