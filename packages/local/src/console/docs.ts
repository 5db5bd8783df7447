/** The API reference at `/docs`: Swagger UI from its npm package over the service's own OpenAPI document, without any network. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { HttpResponse } from "../gateway/event.ts";

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>BBWS order service: API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/docs/favicon-32x32.png"><link rel="stylesheet" href="/docs/swagger-ui.css">
</head><body><div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>`;

/** `validatorUrl` null: Swagger UI would else ask its makers' server about the document. */
const start = `SwaggerUIBundle({
  url: "/v1.0/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
});`;

const assets: Record<string, string> = {
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "swagger-ui.css": "text/css; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const require = createRequire(import.meta.url);

/** @param path `/docs` or below it @returns undefined when there is nothing under that name */
export async function docs(path: string): Promise<HttpResponse | undefined> {
  const name = path.replace(/^\/docs\/?/, "");
  if (name === "") return answer("text/html; charset=utf-8", Buffer.from(page));
  if (name === "start.js") return answer("text/javascript; charset=utf-8", Buffer.from(start));
  const type = Object.hasOwn(assets, name) ? assets[name] : undefined;
  return type ? answer(type, await readFile(require.resolve(`swagger-ui-dist/${name}`))) : undefined;
}

const answer = (type: string, body: Buffer): HttpResponse => ({
  status: 200,
  headers: {
    "content-type": type,
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
  },
  body,
});
