import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { brotliDecompressSync, deflateRawSync } from "node:zlib";
import { regular } from "@bbws/core/document/font-bytes.ts";
import type { Plugin } from "esbuild";
import type { create, Font } from "fontkit";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { loadYoga } from "yoga-layout/load";
import plugins, { errorsKept, withoutBodies, withPackedTexts } from "../../infra/bundle-plugins.mjs";
import { stages } from "../../infra/stage.ts";
import { bundleFolder, loadBundled } from "./load.ts";

/** What the build rewrites on the way into a bundle means the same afterwards. */

const root = resolve(import.meta.dirname, "../..");
const folder = bundleFolder("rewrites");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @param whole with all it imports, so that nothing is shared with what else is loaded */
const load = (entry: string, name: string, used: Plugin[], whole: boolean) =>
  loadBundled<Record<string, unknown>>(entry, {
    outfile: join(folder, `${name}.mjs`),
    plugins: used,
    external: whole ? [] : ["@smithy/*", "@aws-sdk/*"],
  });
type Loaded = Awaited<ReturnType<typeof load>>;

const both = async (entry: string, name: string, whole = false): Promise<[plain: Loaded, rewritten: Loaded]> => [
  await load(entry, `${name}-plain`, [], whole),
  await load(entry, name, plugins, whole),
];

const entryOf = (name: string) => createRequire(import.meta.url).resolve(name);

/** A shape with what it refers to by name: shapes refer to each other, and round again. */
const written = (shape: unknown): string =>
  JSON.stringify(shape, (_, part) => (typeof part === "function" ? `-> ${JSON.stringify(part()?.slice?.(0, 3))}` : part));

describe("the shapes of an AWS client", () => {
  it.each(["s3", "sesv2", "sqs", "dynamodb"])("of %s are the same with their names written out", async (client) => {
    const schemas = join(entryOf(`@aws-sdk/client-${client}`), "../../dist-es/schemas/schemas_0.js");
    const [plain, rewritten] = await both(schemas, client);
    const names = Object.keys(plain.exports);
    expect(names.length).toBeGreaterThan(50);
    expect(Object.keys(rewritten.exports)).toEqual(names);
    const shapes = names.filter((name) => Array.isArray(plain.exports[name]));
    expect(shapes.map((name) => written(rewritten.exports[name]))).toEqual(shapes.map((name) => written(plain.exports[name])));
  });
});

type Request = { hostname: string; path: string; protocol: string; headers: Record<string, string> };
type Answer = { statusCode: number; headers: Record<string, string>; body: string };
type Middleware = (next: (args: { request: Request }) => unknown) => (args: { request: Request }) => unknown;
type Client = {
  send(command: unknown): Promise<unknown>;
  middlewareStack: { addRelativeTo(middleware: Middleware, where: { relation: "before"; toMiddleware: string }): void };
};
type ClientConstructor = new (options: object) => Client;

/** One operation per client, as it is called: what it sends is recorded and answered with what is given. */
const operations = {
  dynamodb: { client: "DynamoDBClient", command: "GetItemCommand", input: { TableName: "orders", Key: { PK: { S: "a" } } } },
  sqs: {
    client: "SQSClient",
    command: "SendMessageCommand",
    input: { MessageBody: "Žluťoučký kůň" },
  },
  sesv2: {
    client: "SESv2Client",
    command: "SendEmailCommand",
    input: { Content: { Raw: { Data: Buffer.from("Subject: hello") } }, Destination: { ToAddresses: ["a@example.com"] } },
  },
  s3: { client: "S3Client", command: "PutObjectCommand", input: { Bucket: "orders", Key: "a/b.pdf", Body: Buffer.from("%PDF") } },
} as const;
type Service = keyof typeof operations;

const clients = new Map<Service, Promise<[Loaded, Loaded]>>();
function wholeClient(service: Service): Promise<[Loaded, Loaded]> {
  const built =
    clients.get(service) ?? both(join(entryOf(`@aws-sdk/client-${service}`), "../../dist-es/index.js"), `whole-${service}`, true);
  clients.set(service, built);
  return built;
}

/** @returns the request and what became of the call */
async function call({ exports }: Loaded, service: Service, region: string, answer: Answer): Promise<{ request: Request; error: unknown }> {
  const { client: name, command, input } = operations[service];
  const queue = service === "sqs" && { QueueUrl: `https://sqs.${region}.amazonaws.com/0/orders` };
  let request: Request | undefined;
  const requestHandler = {
    handle: async (sent: Request) => {
      request = sent;
      return { response: { ...answer, body: Buffer.from(answer.body) } };
    },
  };
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  const client = new (exports[name] as ClientConstructor)({ region, credentials, requestHandler, maxAttempts: 1 });
  // A number of each try's own, which is signed as well.
  const numbered: Middleware = (next) => (args) => {
    args.request.headers["amz-sdk-invocation-id"] = "1";
    return next(args);
  };
  client.middlewareStack.addRelativeTo(numbered, { relation: "before", toMiddleware: "httpSigningMiddleware" });
  const error = await client.send(new (exports[command] as new (given: object) => unknown)({ ...input, ...queue })).then(
    () => undefined,
    (reason) => reason,
  );
  if (!request) throw error;
  return { request, error };
}

describe("a call to AWS", () => {
  const regions = [...new Set(Object.values(stages).flatMap(({ region, recoveryRegion }) => [region, recoveryRegion ?? region]))];
  const wanted = Object.keys(operations).flatMap((service) => regions.map((region) => [service as Service, region] as const));

  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-24T08:00:00Z") }));
  afterEach(() => void vi.useRealTimers());

  it.each(wanted)("of %s in %s goes to the same place with the same signature", async (service, region) => {
    const answer = { statusCode: 200, headers: {}, body: service === "s3" ? "" : "{}" };
    const [plain, rewritten] = await wholeClient(service);
    const [expected, sent] = [await call(plain, service, region, answer), await call(rewritten, service, region, answer)];
    expect(sent.error).toEqual(expected.error);
    expect(sent.request.hostname).toContain(region);
    expect(JSON.parse(JSON.stringify(sent.request))).toEqual(JSON.parse(JSON.stringify(expected.request)));
    expect(sent.request.headers.authorization).toMatch(/Signature=[0-9a-f]{64}$/);
  });
});

describe("an error of AWS", () => {
  /** What anybody could ask of an error, but its class. */
  function told(error: unknown) {
    const { name, message, $fault, $retryable, $metadata, $response, ...own } = error as Error & Record<string, unknown>;
    return { name, message, $fault, $retryable, $metadata, own };
  }

  it.each(["dynamodb", "sqs", "sesv2"] as const)("of %s tells the same without a class of its own", async (service) => {
    const [plain, rewritten] = await wholeClient(service);
    const source = readFileSync(join(entryOf(`@aws-sdk/client-${service}`), "../../dist-es/schemas/schemas_0.js"), "utf8");
    const namespace = /^const n0 = "(.+)";$/m.exec(source)![1];
    const names = [...source.matchAll(/^n0_registry\.registerError\((\w+)\$/gm)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const CancellationReasons = [{ Code: "ConditionalCheckFailed", Message: "no", Item: { version: { N: "3" } } }, { Code: "None" }];
      const [, , , { error: fault }] = plain.exports[`${name}$`] as [never, never, never, { error: string }];
      const answer: Answer = {
        statusCode: fault === "server" ? 500 : 400,
        headers: service === "sesv2" ? { "x-amzn-errortype": name } : {},
        body: JSON.stringify({ __type: `${namespace}#${name}`, message: "why", CancellationReasons }),
      };
      const [expected, got] = [await call(plain, service, "af-south-1", answer), await call(rewritten, service, "af-south-1", answer)];
      expect(told(got.error)).toEqual(told(expected.error));
    }
  });

  it("of sqs keeps its older name where its class is left out", async () => {
    const [plain, rewritten] = await wholeClient("sqs");
    const aliases = Object.entries(plain.exports).flatMap(([shape, traits]) => {
      const alias = (traits as [never, never, never, { awsQueryError?: [string, number] }])[3]?.awsQueryError;
      return Array.isArray(traits) && alias ? [[shape.replace("$", ""), ...alias] as const] : [];
    });
    expect(aliases.length).toBeGreaterThan(20);
    for (const [name, older, statusCode] of aliases) {
      const answer: Answer = {
        statusCode,
        headers: { "x-amzn-query-error": `${older};Sender` },
        body: JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message: "why" }),
      };
      const [expected, got] = [await call(plain, "sqs", "af-south-1", answer), await call(rewritten, "sqs", "af-south-1", answer)];
      expect((expected.error as Error).name).toBe(name);
      expect((got.error as Error).name).toBe(errorsKept.includes(name) ? name : older);
      expect({ ...told(got.error), name, own: undefined }).toEqual({ ...told(expected.error), own: undefined });
    }
  });
});

describe("what is left out", () => {
  it("has the same exports, which say so when they are called", () => {
    const file = join(entryOf("@smithy/core/package.json"), "../dist-es/submodules/checksum/sha256/Sha256Js.js");
    const rewritten = withoutBodies(readFileSync(file, "utf8"));
    expect(rewritten).toMatch(/^export function Sha256Js\(\) \{[^\n]*\}$/);
    const call = new Function(`${rewritten.replace("export ", "return ")}`)() as new () => unknown;
    expect(() => new call()).toThrow("Sha256Js is left out of built functions");
  });
});

describe("large JSON of our own", () => {
  it.each(["packages/core/src/mail/templates/bundled.json", "packages/client/openapi.json"])("%s is packed and the same", async (file) => {
    const [plain, packed] = await both(resolve(root, file), file.replaceAll("/", "-"));
    expect(packed.exports.default).toEqual(plain.exports.default);
    expect(packed.bytes).toBeLessThan(plain.bytes / 3);
  });
});

describe("large texts in modules of others", () => {
  it("are packed and the same: escapes, tables, programs in base64", () => {
    const table = JSON.stringify({ rows: Array.from({ length: 4000 }, (_, i) => [i, 'a "quoted" \\ text\n']) });
    const program = Buffer.from(table).toString("base64");
    const source = `return [${JSON.stringify(table)}, "short", "data:application/octet-stream;base64,${program}", "${program}"];`;
    const [imports, unpacked, ...lines] = withPackedTexts(source).split("\n");
    expect(imports).toMatch(/^import /);
    const values = new Function("__brotli", [unpacked, ...lines].join("\n"))(brotliDecompressSync);
    expect(values).toEqual([table, "short", `data:application/octet-stream;base64,${program}`, program]);
    expect(lines.join("\n").length).toBeLessThan(source.length / 3);
  });

  it("of the fonts' engine shape every script as before", async () => {
    const [plain, packed] = await both(join(entryOf("fontkit"), "../module.mjs"), "fontkit");
    expect(packed.bytes).toBeLessThan(plain.bytes - 30_000);
    const file = brotliDecompressSync(Buffer.from(regular, "base64"));
    for (const text of ["Invoice 1,234.56", "Ελλάδα", "नमस्ते क्षत्रिय", "ကြောင်း", "ភាសាខ្មែរ", "தமிழ்", "السلام عليكم", "한국어"]) {
      const [expected, shaped] = [plain, packed].map(({ exports }) => {
        const { glyphs, positions } = ((exports.create as typeof create)(file) as Font).layout(text);
        return { glyphs: glyphs.map(({ id, codePoints }) => ({ id, codePoints })), positions };
      });
      expect(shaped).toEqual(expected);
      expect(shaped!.glyphs).not.toEqual([]);
    }
  });

  it("of the layout engine lay out as before", async () => {
    const [plain, packed] = await both(entryOf("yoga-layout/load"), "yoga");
    expect(packed.bytes).toBeLessThan(plain.bytes - 30_000);
    const fetched = vi.spyOn(globalThis, "fetch");
    await (packed.exports.loadYoga as typeof loadYoga)();
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
    const [expected, laid] = await Promise.all(
      [plain, packed].map(async ({ exports }) => {
        const { Node, FLEX_DIRECTION_ROW } = await (exports.loadYoga as typeof loadYoga)();
        const [row, left, right] = [Node.create(), Node.create(), Node.create()];
        row.setFlexDirection(FLEX_DIRECTION_ROW);
        left.setFlexGrow(1);
        right.setWidth("25%");
        row.insertChild(left, 0);
        row.insertChild(right, 1);
        row.calculateLayout(515, 40);
        return [left.getComputedLayout(), right.getComputedLayout()];
      }),
    );
    expect(laid).toEqual(expected);
    expect(laid!.map(({ width }) => width)).toEqual([386, 129]);
  });

  it("inflate as they were, into a target of the same length or longer", async () => {
    const [plain, rewritten] = await both(entryOf("tiny-inflate"), "inflate");
    const text = Buffer.from("Bloemfontein, Gqeberha, Mbombela, Polokwane. ".repeat(200));
    for (const longer of [0, 100]) {
      const [expected, inflated] = [plain, rewritten].map(({ exports }) => {
        const inflate = exports.default as (source: Uint8Array, target: Uint8Array) => Uint8Array;
        return inflate(deflateRawSync(text), new Uint8Array(text.length + longer));
      });
      expect(inflated).toEqual(expected);
      expect(inflated!.byteOffset).toBe(0);
      expect(Buffer.from(inflated!)).toEqual(text);
    }
  });
});
