/**
 * Writes the copy of the mail templates that the functions carry (`npm run templates:build`): merge tags in place, no
 * React left. A test keeps the committed copy equal to the components.
 */
import { writeFile } from "node:fs/promises";
import { renderTemplates } from "./render.tsx";

const target = process.argv[2] ?? "packages/core/src/mail/templates/bundled.json";
const set = await renderTemplates();
await writeFile(target, `${JSON.stringify(set, undefined, 2)}\n`);
for (const [key, { html, text }] of Object.entries(set.templates))
  console.warn(`${key}: HTML ${html.length}, text ${text.length} characters`);
console.warn(`version ${set.version} -> ${target}`);
