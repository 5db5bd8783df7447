/** The inbox on the stack's own port. */
import type { HttpRequest, HttpResponse } from "../gateway/event.ts";

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
