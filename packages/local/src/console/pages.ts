/** The plain pages of the stack's own port: an index and the inbox. */
import type { HttpRequest, HttpResponse } from "../gateway/event.ts";
import { html } from "./answer.ts";

const page = (title: string, body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code,pre{font-family:ui-monospace,monospace}pre{white-space:pre-wrap}</style>
</head><body><h1>${title}</h1>${body}</body></html>`;

export const indexPage = () =>
  html(
    page(
      "BBWS order service",
      `<ul>
<li><a href="/docs">API reference</a></li>
<li><a href="/inbox">Inbox</a>: every mail that was sent</li>
<li><a href="/_local/queues">Queues</a>: depth, in flight, dead letters</li>
<li><a href="/_local/mails">Mails</a> as JSON</li>
<li><a href="/health">Health</a></li>
</ul>`,
    ),
  );

/** Paths under `/inbox` are those of aws-ses-v2-local, whose own page asks for them at its root. */
const INBOX_PATHS = ["/store", "/clear-store", "/get-emlContent"];

/** Passes `/inbox` and what its page asks for on to the mail emulator. */
export async function inbox(sesUrl: string, request: HttpRequest): Promise<HttpResponse> {
  const target = request.target.replace(/^\/inbox\/?/, "/");
  const upstream = await fetch(new URL(target, sesUrl), { method: request.method === "POST" ? "POST" : "GET" });
  const type = upstream.headers.get("content-type") ?? "application/octet-stream";
  const body = Buffer.from(await upstream.arrayBuffer());
  if (!type.startsWith("text/html")) return { status: upstream.status, headers: { "content-type": type }, body };
  return { status: upstream.status, headers: { "content-type": type }, body: Buffer.from(underInbox(body.toString("utf8"))) };
}

function underInbox(text: string): string {
  return INBOX_PATHS.reduce((result, path) => result.replace(new RegExp(`(["'\`])${path}`, "g"), `$1/inbox${path}`), text);
}
