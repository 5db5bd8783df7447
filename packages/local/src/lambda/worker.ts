/** One Lambda execution environment: loads a function's bundle and hands it one event at a time. */
import { enableCompileCache } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { Context } from "aws-lambda";
import { mustDie, mustFail, PROBE, type Probe, type ProbeCall } from "./faults.ts";
import type { EnvironmentData, FromEnvironment, FunctionErrorShape, Invocation, RecordedCall, Sabotage } from "./protocol.ts";

const port = parentPort;
if (!port) throw new Error("worker.ts runs as a worker thread");
const { name, bundle, faults, record } = workerData as EnvironmentData;
const send = (message: FromEnvironment) => port.postMessage(message);

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Of the invocation that runs. */
let current: { requestId: string; calls: number; sabotage: Sabotage | undefined } = { requestId: "", calls: 0, sabotage: undefined };
/** Mails handed to SES, or on their way to it, whose ledger does not say so yet. */
let unmarkedMails = 0;

installProbe(new Int32Array(faults));
// Ten functions start on two cores: what V8 compiled once it need not compile again.
enableCompileCache(join(dirname(bundle), "compiled"));
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
  current = { requestId, calls: 0, sabotage };
  try {
    const result = await handler(JSON.parse(invocation.event), contextOf(invocation));
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

function installProbe(counters: Int32Array): void {
  /** The place of a call in its invocation; calls may run beside each other. */
  const places = new WeakMap<ProbeCall, number>();
  const probe: Probe = {
    before(call) {
      current.calls += 1;
      places.set(call, current.calls);
      if (record) send({ type: "call", call: recordOf(call) });
      sabotage(call, current.calls, "before");
      if (call.service === "ses") unmarkedMails += 1;
      if (mustDie(counters, name, "before")) die();
      if (mustFail(counters, call.service)) throw unavailable(call);
    },
    after(call) {
      if (call.service === "dynamodb" && call.action === "UpdateItem") unmarkedMails = Math.max(0, unmarkedMails - 1);
      sabotage(call, places.get(call) ?? 0, "after");
      if (mustDie(counters, name, "after")) die();
    },
  };
  Object.assign(globalThis, { [PROBE]: probe });
}

/** Does what was planned for this place. */
function sabotage({ service, action }: ProbeCall, place: number, phase: Sabotage["phase"]): void {
  const plan = current.sabotage;
  if (!plan || plan.call !== place || plan.phase !== phase) return;
  send({ type: "sabotaged", sabotaged: { ...plan, function: name, requestId: current.requestId, service, action, unmarkedMails } });
  if (plan.how === "die") die();
  if (plan.how === "timeout") throw Object.assign(new Error(`${service} ${action} is made to time out`), { name: "TimeoutError" });
  throw Object.assign(new Error(`${service} ${action} is made to be throttled`), {
    name: "ThrottlingException",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
  });
}

/** In a worker thread this ends the thread at once: what came before has taken effect, nothing after it will. */
function die(): never {
  process.exit(1);
}

/** The shape of an AWS service's own 503. */
function unavailable(call: ProbeCall): Error {
  const error = new Error(`${call.service} ${call.action} is made to fail by /_local/faults`);
  return Object.assign(error, { name: "ServiceUnavailable", $fault: "server", $metadata: { httpStatusCode: 503 } });
}

function recordOf(call: ProbeCall): RecordedCall {
  const { requestId, calls } = current;
  return { function: name, service: call.service, action: call.action, resources: resourcesOf(call.input), requestId, call: calls };
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
