import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { AcceptedOrder } from "@bbws/core/order/order.ts";
import { awsErrorOf } from "@bbws/core/table.ts";
import { type DynamoDbLocal, startDynamoDb } from "@bbws/local/emulators/dynamodb.ts";
import { createTable } from "@bbws/local/emulators/table.ts";
import { credentials, REGION } from "@bbws/local/local-stage.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import standIns from "../../infra/bundle-plugins.mjs";
import { acceptedOrder, NOW } from "../support/order.ts";
import { bundleFolder, loadBundled } from "./load.ts";

/**
 * ElectroDB and its stand-in, side by side: the same calls of the same repositories on a table each, and then every request
 * that went over the wire, every answer and the whole table are compared. That the stand-in keeps each repository's promises
 * is what the project `stand-in` shows, which runs the repositories' own tests on it.
 */

type Repositories = typeof import("./repositories.ts");
type Request = { operation: string; body: Record<string, unknown> };

const folder = bundleFolder("electrodb");
const scratch = mkdtempSync(join(tmpdir(), "electrodb-"));
let dynamodb: DynamoDbLocal;

beforeAll(async () => {
  dynamodb = await startDynamoDb(scratch, true);
});
afterAll(async () => {
  await dynamodb.stop();
  for (const made of [folder, scratch]) rmSync(made, { recursive: true, force: true });
});

async function load(name: string, plugins: typeof standIns): Promise<Repositories> {
  const { exports, inputs } = await loadBundled<Repositories>(join(import.meta.dirname, "repositories.ts"), {
    outfile: join(folder, `${name}.mjs`),
    plugins,
    external: ["@aws-sdk/*", "@smithy/*", ...(plugins.length > 0 ? [] : ["electrodb"])],
  });
  const stoodIn = Object.keys(inputs).some((input) => input.endsWith("stubs/electrodb.ts"));
  expect(stoodIn).toBe(plugins.length > 0);
  return exports;
}

/** A table, a client that writes down each request as it is sent, and what lies in the table. */
async function openTable(table: string) {
  const client = new DynamoDBClient({ region: REGION, credentials, endpoint: dynamodb.endpoint });
  await createTable(client, table);
  const requests: Request[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { body: sent } = args.request as { body: string | Uint8Array };
        const body = typeof sent === "string" ? sent : new TextDecoder().decode(sent);
        requests.push({ operation: commandName!, body: JSON.parse(body.replaceAll(table, "the-table")) });
        return next(args);
      },
    { step: "build", name: "writeDown" },
  );
  const items = async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
    requests.pop();
    return Items.map((item) => unmarshall(item)).sort((a, b) => `${a.PK} ${a.SK}`.localeCompare(`${b.PK} ${b.SK}`));
  };
  return { client, table, requests, items };
}

const clock = () => NOW;
const who = { by: "user-1", correlationId: "c-1" };
const text = "Zoë's £ “shop” – 漢字 👩‍👩‍👧 \u0000";

const accepted = (n: number, changes: Partial<AcceptedOrder> = {}) =>
  acceptedOrder({ id: `order_${n}`, items: [], dateCreated: new Date(NOW.getTime() + n * 60_000).toISOString(), ...changes });

/** Every method that a function calls, each way it can end. Answers and errors, in order. */
async function play({ orders, tenants, mailLedger, idempotency }: Repositories, table: Awaited<ReturnType<typeof openTable>>) {
  const answers: unknown[] = [];
  /** Of a failure, what the functions look at: our own code, and the name of AWS's error inside ElectroDB's. */
  const note = async (work: Promise<unknown>) =>
    answers.push(await work.catch((error) => [error instanceof Error && awsErrorOf(error).name, error.details]));
  const all = orders(table, clock);
  const one = () => all.get("tenant-a", "order_1").then((order) => order!);

  const batch = [1, 2, 3, 4].map((n) => ({ order: accepted(n), correlationId: `c-${n}` }));
  await note(all.record(batch));
  await note(all.record([batch[0]!, { order: accepted(5, { tenantId: "tenant-b", notes: text }), correlationId: "c-5" }]));
  await note(all.record([{ order: accepted(6), correlationId: "c-6", refusal: "suspended" }]));
  await note(all.get("tenant-a", "order_1"));
  await note(all.get("tenant-a", "nobody"));
  await note(all.find("order_5"));
  await note(all.find("nobody"));
  await note(all.findByNumber("ORD-2026-00002"));
  await note(all.findByNumber("ORD-2026-99999"));
  await note(all.timer("order_1"));
  await note(all.timer("order_6"));

  const page = await all.list({ tenantId: "tenant-a", pageSize: 2 });
  await note(Promise.resolve(page));
  await note(all.list({ tenantId: "tenant-a", pageSize: 2, after: page.next }));
  await note(all.list({ tenantId: "tenant-a", pageSize: 2, includeInactive: true }));
  await note(all.list({ tenantId: "tenant-a", pageSize: 9, statuses: ["CANCELLED", "PAID"], from: NOW.toISOString(), to: "2027" }));
  await note(all.list({ tenantId: "nobody", pageSize: 9 }));

  await note(all.update(await one(), { to: "PAYMENT_PENDING" }, who));
  await note(all.update({ ...(await one()), version: 1 }, { active: false }, who));
  const payment = { paymentReference: "PF-1", method: "payfast", amount: 172_500, currency: "ZAR" } as const;
  await note(all.confirmPayment("order_1", { ...payment, amount: 1 }, who));
  await note(all.confirmPayment("order_1", payment, who));
  await note(all.confirmPayment("order_1", payment, who));
  await note(all.confirmPayment("order_2", payment, who));
  await note(all.confirmPayment("nobody", payment, who));
  const issued = { key: "k.pdf", sha256: "0".repeat(64), issuedAt: NOW.toISOString() };
  for (const type of ["order", "order", "taxInvoice", "taxInvoice"] as const) await note(all.setDocument(await one(), type, issued));
  await note(all.update(await one(), { to: "REFUNDED" }, who));
  await note(all.update({ ...(await one()), version: 1 }, { to: "REFUNDED" }, who));
  await note(all.setDocument(await one(), "creditNote", issued));
  await note(all.update({ ...(await one()), id: "nobody" }, { active: false }, who));

  const known = tenants(table, clock);
  const tenantIdOf = (found: { tenantId: string } | undefined) => found && { ...found, tenantId: typeof found.tenantId };
  await note(known.ofEmail("a@example.com"));
  await note(known.resolveGuest("a@example.com").then(tenantIdOf));
  await note(known.ofEmail("A@example.com").then(tenantIdOf));
  for (const status of ["SUSPENDED", "VALIDATED"] as const) await note(known.setStatus("tenant-a", status));
  await note(known.isSuspended("tenant-a"));
  await note(known.status("nobody"));
  for (let n = 0; n < 3; n++) await note(known.countGuestOrder("a@example.com", 2));

  const ledger = mailLedger(table, clock);
  const [sent, refused, given] = ["1", "2", "3"].map((orderVersion) => ({
    orderId: "order_1",
    kind: "confirmation" as never,
    orderVersion,
  }));
  for (const occasion of [sent, sent, refused, given]) await note(ledger.claim(occasion!, 60_000));
  await note(ledger.markSent(sent!, "ses-1"));
  await note(ledger.claim(sent!, 60_000));
  await note(ledger.markRefused(refused!, "MessageRejected"));
  await note(ledger.release(given!, 1));
  await note(ledger.release(given!, NOW.getTime() + 60_000));
  await note(ledger.claim(given!, 60_000));
  await note(ledger.markSent({ ...sent!, orderVersion: "9" }, "ses-9"));

  const remembering = idempotency(table, clock);
  const request = { scope: "tenant-a", key: "k", body: { a: 1 } };
  const answer = { orderId: "order_1", response: { z: 1, a: text }, message: "m" };
  await note(remembering.recall(request));
  for (const body of [request.body, request.body, { a: 2 }]) await note(remembering.remember({ ...request, body }, answer));
  await note(remembering.recall(request));
  for (const of of [request, { ...request, key: "unknown" }]) await note(remembering.noteUnsent(of));
  await note(remembering.noteSentAgain(request));
  await note(all.record([{ order: accepted(5, { tenantId: "tenant-c" }), correlationId: "c-8" }]));

  await note(all.get(undefined as never, "order_1"));
  const [impossible] = await all.record([{ order: accepted(7, { id: undefined as never }), correlationId: "c-7" }]);
  answers.push("error" in impossible! && (impossible.error as Error).name);
  return answers;
}

/** A request without what is drawn anew each time: the token of a transaction, a new tenant's id. */
const settled = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (name, member) => (name === "ClientRequestToken" ? undefined : member)).replace(
      /tenant_[\w-]{20,}/g,
      "tenant_new",
    ),
  ) as unknown;

describe("the stand-in of ElectroDB", () => {
  let electrodb: { answers: unknown[]; requests: Request[]; items: unknown[] };
  let standIn: typeof electrodb;

  async function run(name: string, plugins: typeof standIns) {
    const table = await openTable(name);
    const answers = await play(await load(name, plugins), table);
    return { answers, requests: table.requests, items: await table.items() };
  }

  beforeAll(async () => {
    electrodb = await run("with-electrodb", []);
    standIn = await run("with-the-stand-in", standIns);
  });

  it("asks the table for the same things in the same order", () => {
    expect(electrodb.requests.length).toBeGreaterThan(80);
    expect(new Set(electrodb.requests.map(({ operation }) => operation)).size).toBe(6);
    expect(settled(standIn.requests)).toEqual(settled(electrodb.requests));
  });

  it("answers the same, and fails the same way", () => {
    expect(electrodb.answers.length).toBeGreaterThan(50);
    expect(settled(standIn.answers)).toEqual(settled(electrodb.answers));
  });

  it("leaves the same items in the table", () => {
    expect(electrodb.items.length).toBeGreaterThan(30);
    expect(settled(standIn.items)).toEqual(settled(electrodb.items));
  });
});
