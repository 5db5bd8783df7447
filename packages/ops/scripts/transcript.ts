/**
 * `npm run runbook:transcript`: plays an outage and its clearing up on a throw-away stack and writes what the terminal
 * showed into the troubleshooting runbook, between its two markers. Nothing in it is typed by hand.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { parseArgs } from "node:util";
import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import { run } from "../src/program.ts";

const { file } = parseArgs({ options: { file: { type: "string", default: "runbooks/troubleshooting.md" } } }).values;
const begin = "<!-- transcript: begin (npm run runbook:transcript) -->";
const end = "<!-- transcript: end -->";

const pages: string[] = [];
const say = (text: string) => pages.push(text);

const stack = await startStack({ fresh: true, quiet: true, timeScale: 100 });
const dynamodb = new DynamoDBClient({ region: stack.region, credentials: stack.credentials, endpoint: stack.endpoints.dynamodb });
try {
  say("## A whole repair, as it looked");
  say(
    "Recorded on the one-machine stack, whose back-off runs a hundred times faster here; on a stage the same commands take `--stage`. The exit code is 3 where something was found.",
  );
  await outage(stack);
  await gaps(stack);
} finally {
  await stack.stop();
}
await write(pages.join("\n\n"));

/** The table fails until every retry is used up. */
async function outage({ url, faults }: Stack): Promise<void> {
  say("### The table was down: an accepted order is among the dead letters");
  faults.fail("dynamodb", 1_000_000);
  const orderId = await place(url);
  await until(async () => (await ops("dlq", "list")).code === 3);
  faults.clear();
  await show("dlq", "list");
  await show("order", "show", orderId);
  await show("dlq", "peek", "OrderCreationQueue");
  await show("dlq", "redrive", "OrderCreationQueue", "--dry-run");
  await show("dlq", "redrive", "OrderCreationQueue", "--order", orderId);
  await settled(orderId);
  await show("order", "show", orderId);
}

/** Orders that lost something, at every step there is. */
async function gaps({ url, table }: Stack): Promise<void> {
  say("### Messages were lost: reconcile finds who lacks what");
  const undocumented = await complete(url);
  const unmailed = await complete(url);
  const untimed = await complete(url);
  const overdue = await complete(url);
  const paid = await complete(url);
  await pay(url, paid);
  await change(table, undocumented, "REMOVE documents.#name", { names: { "#name": "order" } });
  await removeMail(table, unmailed, "order_confirmation");
  await removeMail(table, unmailed, "internal_new");
  await change(table, paid, "REMOVE documents.taxInvoice.#key, documents.taxInvoice.sha256", { names: { "#key": "key" } });
  await removeMail(table, paid, "payment_received");
  await remove(table, untimed, "EXPIRY");
  await remove(table, overdue, "EXPIRY");
  const eightDaysAgo = new Date(Date.now() - 8 * 86_400_000).toISOString();
  await change(table, overdue, "SET dateCreated = :then, dateLastUpdated = :then", { values: { ":then": { S: eightDaysAgo } } });
  await show("reconcile", "--grace", "0s", "--dry-run");
  await show("reconcile", "--grace", "0s");
  await until(async () => (await ops("reconcile", "--grace", "0s", "--dry-run")).code === 0);
  await show("reconcile", "--grace", "0s");
  await show("order", "find", "--email", "thandi@example.com");
}

async function place(url: string): Promise<string> {
  const answer = await fetch(`${url}/v1.0/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      customerEmail: "thandi@example.com",
      firstName: "Thandi",
      company: "Nkosi Flowers",
      items: [{ productId: "PROD-002", quantity: 1 }],
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    }),
  });
  return ((await answer.json()) as { data: { orderId: string } }).data.orderId;
}

/** An order with everything it should have. */
async function complete(url: string): Promise<string> {
  const orderId = await place(url);
  await settled(orderId);
  return orderId;
}

async function settled(orderId: string): Promise<void> {
  await until(async () => (await ops("order", "show", orderId)).code === 0);
}

async function pay(url: string, orderId: string): Promise<void> {
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as Record<string, string>;
  };
  const { access_token } = await post("/_local/token", { roles: "System", sub: "payments" });
  const payment = { paymentReference: "PF-1042", paymentMethod: "payfast", paymentAmount: 1725, paymentCurrency: "ZAR" };
  await post(`/v1.0/orders/${orderId}/paymentconfirmation`, payment, { authorization: `Bearer ${access_token}` });
  await settled(orderId);
}

/** Runs a command and writes it down with all it printed. */
async function show(...argv: string[]): Promise<void> {
  const { code, out } = await ops(...argv);
  say(`\`\`\`console\n$ npm run ops -- ${argv.join(" ")}\n${out.trimEnd()}\n${code === 0 ? "" : `(exit code ${code})\n`}\`\`\``);
}

async function ops(...argv: string[]): Promise<{ code: number; out: string }> {
  const chunks: Buffer[] = [];
  const output = new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await run(argv, { stdin: new PassThrough(), stdout: output, stderr: output, env: { BBWS_STATE: stack.folder } });
  return { code, out: Buffer.concat(chunks).toString() };
}

async function until(done: () => Promise<boolean>, timeoutMs = 120_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`not done within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function change(
  TableName: string,
  orderId: string,
  UpdateExpression: string,
  { names, values }: { names?: Record<string, string>; values?: Record<string, { S: string }> },
): Promise<void> {
  const { out } = await ops("order", "show", orderId, "--json");
  const { tenantId } = (JSON.parse(out) as { order: { tenantId: string } }).order;
  await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: { PK: { S: `TENANT#${tenantId}` }, SK: { S: `ORDER#${orderId}` } },
      UpdateExpression,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    }),
  );
}

async function removeMail(table: string, orderId: string, kind: string): Promise<void> {
  const { out } = await ops("order", "show", orderId, "--json");
  const { mails } = JSON.parse(out) as { mails: { kind: string; orderVersion: string }[] };
  const mail = mails.find((one) => one.kind === kind);
  if (!mail) throw new Error(`${orderId} has no mail ${kind}`);
  await remove(table, orderId, `MAIL#${kind}#${mail.orderVersion}`);
}

async function remove(TableName: string, orderId: string, SK: string): Promise<void> {
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: { PK: { S: `ORDER#${orderId}` }, SK: { S: SK } } }));
}

/** Replaces what stands between the markers; a runbook without them gets them at its end. */
async function write(transcript: string): Promise<void> {
  const before = existsSync(file) ? await readFile(file, "utf8") : "# Troubleshooting\n";
  const section = `${begin}\n\n${transcript}\n\n${end}`;
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  const after =
    from >= 0 && to > from ? before.slice(0, from) + section + before.slice(to + end.length) : `${before.trimEnd()}\n\n${section}\n`;
  await writeFile(file, after);
  console.log(`${pages.length} parts written to ${file}`);
}
