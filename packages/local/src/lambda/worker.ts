/** One Lambda execution environment: loads a function's bundle and hands it one event at a time. */
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { Context } from "aws-lambda";
import { mustDie, mustFail, PROBE, type Probe, type ProbeCall } from "./faults.ts";
import type { EnvironmentData, FromEnvironment, FunctionErrorShape, Invocation, RecordedCall } from "./protocol.ts";

const port = parentPort;
if (!port) throw new Error("worker.ts runs as a worker thread");
const { name, bundle, faults, record } = workerData as EnvironmentData;
const send = (message: FromEnvironment) => port.postMessage(message);

type Handler = (event: unknown, context: Context) => Promise<unknown>;

installProbe(new Int32Array(faults));
try {
  const { handler } = (await import(pathToFileURL(bundle).href)) as { handler?: Handler };
  if (typeof handler !== "function") throw new TypeError(`${bundle} does not export a handler`);
  port.on("message", (invocation: Invocation) => void invoke(handler, invocation));
  send({ type: "ready" });
} catch (error) {
  send({ type: "failed-to-start", error: shapeOf(error) });
}

async function invoke(handler: Handler, invocation: Invocation): Promise<void> {
  const { requestId } = invocation;
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
  const probe: Probe = {
    before(call) {
      if (record) send({ type: "call", call: recordOf(call) });
      if (mustDie(counters, name, "before")) die();
      if (mustFail(counters, call.service)) throw unavailable(call);
    },
    after() {
      if (mustDie(counters, name, "after")) die();
    },
  };
  Object.assign(globalThis, { [PROBE]: probe });
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
  return { function: name, service: call.service, action: call.action, resources: resourcesOf(call.input) };
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
