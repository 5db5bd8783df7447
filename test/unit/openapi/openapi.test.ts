import { readFileSync } from "node:fs";
import { openApiDocument } from "@bbws/functions/api/openapi/document.ts";
import { componentSchemas } from "@bbws/functions/api/openapi/schemas.ts";
import { routes } from "@bbws/functions/api/routes.ts";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, test } from "vitest";
import { generatedFiles } from "../../../packages/client/scripts/generated.ts";

type Media = { schema: { $ref?: string }; examples?: Record<string, { $ref: string }> };
type Answer = { content?: Record<string, Media> };
type Operation = {
  operationId: string;
  security: unknown[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { $ref?: string } & Answer>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Answer>; examples: Record<string, { value: unknown }> };
};

let document: Document;
beforeAll(async () => {
  document = (await openApiDocument()) as Document;
});

describe("the OpenAPI document", () => {
  test("is what the schemas say today: run `npm run openapi` after changing one", async () => {
    for (const { name, content } of await generatedFiles()) {
      const committed = readFileSync(new URL(`../../../packages/client/${name}`, import.meta.url), "utf8");
      expect(committed, `packages/client/${name}`).toBe(content);
    }
  });

  test("is valid OpenAPI 3.1 without a dangling reference", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  test("describes every route of the route table and no other", () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  test("asks for a token where the route does", () => {
    const expected = { none: [], token: [{ token: [] }], "optional-token": [{}, { token: [] }] };
    for (const { method, path, auth } of routes) {
      expect(document.paths[path]?.[method.toLowerCase()]?.security, `${method} ${path}`).toEqual(expected[auth]);
    }
  });

  test("has examples that its own schemas accept", () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema({ $id: "api", components: { schemas: componentSchemas() } });
    let checked = 0;
    const check = (where: string, { schema, examples = {} }: Media) => {
      const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')));
      for (const { $ref } of Object.values(examples)) {
        const { value } = document.components.examples[$ref.split("/").at(-1)!]!;
        expect(validate(value), `${where} ${$ref}: ${ajv.errorsText(validate.errors)}`).toBe(true);
        checked++;
      }
    };
    for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
      for (const media of Object.values(operation.requestBody?.content ?? {})) check(`${operation.operationId} request`, media);
      for (const [status, given] of Object.entries(operation.responses)) {
        const answer = given.$ref ? document.components.responses[given.$ref.slice("#/components/responses/".length)]! : given;
        for (const media of Object.values(answer.content ?? {})) check(`${operation.operationId} ${status}`, media);
      }
    }
    expect(checked).toBeGreaterThan(100);
  });

  test("says which fields a create needs", () => {
    const { CreateOrderRequest } = componentSchemas();
    expect(CreateOrderRequest.required).toEqual(["customerEmail", "items", "billingAddress"]);
    expect(CreateOrderRequest.properties?.billingAddress?.required).toEqual(["city", "postalCode"]);
    expect(CreateOrderRequest.properties?.items).toMatchObject({ minItems: 1, maxItems: 50 });
    expect(CreateOrderRequest.properties?.customerEmail).toMatchObject({ type: "string", format: "email", maxLength: 254 });
  });
});
