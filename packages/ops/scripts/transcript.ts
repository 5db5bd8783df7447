/**
 * `npm run runbook:transcript`: plays an outage and its clearing up on a throw-away stack and writes what the terminal
 * showed into the troubleshooting runbook, between its two markers. Nothing in it is typed by hand.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { parseArgs } from "node:util";
import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { PurgeQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import { run } from "../src/program.ts";

const { file } = parseArgs({ options: { file: { type: "string", default: "runbooks/troubleshooting.md" } } }).values;
const begin = "<!-- transcript: begin (npm run runbook:transcript) -->";
const end = "<!-- transcript: end -->";

/** Number in the last payment's reference. */
let payments = 1041;
const pages: string[] = [];
const say = (text: string) => pages.push(text);

/** While it is set, nobody takes an accepted order from its queue. */
let isUnattended = false;
const stack = await startStack({
  fresh: true,
  quiet: true,
  timeScale: 100,
  disturb: (queue, messages) => ({
    deliveries: isUnattended && queue === "OrderCreationQueue" ? [] : [messages],
    undeleted: [],
    delayMs: 0,
  }),
});
const client = { region: stack.region, credentials: stack.credentials };
const dynamodb = new DynamoDBClient({ ...client, endpoint: stack.endpoints.dynamodb });
const sqs = new SQSClient({ ...client, endpoint: stack.endpoints.sqs });
try {
  say("## A whole repair, as it looked");
  say(
    "Recorded on the one-machine stack, whose back-off runs a hundred times faster here; on a stage the same commands take `--stage`. The exit code is 3 where something was found.",
  );
  await outage(stack);
  await silence(stack);
  await gaps(stack);
} finally {
  for (const each of [dynamodb, sqs]) each.destroy();
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

/** The queues fail until the stream's retries of a change are used up. */
async function silence({ url, faults }: Stack): Promise<void> {
  say("### The queues were down: nobody was told of a cancellation");
  const cancelled = await complete(url);
  faults.fail("sqs", 1_000_000);
  await move(url, cancelled, "CANCELLED");
  await until(async () => (await ops("dlq", "list")).code === 3);
  faults.clear();
  await show("dlq", "peek", "OrderChangesDLQ");
  await show("reconcile", "--grace", "0s");
  await settled(cancelled);
  await show("dlq", "purge", "OrderChangesDLQ", "--yes");
}

/** Orders that lost something, at every step there is. */
async function gaps({ url, table, queueUrls }: Stack): Promise<void> {
  say("### Messages were lost: reconcile finds who lacks what");
  const undocumented = await complete(url);
  const unmailed = await complete(url);
  const untimed = await complete(url);
  const overdue = await complete(url);
  const paid = await complete(url);
  await pay(url, paid);
  const credited = await complete(url);
  await pay(url, credited);
  await move(url, credited, "REFUNDED");
  await settled(credited);
  const refunded = await complete(url);
  await pay(url, refunded);
  await move(url, refunded, "REFUNDED");
  await settled(refunded);
  await change(table, undocumented, "REMOVE documents.#name", { names: { "#name": "order" } });
  await removeMails(table, unmailed, "order_confirmation", "internal_new");
  await remove(table, untimed, "EXPIRY");
  await remove(table, overdue, "EXPIRY");
  const eightDaysAgo = new Date(Date.now() - 8 * 86_400_000).toISOString();
  await change(table, overdue, "SET dateCreated = :then, dateLastUpdated = :then", { values: { ":then": { S: eightDaysAgo } } });
  await removeNumbered(table, paid, "taxInvoice");
  await removeNumbered(table, credited, "creditNote");
  await removeMails(table, credited, "payment_received", "internal_paid");
  await removeMails(table, refunded, "order_status_update", "internal_refunded");
  isUnattended = true;
  await place(url, "basket-7");
  await sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrls.OrderCreationQueue }));
  isUnattended = false;
  await show("reconcile", "--grace", "0s", "--dry-run");
  await show("reconcile", "--grace", "0s");
  await until(async () => (await ops("reconcile", "--grace", "0s", "--dry-run")).code === 0);
  await show("reconcile", "--grace", "0s");
  await show("order", "find", "--email", "thandi@example.com");
}

/** @param idempotencyKey with it the accepted order can be found again though its message is lost */
async function place(url: string, idempotencyKey?: string): Promise<string> {
  const answer = await fetch(`${url}/v1.0/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(idempotencyKey && { "idempotency-key": idempotencyKey }) },
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
  payments += 1;
  const payment = { paymentReference: `PF-${payments}`, paymentMethod: "payfast", paymentAmount: 1725, paymentCurrency: "ZAR" };
  await call(url, "POST", `/v1.0/orders/${orderId}/paymentconfirmation`, payment, "System");
  await settled(orderId);
}

async function move(url: string, orderId: string, status: string): Promise<void> {
  await call(url, "PUT", `/v1.0/orders/${orderId}`, { status }, "Admin");
}

async function call(url: string, method: string, path: string, body: unknown, role?: string): Promise<Record<string, string>> {
  const { access_token } = role ? await call(url, "POST", "/_local/token", { roles: role, sub: role.toLowerCase() }) : {};
  const answer = await fetch(url + path, {
    method,
    headers: { "content-type": "application/json", ...(access_token && { authorization: `Bearer ${access_token}` }) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as Record<string, string>;
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

/** The document was never stored, but its number was given. */
async function removeNumbered(table: string, orderId: string, type: "taxInvoice" | "creditNote"): Promise<void> {
  await change(table, orderId, "REMOVE documents.#type.#key, documents.#type.sha256", { names: { "#type": type, "#key": "key" } });
}

async function removeMails(table: string, orderId: string, ...kinds: string[]): Promise<void> {
  const { out } = await ops("order", "show", orderId, "--json");
  const { mails } = JSON.parse(out) as { mails: { kind: string; orderVersion: string }[] };
  for (const kind of kinds) {
    const mail = mails.find((one) => one.kind === kind);
    if (!mail) throw new Error(`${orderId} has no mail ${kind}`);
    await remove(table, orderId, `MAIL#${kind}#${mail.orderVersion}`);
  }
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
