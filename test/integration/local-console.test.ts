import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createConsole } from "@bbws/local/console/console.ts";
import { type AwsLocal, startAws } from "@bbws/local/emulators/aws.ts";
import { type DynamoDbLocal, startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import { type Issuer, startIssuer } from "@bbws/local/emulators/issuer.ts";
import { createTable } from "@bbws/local/emulators/table.ts";
import { createAuthoriser } from "@bbws/local/gateway/authoriser.ts";
import { type HttpServer, listen } from "@bbws/local/gateway/server.ts";
import { createFaults, type Faults, faultTargets, mustFail } from "@bbws/local/lambda/faults.ts";
import { credentials, physicalQueues, REGION, tableName } from "@bbws/local/local-stage.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

/** The endpoints that exist only on this machine, over the real emulators. */

const folder = mkdtempSync(join(tmpdir(), "console-test-"));
let local: DynamoDbLocal;
let aws: AwsLocal;
let issuer: Issuer;
let server: HttpServer;
let url: string;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
let ses: SESv2Client;
let faults: Faults;

beforeAll(async () => {
  [local, aws, issuer, server] = await Promise.all([
    startDynamoDb(join(folder, "dynamodb"), true),
    startAws({ folder: undefined, timeScale: 1 }),
    startIssuer(folder),
    listen(0),
  ]);
  const client = { region: REGION, credentials };
  dynamodb = new DynamoDBClient({ ...client, endpoint: local.endpoint });
  sqs = new SQSClient({ ...client, endpoint: aws.endpoints.sqs });
  ses = new SESv2Client({ ...client, endpoint: aws.endpoints.ses });
  faults = createFaults();
  await createTable(dynamodb);
  const answer = createConsole({ aws, dynamodb, sqs, issuer, faults });
  server.serve(async (request) => (await answer(request)) ?? { status: 418, headers: {}, body: Buffer.from("the API") });
  url = `http://127.0.0.1:${server.port}`;
});

afterAll(async () => {
  for (const client of [dynamodb, sqs, ses]) client.destroy();
  await Promise.all([local.stop(), aws.stop(), issuer.stop(), server.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => faults.clear());

const post = (path: string, body: unknown) =>
  fetch(url + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

/** Takes failures until there are none. */
function failuresLeft(target: (typeof faultTargets)[number]): number {
  const counters = new Int32Array(faults.memory);
  let count = 0;
  while (mustFail(counters, target)) count += 1;
  return count;
}

describe("POST /_local/token", () => {
  it("gives a token that the gateway accepts, with the asked-for claims", async () => {
    const response = await post("/_local/token", {
      tenantId: "t1",
      email: "a@b.co",
      sub: "s1",
      roles: "Support",
      scope: "orders/payment.confirm",
    });
    const { access_token } = (await response.json()) as { access_token: string };
    const jwt = await createAuthoriser(issuer.jwksUri)(`Bearer ${access_token}`);
    expect(jwt?.claims).toMatchObject({
      "custom:tenantId": "t1",
      "custom:roles": "Support",
      email: "a@b.co",
      sub: "s1",
      scope: "orders/payment.confirm",
      token_use: "access",
      client_id: "bbws-portal-dev",
      iss: "https://cognito-idp.af-south-1.amazonaws.com/af-south-1_devPortal",
    });
    expect(Number(jwt?.claims.exp) - Number(jwt?.claims.iat)).toBe(3600);
  });

  it("makes up a subject and leaves out what was not asked for", async () => {
    const { access_token } = (await (await post("/_local/token", "")).json()) as { access_token: string };
    const claims = (await createAuthoriser(issuer.jwksUri)(access_token))?.claims ?? {};
    expect(claims.sub).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.keys(claims).filter((name) => name.startsWith("custom:") || name === "email")).toEqual([]);
  });

  it.each([{ tenantId: 5 }, { roles: [1] }, { expiresIn: 1.5 }, "not json", "[]"])("refuses %j", async (body) => {
    const response = await post("/_local/token", body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).not.toBe("");
  });
});

describe("POST /_local/faults", () => {
  it.each(faultTargets)("sets how many calls of %s are to fail", async (target) => {
    const response = await post("/_local/faults", { target, failures: 3 });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ target, failures: 3 });
    for (const other of faultTargets) expect(failuresLeft(other)).toBe(other === target ? 3 : 0);
  });

  it("replaces the number that was set before", async () => {
    await post("/_local/faults", { target: "sqs", failures: 1_000_000 });
    await post("/_local/faults", { target: "sqs", failures: 0 });
    expect(failuresLeft("sqs")).toBe(0);
  });

  it.each([
    [{ target: "lambda", failures: 1 }, "target"],
    [{ target: "sqs", failures: -1 }, "failures"],
    [{ target: "sqs", failures: 1_000_001 }, "failures"],
    [{ target: "sqs", failures: 1.5 }, "failures"],
    [{ target: "sqs", failures: "1" }, "failures"],
    [{ target: "sqs" }, "failures"],
    [{ target: "sqs", failures: 1, more: true }, "more"],
    ["{", "JSON"],
  ])("refuses %j, naming %s", async (body, named) => {
    const response = await post("/_local/faults", body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(named);
    for (const target of faultTargets) expect(failuresLeft(target)).toBe(0);
  });
});

describe("POST /_local/expire", () => {
  const key = { PK: { S: "ORDER#o1" }, SK: { S: "EXPIRY" } };

  it("removes the order's timer", async () => {
    const expiresAt = { N: String(Math.floor(Date.now() / 1000) + 600_000) };
    await dynamodb.send(new PutItemCommand({ TableName: tableName, Item: { ...key, tenantId: { S: "t1" }, expiresAt } }));
    const response = await post("/_local/expire", { orderId: "o1" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ orderId: "o1" });
    expect((await dynamodb.send(new GetItemCommand({ TableName: tableName, Key: key }))).Item).toBeUndefined();
  });

  it("knows no timer of another order and makes none", async () => {
    expect((await post("/_local/expire", { orderId: "nobody" })).status).toBe(404);
    const Key = { ...key, PK: { S: "ORDER#nobody" } };
    expect((await dynamodb.send(new GetItemCommand({ TableName: tableName, Key }))).Item).toBeUndefined();
  });

  it("asks for an order", async () => {
    expect((await post("/_local/expire", {})).status).toBe(400);
  });
});

describe("queues and dead letters", () => {
  const queueUrl = (component: string) => aws.queueUrl(physicalQueues[component] ?? "");
  const letter = (component: string, body: string, reason?: string) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl(component),
        MessageBody: body,
        MessageAttributes: {
          correlation: { DataType: "String", StringValue: "c1" },
          ...(reason && { errorReason: { DataType: "String", StringValue: reason } }),
        },
      }),
    );
  const depths = async () => (await (await fetch(`${url}/_local/queues`)).json()) as Record<string, unknown>;

  it("are counted by work queue", async () => {
    await letter("InvoiceQueue", "1");
    await letter("InvoiceQueue", "2");
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl("InvoiceQueue") }));
    await letter("InvoiceDLQ", "3");
    await letter("OrderChangesDLQ", "4");
    const none = { depth: 0, inFlight: 0, dlqDepth: 0 };
    expect(await depths()).toEqual({
      OrderCreationQueue: none,
      InvoiceQueue: { depth: 1, inFlight: 1, dlqDepth: 1 },
      InternalNotificationQueue: none,
      CustomerNotificationQueue: none,
      OrderChangesDLQ: { ...none, dlqDepth: 1 },
    });
  });

  it("are shown without touching them", async () => {
    await letter("CustomerNotificationDLQ", "hello", "no such customer");
    for (const queue of ["CustomerNotificationQueue", "CustomerNotificationDLQ"]) {
      const letters = (await (await fetch(`${url}/_local/dead-letters?queue=${queue}`)).json()) as unknown[];
      expect(letters).toEqual([
        {
          messageId: expect.any(String),
          body: "hello",
          sentAt: expect.stringMatching(/Z$/),
          receives: 0,
          inFlight: false,
          attributes: { correlation: "c1", errorReason: "no such customer" },
        },
      ]);
    }
    expect((await fetch(`${url}/_local/dead-letters?queue=nothing`)).status).toBe(400);
  });

  it("go back to their queue without the reason of their end, as many as asked for", async () => {
    for (const body of ["a", "b", "c"]) await letter("InternalNotificationDLQ", body, "broken");
    expect(await (await post("/_local/redrive", { queue: "InternalNotificationQueue", max: 1 })).json()).toMatchObject({ moved: 1 });
    expect(await (await post("/_local/redrive", { queue: "InternalNotificationQueue" })).json()).toMatchObject({ moved: 2 });
    expect((await depths()).InternalNotificationQueue).toEqual({ depth: 3, inFlight: 0, dlqDepth: 0 });
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl("InternalNotificationQueue"),
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
      }),
    );
    expect(Messages.map(({ Body }) => Body)).toEqual(["a", "b", "c"]);
    for (const { MessageAttributes } of Messages) expect(Object.keys(MessageAttributes ?? {})).toEqual(["correlation"]);
  });

  it("go back alone where they are named, and the others stay to be seen", async () => {
    for (const body of ["d", "e", "f"]) await letter("OrderCreationDLQ", body, "broken");
    const left = async () =>
      (await (await fetch(`${url}/_local/dead-letters?queue=OrderCreationQueue`)).json()) as {
        messageId: string;
        body: string;
        inFlight: boolean;
      }[];
    const { messageId } = (await left()).find(({ body }) => body === "e")!;
    const named = { queue: "OrderCreationQueue", messageIds: [messageId] };
    expect(await (await post("/_local/redrive", named)).json()).toMatchObject({ moved: 1 });
    expect((await left()).map(({ body, inFlight }) => [body, inFlight]).sort()).toEqual([
      ["d", false],
      ["f", false],
    ]);
    expect(await (await post("/_local/redrive", named)).json()).toMatchObject({ moved: 0 });
    expect((await post("/_local/redrive", { ...named, messageIds: [] })).status).toBe(400);
    expect((await post("/_local/redrive", { queue: "OrderCreationQueue", orderId: "order_1" })).status).toBe(400);
  });

  it.each(["OrderChangesDLQ", "InvoiceDLQ", "nothing", ""])("cannot go back from %j", async (queue) => {
    expect((await post("/_local/redrive", { queue })).status).toBe(400);
  });
});

describe("mails", () => {
  const send = (subject: string) =>
    ses.send(
      new SendEmailCommand({
        FromEmailAddress: "orders@kimmyai.io",
        Destination: { ToAddresses: ["a@b.co", "c@d.co"] },
        ReplyToAddresses: ["support@kimmyai.io"],
        Content: {
          Simple: {
            Subject: { Data: subject },
            Body: { Html: { Data: "<p>Zoë</p>" }, Text: { Data: "Zoë" } },
            Attachments: [
              { FileName: "a.pdf", RawContent: Buffer.from([0, 255]), ContentType: "application/pdf", ContentTransferEncoding: "BASE64" },
            ],
          },
        },
      }),
    );

  it("are listed whole, in sending order", async () => {
    await send("one");
    await send("two");
    const mails = (await (await fetch(`${url}/_local/mails`)).json()) as { subject: string }[];
    expect(mails.map(({ subject }) => subject)).toEqual(["one", "two"]);
    expect(mails[0]).toEqual({
      to: ["a@b.co", "c@d.co"],
      from: "orders@kimmyai.io",
      replyTo: ["support@kimmyai.io"],
      subject: "one",
      html: "<p>Zoë</p>",
      text: "Zoë",
      attachments: [{ filename: "a.pdf", contentType: "application/pdf", contentBase64: "AP8=" }],
    });
  });

  it("are shown by the inbox, whose page asks below its own path", async () => {
    const page = await (await fetch(`${url}/inbox`)).text();
    expect(page).toContain("`/inbox/store?since=");
    expect(page).not.toMatch(/["'`]\/(store|clear-store|get-emlContent)/);
    const { emails } = (await (await fetch(`${url}/inbox/store?since=0`)).json()) as { emails: { messageId: string; subject: string }[] };
    expect(emails.map(({ subject }) => subject)).toEqual(["one", "two"]);
    expect((await fetch(`${url}/inbox/get-emlContent?messageId=${emails[0]?.messageId}`)).status).toBe(200);
    expect((await fetch(`${url}/inbox/clear-store`, { method: "POST" })).status).toBe(200);
    expect(await (await fetch(`${url}/_local/mails`)).json()).toEqual([]);
  });
});

describe("paths", () => {
  it.each(["/v1.0/orders", "/health", "/_localx", "/inboxes"])("%s belongs to the API", async (path) => {
    expect(await (await fetch(url + path)).text()).toBe("the API");
  });

  it("below /_local that do not exist are 404, other methods 405", async () => {
    expect((await fetch(`${url}/_local/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/_local/expire`)).status).toBe(405);
    expect((await fetch(`${url}/_local/mails`, { method: "DELETE" })).status).toBe(405);
  });
});
