/** `npm run openapi`: writes the OpenAPI document and the client's types. */
import { writeFileSync } from "node:fs";
import { generatedFiles } from "./generated.ts";

for (const { name, content } of await generatedFiles()) writeFileSync(new URL(`../${name}`, import.meta.url), content);
