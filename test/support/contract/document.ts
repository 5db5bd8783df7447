import { readFileSync } from "node:fs";
import { matchesPath } from "@bbws/functions/api/routes.ts";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** Holds every answer of the service against its OpenAPI document: a status, a field or a code that it does not name is a failure. */

type Schema = { [keyword: string]: unknown };
type Answer = { content?: { "application/json": { schema: Schema } } };
type Document = {
  paths: Record<string, Record<string, { responses: Record<string, Answer & { $ref?: string }> }>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> };
};

const document: Document = JSON.parse(readFileSync(new URL("../../../packages/client/openapi.json", import.meta.url), "utf8"));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: "api", components: { schemas: closed(document.components.schemas) } });

const validators = new Map<string, ValidateFunction>();

/** What is wrong with an answer by the document; undefined when nothing is. */
export function contradiction(method: string, path: string, status: number, body: unknown): string | undefined {
  const template = Object.keys(document.paths).find((candidate) => matchesPath({ path: candidate }, path));
  const operation = template && document.paths[template]?.[method.toLowerCase()];
  // An unknown route or method is answered by $default: always one of our errors.
  if (!operation) return failure("$default", { $ref: "api#/components/schemas/Error" }, body);
  const described = operation.responses[String(status)];
  if (!described) return `${method} ${template} does not document the status ${status}`;
  const answer = described.$ref ? document.components.responses[described.$ref.slice("#/components/responses/".length)] : described;
  const schema = answer?.content?.["application/json"].schema;
  if (!schema) return body === "" ? undefined : `${method} ${template} documents no body for ${status}`;
  return failure(`${method} ${template} ${status}`, schema, body);
}

function failure(name: string, schema: Schema, body: unknown): string | undefined {
  const validate = validators.get(name) ?? ajv.compile(closed(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'))));
  validators.set(name, validate);
  return validate(body) ? undefined : `${name}: ${ajv.errorsText(validate.errors)}`;
}

/** The document leaves room for new fields; a test does not, or a field that leaks would go unnoticed. */
function closed<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(closed) as Value;
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)]));
  const isClosable = inner.type === "object" && inner.properties !== undefined && inner.additionalProperties === undefined;
  return (isClosable ? { ...inner, additionalProperties: false } : inner) as Value;
}
