/**
 * The designers' preview (`npm run email`): React Email's own with every sample of every mail, and beside it a page of the
 * documents and of the mails as they are sent, HTML and text. Both are drawn anew whenever their code, their theme or their
 * data change. No account, no network (React Email's page offers a spam score of react.email; without a network it shows that
 * it has none).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { context, type Plugin } from "esbuild";
import { writeEntries } from "./preview-entries.ts";
import { namesOf, samplesPage } from "./preview-page.ts";

const HELP = `npm run email -- [options]

Shows every mail and document with sample data, and draws them anew at every change of their code, their theme or their data.

  --port N           port of React Email's preview (default: 3100)
  --samples-port N   port of the page of documents and of mails as they are sent (default: 3101)
  --help             this text

Ctrl-C stops it.`;

const root = path.resolve(import.meta.dirname, "..");
const built = path.join(root, ".build/previews.mjs");
const entries = path.join(root, ".build/emails");

const options = readArguments();
if (options.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit();
}

type Previews = typeof import("./previews.ts").previews;
let previews: Previews = {};
/** Why the samples cannot be drawn at present. */
let failure: string | undefined;
const watchers = new Set<ServerResponse>();

/** After each build: load what was built and tell the open pages. */
const reload: Plugin = {
  name: "reload",
  setup(build) {
    build.onEnd(async ({ errors }) => {
      failure = errors[0] && `${errors[0].text}\n${errors[0].location?.file}:${errors[0].location?.line}`;
      if (!failure) await load();
      for (const watcher of watchers) watcher.write(`data: ${namesOf(Object.keys(previews))}\n\n`);
    });
  },
};

async function load(): Promise<void> {
  try {
    ({ previews } = (await import(`${pathToFileURL(built)}?${Date.now()}`)) as { previews: Previews });
    const mails = Object.keys(previews).filter((sample) => sample.endsWith(".html"));
    writeEntries(
      entries,
      mails.map((sample) => sample.slice(0, -".html".length)),
    );
  } catch (error) {
    failure = String((error as Error).stack);
    console.error(failure);
  }
}

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

const server = createServer(async ({ url = "/" }, response) => {
  const { pathname } = new URL(url, "http://127.0.0.1");
  if (pathname === "/") return respond(response, "html", samplesPage(Object.keys(previews), `http://localhost:${options.port}`));
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

try {
  // React Email would take the next port, which is the one of the samples.
  const probe = createServer();
  await listen(probe, options.port);
  probe.close();
  await listen(server, options.samplesPort, "127.0.0.1");
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
console.warn(`documents, and mails as they are sent: http://127.0.0.1:${options.samplesPort}`);

rmSync(entries, { recursive: true, force: true });
writeEntries(entries, []);
// The first build is waited for, so that React Email finds the samples; if it fails, both pages wait for the next one.
await builder.rebuild().catch(() => undefined);
await builder.watch();

const mails = spawn("email", ["dev", "--dir", entries, "--port", String(options.port)], {
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

/** @throws {Error} naming the port that another program has, and what to do */
async function listen(on: Server, port: number, host?: string): Promise<void> {
  on.listen(port, host);
  try {
    await once(on, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Error(`port ${port} is taken: end what listens there (perhaps another npm run email), or choose another port (see --help)`);
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "3100" },
        "samples-port": { type: "string", default: "3101" },
        help: { type: "boolean", default: false },
      },
    });
    return { help: values.help, port: portOf(values.port), samplesPort: portOf(values["samples-port"]) };
  } catch (error) {
    console.error(`${(error as Error).message} (see --help)`);
    process.exit(2);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port;
  throw new Error(`a port is a whole number from 1 to 65535, not "${text}"`);
}

const types: Record<string, string> = { html: "text/html; charset=utf-8", txt: "text/plain; charset=utf-8", pdf: "application/pdf" };

function respond(response: ServerResponse, type: string, body: string | Uint8Array, status = 200): void {
  response.writeHead(status, { "content-type": types[type], "cache-control": "no-store" }).end(body);
}

function watch(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).write(": open\n\n");
  watchers.add(response);
  response.once("close", () => watchers.delete(response));
}
