import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { mailKinds } from "@bbws/core/mail/kinds.ts";
import { ERASED } from "@bbws/core/order/erasure.ts";
import { OrderEvent, queuesOf } from "@bbws/core/order/events.ts";
import { pastSpan } from "@bbws/ops/arguments.ts";
import { explain, type LetterFacts } from "@bbws/ops/dead-letter/explain.ts";
import { aboutOf } from "@bbws/ops/dead-letter/letters.ts";
import { deadLetterQueue } from "@bbws/ops/dead-letter/queues.ts";
import { confirmChange, type Io } from "@bbws/ops/io.ts";
import { mailRequest } from "@bbws/ops/order/resend.ts";
import { columns, duration, facts } from "@bbws/ops/output.ts";
import { commands, run } from "@bbws/ops/program.ts";
import { failuresIn } from "@bbws/ops/target/failures.ts";
import { checkAccount } from "@bbws/ops/target/stage-target.ts";
import * as v from "valibot";
import { afterEach, describe, expect, it } from "vitest";
import { functions, type QueueName, queues } from "../../infra/settings.ts";
import { sharedAccounts, stageOf, stages } from "../../infra/stage.ts";
import { NOW, order, orderIn } from "../support/order.ts";

describe("which stage a command works on", () => {
  it("is decided by the account of the credentials, and a wrong one is refused", () => {
    for (const [name, stage] of Object.entries(stages)) {
      expect(() => checkAccount(name, stage, stage.account!)).not.toThrow();
      expect(() => checkAccount(name, stage, "111111111111")).toThrow(/refused/);
    }
    expect(() => checkAccount("thandi", stageOf("thandi"), "111111111111")).not.toThrow();
    for (const account of sharedAccounts) expect(() => checkAccount("thandi", stageOf("thandi"), account)).toThrow(/shared/);
  });
});

describe("a change", () => {
  const io = (terminal: boolean): Io & { stdin: PassThrough; stderr: PassThrough } => {
    const stream = () => Object.assign(new PassThrough(), { isTTY: terminal, setRawMode: () => undefined });
    return { stdin: stream(), stdout: stream(), stderr: stream(), env: {} };
  };
  const change = { what: "Something changes", guarded: true, stage: "prod" };

  it("of production is refused without a terminal, whatever flags are given", async () => {
    await expect(confirmChange(io(false), change)).rejects.toMatchObject({ exitCode: 2 });
    await expect(confirmChange(io(true), { ...change, yes: true })).rejects.toMatchObject({ exitCode: 2 });
  });

  it("of production goes on when the stage's name is typed, and only then", async () => {
    const typed = async (...keys: string[]) => {
      const terminal = io(true);
      const type = async () => {
        for (const key of keys) {
          await new Promise((resolve) => setImmediate(resolve));
          terminal.stdin.write(key);
        }
      };
      await Promise.all([confirmChange(terminal, change), type()]);
    };
    const enter = "\r";
    const interrupt = "\u0003";
    await expect(typed(..."prod", enter)).resolves.toBeUndefined();
    await expect(typed(enter)).rejects.toThrow("not confirmed");
    await expect(typed(..."dev", enter, interrupt)).rejects.toThrow("not confirmed");
  });

  it("of production goes on where a pipeline's approval names it, unless it cannot be undone", async () => {
    const pipeline = (approved: string) => ({ ...io(false), env: { OPS_APPROVED_STAGE: approved } });
    await expect(confirmChange(pipeline("prod"), change)).resolves.toBeUndefined();
    await expect(confirmChange(pipeline("sit"), change)).rejects.toMatchObject({ exitCode: 2 });
    await expect(confirmChange(pipeline("prod"), { ...change, irreversible: true })).rejects.toMatchObject({ exitCode: 2 });
  });

  it("elsewhere is asked about only when it cannot be undone", async () => {
    const elsewhere = { ...change, guarded: false, stage: "dev" };
    await expect(confirmChange(io(false), elsewhere)).resolves.toBeUndefined();
    await expect(confirmChange(io(false), { ...elsewhere, irreversible: true })).rejects.toMatchObject({ exitCode: 2 });
    await expect(confirmChange(io(false), { ...elsewhere, irreversible: true, yes: true })).resolves.toBeUndefined();
  });
});

describe("the explanation of a dead letter", () => {
  const letter = (changes: Partial<LetterFacts> = {}): LetterFacts => ({
    errorReason: undefined,
    sentAs: undefined,
    receives: 10,
    body: "{}",
    logged: undefined,
    order: undefined,
    accepted: false,
    ...changes,
  });
  const text = (changes: Partial<LetterFacts>) => Object.values(explain(letter(changes))).join(" ");

  it("says what kind of end it was and what to do", () => {
    expect(text({ errorReason: "not JSON" })).toMatch(/not JSON.*purge/);
    expect(text({ sentAs: "ses-1" })).toMatch(/SES took the mail as ses-1.*noted then, not sent again/);
    expect(text({ errorReason: "unknown message: order.total, version" })).toMatch(/Missing or wrong: order.total, version/);
    expect(text({ errorReason: "another taxInvoice is stored under this number" })).toMatch(/Do not redrive/);
    expect(text({ sentAs: "ses-1", errorReason: "SES took the mail as ses-1, and the table took no note of it" })).toMatch(
      /ses-1.*Redrive.*not sent again/,
    );
    expect(text({ errorReason: "order x was never PAID: it carries no taxInvoice" })).toMatch(/Order x was never PAID.*then redrive/);
    expect(text({ body: JSON.stringify({ DDBStreamBatchInfo: { batchSize: 7 } }) })).toMatch(/7 changes.*reconcile/);
  });

  it("puts the last logged failure into words where the consumer gave no reason", () => {
    expect(text({ logged: "OrderError ORDER_NOT_FOUND" })).toMatch(/10 receives.*not in the table \(yet\)/);
    expect(text({ logged: "ThrottlingException, in ElectroError 4001" })).toContain("throttling by AWS");
    expect(text({ logged: "SomethingElse" })).toContain("SomethingElse");
    expect(text({})).toContain("time-out or a crash");
  });

  it("tells the order's present state", () => {
    expect(text({ order: { recorded: true, status: "PAID", lacks: [] } })).toMatch(/PAID and lacks nothing/);
    expect(text({ order: { recorded: true, status: "PAID", lacks: ["taxInvoice document"] } })).toMatch(/lacks: taxInvoice document/);
    expect(text({ order: { recorded: false }, accepted: true })).toMatch(/no order until this is redriven/);
    expect(text({ order: { recorded: false } })).toMatch(/OrderCreationQueue first/);
  });
});

describe("a dead letter's order", () => {
  it("is read from an event, an accepted order, or the keys of a change", () => {
    expect(aboutOf(JSON.stringify({ type: "order.recorded", orderId: "order_1", tenantId: "t" }))).toMatchObject({
      orderId: "order_1",
      tenantId: "t",
    });
    expect(aboutOf(JSON.stringify({ type: "order.accepted", order: { id: "order_2" } }))).toMatchObject({ orderId: "order_2" });
    const keys = { PK: { S: "TENANT#t" }, SK: { S: "ORDER#order_3" } };
    expect(aboutOf(JSON.stringify({ eventName: "MODIFY", keys }))).toMatchObject({
      type: "change MODIFY",
      orderId: "order_3",
      tenantId: "t",
    });
    const timer = { PK: { S: "ORDER#order_4" }, SK: { S: "EXPIRY" } };
    expect(aboutOf(JSON.stringify({ eventName: "REMOVE", keys: timer }))).toMatchObject({ orderId: "order_4" });
    for (const body of ["", "null", "[]", "7", "{", '"text"']) expect(aboutOf(body).orderId).toBeUndefined();
  });
});

describe("a queue", () => {
  it("is known by its component, its work queue, its short name and the name an alarm shows", () => {
    for (const name of ["InvoiceDLQ", "InvoiceQueue", "invoice", "bbws-order-pdf-dlq-dev", "bbws-order-pdf-dev"]) {
      expect(deadLetterQueue(name, "dev")).toMatchObject({ component: "InvoiceDLQ", source: "InvoiceQueue" });
    }
    expect(deadLetterQueue("bbws-order-changes-dlq-dev", "dev")).toMatchObject({ component: "OrderChangesDLQ", source: undefined });
    for (const queue of Object.keys(queues) as QueueName[]) expect(deadLetterQueue(queue, "dev").consumer in functions).toBe(true);
    expect(() => deadLetterQueue("bbws-order-pdf-dlq-prod", "dev")).toThrow(/there is no queue/);
  });
});

describe("a request for a mail", () => {
  const asked = { requestId: "r-1", now: NOW };

  it("is an event its consumer understands and that reaches one queue", () => {
    const refunded = orderIn("REFUNDED");
    for (const type of ["taxInvoice", "creditNote"] as const) refunded.documents[type] = { ...refunded.documents[type]!, key: "k" };
    for (const kind of mailKinds.filter((one) => !one.endsWith("cancelled"))) {
      const event = mailRequest(refunded, { kind }, asked);
      expect(v.is(OrderEvent, event)).toBe(true);
      expect(queuesOf(event)).toHaveLength(1);
    }
    expect(mailRequest(orderIn("CANCELLED"), { kind: "order_cancelled", to: "a@b.co" }, asked).data).toMatchObject({
      to: "a@b.co",
      status: "CANCELLED",
    });
  });

  it("is refused where the mail would not be true, or has nobody to go to", () => {
    expect(() => mailRequest(order(), { kind: "order_cancelled" }, asked)).toThrow(/never been CANCELLED/);
    expect(() => mailRequest(orderIn("PAID"), { kind: "payment_received" }, asked)).toThrow(/not stored/);
    expect(() => mailRequest(order(), { kind: "order_confirmation", to: "no address" }, asked)).toThrow(/not an e-mail/);
    expect(() => mailRequest(order(), { kind: "order_confirmation", status: "PAID" }, asked)).toThrow(/--status/);
    expect(() => mailRequest(order({ customerEmail: ERASED }), { kind: "order_confirmation" }, asked)).toThrow(/erased/);
  });
});

describe("what is printed", () => {
  it("carries no escape code a customer put into a text, and no trailing spaces", () => {
    expect(
      facts([
        ["notes", "a\u001b[2Jb"],
        ["empty", ""],
      ]),
    ).toBe("notes  a [2Jb");
    expect(columns(["A", "B"], [["1", ""]])).toBe("A  B\n1");
  });

  it("tells spans of time in their largest units", () => {
    expect([0, 59_000, 60_000, 11_520_000, 90_000_000].map(duration)).toEqual(["0 s", "59 s", "1 min", "3 h 12 min", "1 d 1 h"]);
  });
});

describe("a span of time", () => {
  it("is a count with its unit, or a moment in the past", () => {
    expect(pastSpan("90s")).toBe(90_000);
    expect(pastSpan("7d")).toBe(604_800_000);
    expect(pastSpan("2026-11-24", Date.parse("2026-11-25"))).toBe(86_400_000);
    for (const text of ["", "24", "1w", "-1h", "2999-01-01", "yesterday"]) expect(() => pastSpan(text)).toThrow();
  });
});

it("the last failure of a message is read from log lines, with CloudWatch's prefix or without", () => {
  const line = (facts: object) => JSON.stringify({ level: "WARN", timestamp: "t", ...facts });
  const lines = [
    line({ messageId: "m-1", outcome: "retry", errorName: "OrderError", errorCode: "TRY_AGAIN" }),
    `2026-11-24T08:00:00Z ${line({ messageId: "m-1", outcome: "retry", errorName: "TimeoutError", correlationId: "c" })}`,
    line({ messageId: "m-2", outcome: "done" }),
    line({ messageId: "m-4", outcome: "retry", errorName: "ElectroError", errorCode: 4001, cause: { errorName: "ThrottlingException" } }),
    line({ messageId: "m-5", outcome: "deadLetter", errorName: "PermanentError", errorReason: "was never PAID" }),
    '{"messageId": broken',
  ];
  const found = failuresIn(lines, new Set(["m-1", "m-2", "m-3", "m-4", "m-5"]));
  expect(Object.fromEntries(found)).toEqual({
    "m-1": { at: "t", error: "TimeoutError", correlationId: "c" },
    "m-4": { at: "t", error: "ThrottlingException, in ElectroError 4001" },
    "m-5": { at: "t", error: "was never PAID" },
  });
});

it("every command shows its help, with examples and the exit codes at the top", async () => {
  const help = async (...argv: string[]) => {
    const stdout = new PassThrough();
    const chunks: string[] = [];
    stdout.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
    const code = await run([...argv, "--help"], { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} });
    return { code, text: chunks.join("") };
  };
  expect(await help()).toMatchObject({ code: 0, text: expect.stringContaining("Exit codes") });
  const all = commands({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} });
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(["order show", "dlq redrive", "numbers skip", "smoke"]));
  for (const { name } of all) {
    const { code, text } = await help(...name.split(" "));
    expect(code, name).toBe(0);
    expect(text, name).toContain("Examples:");
    expect(text, name).toContain("--json");
  }
});

describe("a smoke", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** Smokes a service that gives these answers by method and path, as a script reads it. */
  async function smoked(answers: Record<string, object>) {
    server = createServer(({ method, url, headers }, response) => {
      const answer = answers[`${method} ${url}`];
      response.writeHead(answer ? (method === "POST" ? 202 : 200) : 404, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify(answer ?? { success: false, error: "NOT_FOUND", message: `no ${headers.host}` }));
    });
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    const stdout = new PassThrough();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const code = await run(["smoke", url, "--json"], { stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} });
    return { code, ...(JSON.parse(String(stdout.read())) as { failure: string; steps: { name: string }[] }) };
  }
  const health = { status: "ok", service: "bbws-order", version: "1", stage: "dev" };

  it("is red when an answer is not what the API promises, and names the field", async () => {
    expect(await smoked({ "GET /health": { ...health, service: "another" } })).toMatchObject({
      code: 1,
      steps: [],
      failure: expect.stringMatching(/^an answer is not what the API promises: service: /),
    });
    const create = { success: true, data: { orderId: "order_1", status: "PENDING", message: "Accepted", currency: "ZAR", subtotal: 95 } };
    expect(await smoked({ "GET /health": health, "POST /v1.0/orders": create })).toMatchObject({
      code: 1,
      steps: [{ name: "health" }],
      failure: expect.stringMatching(/^an answer is not what the API promises: discount: /),
    });
  });
});
