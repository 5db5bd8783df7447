import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import plugins from "../../infra/bundle-plugins.mjs";
import { bundleFolder, loadBundled } from "./load.ts";

/** The clients in a bundle send the same, repeat the same and fail the same as they come from AWS. */

type Clients = typeof import("./clients.ts");

const folder = bundleFolder("clients");
let service: Server;
let endpoint: string;
let answer: { status: number; headers: Record<string, string>; body: object };
let asked: { url: string | undefined; headers: object; body: string }[] = [];
let plain: Clients;
let bundled: Clients;

async function load(name: string, used: typeof plugins): Promise<Clients> {
  const outfile = join(folder, `${name}.mjs`);
  return (await loadBundled<Clients>(join(import.meta.dirname, "clients.ts"), { outfile, plugins: used })).exports;
}

beforeAll(async () => {
  service = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { host: _, authorization: __, "x-amz-date": ___, "amz-sdk-invocation-id": ____, ...headers } = request.headers;
      asked.push({ url: request.url, headers, body });
      response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((listening) => service.listen(0, "127.0.0.1", listening));
  endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  plain = await load("plain", []);
  bundled = await load("bundled", plugins);
});
afterAll(async () => {
  service.closeAllConnections();
  await new Promise((closed) => service.close(closed));
  rmSync(folder, { recursive: true, force: true });
});

const options = () => ({ endpoint, region: "af-south-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 2 });

const calls = {
  dynamodb: ({ DynamoDBClient, PutItemCommand }: Clients) =>
    new DynamoDBClient(options()).send(
      new PutItemCommand({ TableName: "t", Item: { PK: { S: "é" }, n: { N: "1" }, b: { B: new Uint8Array([1]) } } }),
    ),
  transaction: ({ DynamoDBClient, TransactWriteItemsCommand }: Clients) =>
    new DynamoDBClient(options()).send(
      new TransactWriteItemsCommand({ ClientRequestToken: "x", TransactItems: [{ Put: { TableName: "t", Item: { PK: { S: "1" } } } }] }),
    ),
  sqs: ({ SQSClient, SendMessageCommand }: Clients) =>
    new SQSClient({ ...options(), md5: false }).send(new SendMessageCommand({ QueueUrl: `${endpoint}/0/q`, MessageBody: "é" })),
  ses: ({ SESv2Client, SendEmailCommand }: Clients) =>
    new SESv2Client(options()).send(
      new SendEmailCommand({ FromEmailAddress: "a@example.com", Content: { Raw: { Data: new TextEncoder().encode("raw") } } }),
    ),
};
type Call = keyof typeof calls;

const json = (status: number, type: string, more: object = {}, headers: Record<string, string> = {}) => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": type, ...headers },
  body: { __type: `com.amazonaws.service#${type}`, message: `because of ${type}`, ...more },
});
const ok = { status: 200, headers: { "content-type": "application/x-amz-json-1.0" }, body: { MessageId: "m" } };

/** What came of a call, with what was sent. */
async function outcome(clients: Clients, call: Call) {
  asked = [];
  const result = await calls[call](clients).then(
    ({ $metadata, ...output }) => ({ output, status: $metadata.httpStatusCode }),
    ({ name, message, $fault, $metadata, $retryable, CancellationReasons, ...error }) => ({
      ...{ name, message, $fault, $retryable, CancellationReasons, type: error.Type, code: error.Code },
      ...{ status: $metadata?.httpStatusCode, attempts: $metadata?.attempts },
    }),
  );
  return { result, asked };
}

const cases: [Call, string, typeof ok | ReturnType<typeof json>][] = [
  ...(Object.keys(calls) as Call[]).map((call): [Call, string, typeof ok] => [call, "success", ok]),
  ...["ConditionalCheckFailedException", "ProvisionedThroughputExceededException", "ThrottlingException", "ValidationException"].map(
    (type): [Call, string, ReturnType<typeof json>] => ["dynamodb", type, json(400, type)],
  ),
  ["dynamodb", "ReplicatedWriteConflictException", json(400, "ReplicatedWriteConflictException")],
  ["dynamodb", "InternalServerError", json(500, "InternalServerError")],
  [
    "transaction",
    "TransactionCanceledException",
    json(400, "TransactionCanceledException", {
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Message: "no" }, { Code: "None" }],
    }),
  ],
  ["transaction", "TransactionInProgressException", json(400, "TransactionInProgressException")],
  ["transaction", "IdempotentParameterMismatchException", json(400, "IdempotentParameterMismatchException")],
  [
    "sqs",
    "QueueDoesNotExist",
    json(400, "QueueDoesNotExist", {}, { "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender" }),
  ],
  ["sqs", "RequestThrottled", json(400, "RequestThrottled")],
  ["ses", "MessageRejected", json(400, "MessageRejected")],
  ["ses", "TooManyRequestsException", json(429, "TooManyRequestsException")],
  ["ses", "MailFromDomainNotVerifiedException", json(400, "MailFromDomainNotVerifiedException")],
];

describe("a client in a bundle", () => {
  it.each(cases)("%s: %s", async (call, name, given) => {
    answer = given;
    const expected = await outcome(plain, call);
    const found = await outcome(bundled, call);
    if (name !== "success") expect((expected.result as { name: string }).name).toBe(name);
    expect(found).toEqual(expected);
  });

  it.each(["af-south-1", "eu-west-1", "us-east-1"])("finds the service's address in %s", (Region) => {
    const addressesOf = ({ DynamoDBClient, SQSClient, SESv2Client }: Clients) =>
      [DynamoDBClient, SQSClient, SESv2Client].map((Client) => new Client({ region: Region }).config.endpointProvider({ Region }).url.href);
    expect(addressesOf(plain)).toEqual(["dynamodb", "sqs", "email"].map((service) => `https://${service}.${Region}.amazonaws.com/`));
    expect(addressesOf(bundled)).toEqual(addressesOf(plain));
  });
});
