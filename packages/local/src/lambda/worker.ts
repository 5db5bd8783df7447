/** One Lambda execution environment: loads a function's bundle and hands it one event at a time. */
import { appendFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { Context } from "aws-lambda";
import { mustDie, mustFail, PROBE, type Probe, type ProbeCall } from "./faults.ts";
import type { EnvironmentData, FromEnvironment, FunctionErrorShape, Invocation, MailNote, RecordedCall, Sabotage } from "./protocol.ts";

const port = parentPort;
if (!port) throw new Error("worker.ts runs as a worker thread");
const { name, bundle, faults, record, journal } = workerData as EnvironmentData;
const send = (message: FromEnvironment) => port.postMessage(message);

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Of the invocation that runs: its calls so far, by name, and what is still to go wrong in it. */
let current = { requestId: "", calls: 0, byName: new Map<string, number>(), sabotage: [] as readonly Sabotage[] };
const mails = journal ? openJournal(journal) : undefined;

installProbe(new Int32Array(faults));
// Ten functions start on two cores: what V8 compiled once it need not compile again.
enableCompileCache(join(dirname(fileURLToPath(import.meta.url)), "compiled"));
try {
  const { handler } = (await import(pathToFileURL(bundle).href)) as { handler?: Handler };
  if (typeof handler !== "function") throw new TypeError(`${bundle} does not export a handler`);
  port.on("message", (invocation: Invocation) => void invoke(handler, invocation));
  send({ type: "ready" });
} catch (error) {
  send({ type: "failed-to-start", error: shapeOf(error) });
}

async function invoke(handler: Handler, invocation: Invocation): Promise<void> {
  const { requestId, sabotage } = invocation;
  current = { requestId, calls: 0, byName: new Map(), sabotage };
  try {
    const result = await handler(JSON.parse(invocation.event), contextOf(invocation));
    mails?.ended();
    send({ type: "result", requestId, value: JSON.stringify(result ?? null) });
  } catch (error) {
    send({ type: "error", requestId, error: shapeOf(error) });
  }
}

function contextOf({ requestId, deadline, context }: Invocation): Context {
  return {
    ...context,
    awsRequestId: requestId,
    functionVersion: "$LATEST",
    logGroupName: `/aws/lambda/${context.functionName}`,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME ?? "",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: refuse,
    fail: refuse,
    succeed: refuse,
  };
}

/** The callback style left Lambda with Node 24; a handler that still uses it must not work here either. */
function refuse(): never {
  throw new Error("handlers return a promise: done, fail and succeed do not exist");
}

/** How Lambda reports an error to the caller. */
function shapeOf(error: unknown): FunctionErrorShape {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

/** A call's places in its invocation (1 = the first): among all calls, and among those of its name. */
type Place = { name: string; call: number; ofName: number };

function installProbe(counters: Int32Array): void {
  /** Calls may run beside each other. */
  const places = new WeakMap<ProbeCall, Place>();
  const probe: Probe = {
    before(call) {
      const place = placeOf(call);
      places.set(call, place);
      if (record) send({ type: "call", call: recordOf(call, place) });
      try {
        sabotage(call, place, "before");
        if (mustDie(counters, name, "before")) die();
        if (mustFail(counters, call.service)) throw unavailable(`${call.service} ${call.action} is made to fail by /_local/faults`);
      } catch (error) {
        mails?.prevented(call);
        throw error;
      }
      mails?.before(call);
    },
    after(call, result) {
      mails?.after(call, result);
      try {
        sabotage(call, places.get(call)!, "after");
      } catch (error) {
        mails?.answerLost(call);
        throw error;
      }
      if (mustDie(counters, name, "after")) die();
    },
    failed(call) {
      mails?.answerLost(call);
      mails?.prevented(call);
    },
  };
  Object.assign(globalThis, { [PROBE]: probe });
}

function placeOf(call: ProbeCall): Place {
  const callName = nameOf(call);
  const ofName = (current.byName.get(callName) ?? 0) + 1;
  current.byName.set(callName, ofName);
  current.calls += 1;
  return { name: callName, call: current.calls, ofName };
}

/** Does what was planned for this place. */
function sabotage(call: ProbeCall, place: Place, phase: Sabotage["phase"]): void {
  const plan = current.sabotage.find((one) => one.phase === phase && isAt(one, call, place));
  if (!plan) return;
  // A refusal is an answer: what is to strike after it strikes here.
  if (plan.how === "reject") sabotage(call, place, "after");
  const { service, action } = call;
  send({ type: "sabotaged", sabotaged: { plan, function: name, requestId: current.requestId, service, action } });
  if (plan.how === "die") die();
  if (plan.how !== "refuse") throw failures[plan.how](call);
  spoil(call, plan.entries);
}

function isAt({ name: wanted, about, call: nth }: Sabotage, { input }: ProbeCall, place: Place): boolean {
  if (wanted === undefined) return nth === place.call;
  if (wanted !== place.name) return false;
  return about === undefined ? nth === place.ofName : JSON.stringify(input).includes(about);
}

/** In a worker thread this ends the thread at once: what came before has taken effect, nothing after it will. */
function die(): never {
  process.exit(1);
}

/** Lets SQS itself refuse entries of a batch: it takes no message with such a character, and says so in `Failed`. */
function spoil({ action, input }: ProbeCall, which: Sabotage["entries"] = "all"): void {
  const { Entries } = input as { Entries?: { MessageBody: string }[] };
  if (!Entries) throw new Error(`${action} is no batch: none of its entries can be refused`);
  const last = Entries.length - 1;
  Entries.forEach((entry, i) => {
    if (which === "all" || i === (which === "first" ? 0 : last)) entry.MessageBody = "\u0000";
  });
}

/** An error as the SDK throws it. */
const refusal = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, $fault: "client", $metadata: { httpStatusCode: 400 }, ...more });

const failures: Record<Exclude<Sabotage["how"], "die" | "refuse">, (call: ProbeCall) => Error> = {
  timeout: ({ service, action }: ProbeCall) =>
    Object.assign(new Error(`${service} ${action} is made to time out`), { name: "TimeoutError" }),
  unavailable: ({ service, action }: ProbeCall) => unavailable(`${service} ${action} is made to fail`),
  throttle: ({ service, action }: ProbeCall) => refusal("ThrottlingException", `${service} ${action} is made to be throttled`),
  reject: ({ service, action }: ProbeCall) => refusal("MessageRejected", `${service} ${action} is made to be rejected`),
  conflict: (call: ProbeCall) => cancelled(call, { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" }),
  outrun: (call: ProbeCall) => cancelled(call, { Code: "ConditionalCheckFailed", Message: "The conditional request failed" }),
};

/** As DynamoDB cancels a transaction because of its first item, which in every transaction of ours is the contended one. */
function cancelled({ action, input }: ProbeCall, first: { Code: string; Message: string }): Error {
  const { TransactItems } = input as { TransactItems?: unknown[] };
  if (!TransactItems) throw new Error(`${action} is no transaction: it cannot be cancelled`);
  const CancellationReasons = TransactItems.map((_, i) => (i === 0 ? first : { Code: "None" }));
  const codes = CancellationReasons.map(({ Code }) => Code).join(", ");
  return refusal(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons },
  );
}

/** Writes down each mail's steps before anything else can happen: a kill at any moment leaves what had been done. */
function openJournal({ file, sender }: NonNullable<typeof journal>) {
  /** Mails SES has taken, by its id of them, until the ledger says so; and whether the table refused to. */
  const unnoted = new Map<string, { mail: string; isPrevented: boolean }>();
  const note = (step: "handed over" | "noted" | "answer lost" | "given up", mail: string) => {
    const entry: MailNote = { sender, at: Date.now(), step, mail };
    appendFileSync(file, `${JSON.stringify(entry)}\n`);
  };
  /** The mails whose note a call is. */
  const notedBy = ({ action, input }: ProbeCall) => {
    if (action !== "UpdateItem" || unnoted.size === 0) return [];
    const written = JSON.stringify(input);
    return [...unnoted].filter(([id]) => written.includes(id));
  };
  return {
    before(call: ProbeCall) {
      if (call.service === "ses") note("handed over", mailOf(call));
    },
    after(call: ProbeCall, result: unknown) {
      if (call.service === "ses") {
        unnoted.set((result as { output: { MessageId: string } }).output.MessageId, { mail: mailOf(call), isPrevented: false });
        return;
      }
      for (const [id, { mail }] of notedBy(call)) {
        unnoted.delete(id);
        note("noted", mail);
      }
    },
    answerLost(call: ProbeCall) {
      if (call.service === "ses") note("answer lost", mailOf(call));
    },
    /** A call that had no effect. */
    prevented(call: ProbeCall) {
      for (const [id, { mail }] of notedBy(call)) unnoted.set(id, { mail, isPrevented: true });
    },
    /** An invocation has answered: what the table did not let it note will not be noted any more. */
    ended() {
      for (const [id, { mail, isPrevented }] of unnoted) {
        if (!isPrevented) continue;
        unnoted.delete(id);
        note("given up", mail);
      }
    },
  };
}

/** A mail by whom it goes to and what it is about. */
function mailOf({ input }: ProbeCall): string {
  const { Destination, Content } = input as {
    Destination: { ToAddresses: string[] };
    Content: { Simple: { Subject: { Data: string } } };
  };
  return `${Destination.ToAddresses.join()} ${Content.Simple.Subject.Data}`;
}

/** The shape of an AWS service's own 503. */
function unavailable(message: string): Error {
  return Object.assign(new Error(message), { name: "ServiceUnavailable", $fault: "server", $metadata: { httpStatusCode: 503 } });
}

function recordOf({ service, action, input }: ProbeCall, place: Place): RecordedCall {
  const { requestId } = current;
  const { Key } = (typeof input === "object" ? input : {}) as { Key?: unknown };
  const key = Key === undefined ? {} : { key: JSON.stringify(Key) };
  return { function: name, service, action, resources: resourcesOf(input), name: place.name, ...key, requestId, call: place.ofName };
}

function nameOf({ service, action, input }: ProbeCall): string {
  const { TableName, IndexName, QueueUrl, Bucket } = (typeof input === "object" ? input : {}) as Record<string, string | undefined>;
  const resource = IndexName ?? TableName ?? QueueUrl?.slice(QueueUrl.lastIndexOf("/") + 1) ?? Bucket ?? "";
  return [service, action, resource].filter(Boolean).join(" ");
}

/** The names a call touches: table, index, queue, bucket and key; batches and transactions name them inside. */
function resourcesOf(input: unknown): string[] {
  if (typeof input !== "object" || input === null) return typeof input === "string" ? [input] : [];
  const found = new Set<string>();
  const fields = input as Record<string, unknown>;
  for (const field of ["TableName", "IndexName", "QueueUrl", "Bucket", "Key"]) {
    const value = fields[field];
    if (typeof value === "string") found.add(field === "QueueUrl" ? value.slice(value.lastIndexOf("/") + 1) : value);
  }
  if (typeof fields.RequestItems === "object" && fields.RequestItems !== null) {
    for (const table of Object.keys(fields.RequestItems)) found.add(table);
  }
  for (const item of Array.isArray(fields.TransactItems) ? fields.TransactItems : []) {
    for (const [operation, body] of Object.entries(item as Record<string, unknown>)) {
      for (const resource of resourcesOf(body)) found.add(resource).add(operation);
    }
  }
  return [...found];
}
