import { errorStatus } from "@bbws/core/errors.ts";
import { CreateOrderRequest, PaymentConfirmationRequest, UpdateOrderRequest } from "@bbws/core/order/requests.ts";
import * as responses from "@bbws/core/order/responses.ts";
import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { fieldNotes } from "./field-notes.ts";

/** The valibot schemas as JSON Schema (draft 2020-12, which OpenAPI 3.1 uses). */

export type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  required?: string[] | boolean;
  default?: unknown;
  minLength?: number;
  [keyword: string]: unknown;
};

const requestSchemas = { CreateOrderRequest, UpdateOrderRequest, PaymentConfirmationRequest } as const;
const responseSchemas = {
  AcceptedOrder: responses.AcceptedOrderResponse,
  Order: responses.OrderResponse,
  OrderSummary: responses.OrderSummaryResponse,
  OrderList: responses.OrderListResponse,
  PublicStatus: responses.PublicStatusResponse,
  InvoiceLocation: responses.InvoiceLocationResponse,
  PaymentConfirmation: responses.PaymentConfirmationResponse,
  Health: responses.HealthResponse,
} as const;

export type SchemaName = keyof typeof requestSchemas | keyof typeof responseSchemas | "Error" | "GatewayError";

/** Every schema of the document's `components`. @throws Error when a note names a field that no schema has. */
export function componentSchemas(): Record<SchemaName, JsonSchema> {
  const requests = mapValues(requestSchemas, (schema) => tidied(convert(schema, "input")));
  const answers = mapValues(responseSchemas, (schema) => tidied(convert(schema, "output")));
  answers.OrderList.properties!.items!.items = reference("OrderSummary");
  const schemas = { ...requests, ...answers, Error: errorSchema, GatewayError: gatewayErrorSchema };
  for (const [path, note] of Object.entries(fieldNotes)) Object.assign(fieldAt(schemas, path), note);
  return schemas;
}

export const reference = (name: SchemaName): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

function convert(schema: GenericSchema, typeMode: "input" | "output"): JsonSchema {
  // Checks and transforms have no JSON Schema; what they mean stands in the schemas' metadata and the field notes.
  const { $schema: _, ...converted } = toJsonSchema(schema, { typeMode, errorMode: "ignore", target: "draft-2020-12" });
  return converted as JsonSchema;
}

/** `required: true` of a field moves to its object's list, "or null" becomes a type of two, and a default of "missing" goes. */
function tidied(schema: JsonSchema): JsonSchema {
  const result: JsonSchema = { ...schema };
  if (schema.items) result.items = tidied(schema.items);
  if (schema.anyOf) result.anyOf = schema.anyOf.map(tidied);
  if (!schema.properties) return result;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  result.properties = {};
  for (const [name, given] of Object.entries(schema.properties)) {
    const { field, isRequired } = tidiedField(given);
    result.properties[name] = field;
    if (isRequired) required.add(name);
  }
  delete result.required;
  if (required.size > 0) result.required = Object.keys(result.properties).filter((name) => required.has(name));
  return result;
}

function tidiedField(given: JsonSchema): { field: JsonSchema; isRequired: boolean } {
  const { anyOf, ...outer } = given;
  const value = anyOf?.find((branch) => branch.type !== "null");
  const nullable = value !== undefined && anyOf?.length === 2 && anyOf.some((branch) => branch.type === "null");
  const merged = nullable ? { ...value, ...outer } : given;
  if (merged.required === true) {
    const { required: _, default: __, ...field } = merged;
    return { field: tidied(field.type === "string" ? { minLength: 1, ...field } : field), isRequired: true };
  }
  const field = tidied(merged);
  if (!nullable) return { field, isRequired: false };
  const withNull = { ...field, type: [field.type as string, "null"] };
  return { field: Array.isArray(field.enum) ? { ...withNull, enum: [...field.enum, null] } : withNull, isRequired: false };
}

/** `CreateOrderRequest.items[].quantity` -> its schema. */
function fieldAt(schemas: Record<string, JsonSchema>, path: string): JsonSchema {
  const [root = "", ...names] = path.replaceAll("[]", ".[]").split(".");
  const found = names.reduce(
    (schema: JsonSchema | undefined, name) => (name === "[]" ? schema?.items : schema?.properties?.[name]),
    schemas[root],
  );
  if (!found) throw new Error(`a field note names ${path}, which no schema has`);
  return found;
}

const errorSchema: JsonSchema = {
  type: "object",
  description: "Every refusal of the service.",
  properties: {
    success: { const: false },
    error: { type: "string", enum: Object.keys(errorStatus) },
    message: { type: "string" },
    details: {
      anyOf: [
        {
          type: "array",
          items: {
            type: "object",
            properties: { field: { type: "string" }, message: { type: "string" } },
            required: ["field", "message"],
          },
        },
        { type: "object", additionalProperties: true },
      ],
    },
    requestId: { type: "string" },
  },
  required: ["success", "error", "message", "requestId"],
};

const gatewayErrorSchema: JsonSchema = {
  type: "object",
  description: "A refusal of the gateway in front of the service.",
  properties: { message: { type: "string" } },
  required: ["message"],
};

function mapValues<const Source extends Record<string, GenericSchema>>(source: Source, convertOne: (schema: GenericSchema) => JsonSchema) {
  return Object.fromEntries(Object.entries(source).map(([name, schema]) => [name, convertOne(schema)])) as {
    [Name in keyof Source]: JsonSchema;
  };
}
