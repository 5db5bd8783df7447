import { openApiDocument } from "@bbws/functions/api/openapi/document.ts";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";

/** The two files of this package that are made from the service's schemas: the OpenAPI document and its types. */
export async function generatedFiles(): Promise<{ name: string; content: string }[]> {
  const document = await openApiDocument();
  const { openapi, info, components } = document as unknown as OpenAPI3;
  const schemasOnly = { openapi, info, paths: {}, components: { schemas: components?.schemas } };
  const types = astToString(await openapiTS(schemasOnly, { defaultNonNullable: false }));
  return [
    { name: "openapi.json", content: `${JSON.stringify(document, null, 2)}\n` },
    { name: "src/schema.ts", content: `/** Made from the service's schemas by \`npm run openapi\`. */\n\n${types}` },
  ];
}
