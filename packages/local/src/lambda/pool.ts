/** A function's execution environments: grown on demand up to a limit, one event at a time in each, the rest waits. */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import type { FunctionName } from "../../../../infra/settings.ts";
import { functionArn, functionPhysicalName } from "../local-stage.ts";
import type {
  EnvironmentData,
  FromEnvironment,
  FunctionErrorShape,
  Invocation,
  MailNote,
  RecordedCall,
  Sabotage,
  Sabotaged,
} from "./protocol.ts";

export type FunctionPool = {
  name: FunctionName;
  /**
   * Runs the function once.
   * @throws FunctionError when the handler threw, timed out or its environment died
   */
  invoke(event: unknown): Promise<unknown>;
  /** Starts one environment. @throws FunctionError when its module does not load */
  warm(): Promise<void>;
  /** Ends every environment at once, as a power cut would. */
  close(): Promise<void>;
};

export type PoolOptions = {
  name: FunctionName;
  bundle: string;
  /** The module an environment starts with (`bundleWorker`). */
  worker: string;
  env: Record<string, string>;
  timeoutSeconds: number;
  memoryMb: number;
  /** Most environments at the same time. */
  size: number;
  faults: SharedArrayBuffer;
  record: boolean;
  journal?: string | undefined;
  onLog(line: string): void;
  onError(name: FunctionName, error: FunctionErrorShape): void;
  onCall(call: RecordedCall): void;
  onHandled?(name: FunctionName, handled: Handled): void;
  /** What is to go wrong in the invocation that is about to start. */
  sabotage?(event: unknown, requestId: string): readonly Sabotage[];
  onSabotaged?(sabotaged: Sabotaged): void;
};

/** An event that was handled: its answer, and how long that took, in ms from the hand-over. */
export type Handled = { event: unknown; answer: unknown; ms: number };

/** What Lambda reports instead of a result. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
  readonly shape: FunctionErrorShape;
  constructor(shape: FunctionErrorShape) {
    super(`${shape.errorType}: ${shape.errorMessage}`);
    this.shape = shape;
  }
}

type Waiting = { event: unknown; resolve: (value: unknown) => void; reject: (error: Error) => void };
type Environment = { run(waiting: Waiting): void; end(): Promise<void> };

export function createPool(options: PoolOptions): FunctionPool {
  const { name } = options;
  const queue: Waiting[] = [];
  const idle: Environment[] = [];
  const all = new Set<Environment>();
  let closed = false;

  const release = (environment: Environment) => {
    const next = queue.shift();
    if (next) {
      environment.run(next);
      return;
    }
    idle.push(environment);
  };
  const lose = (environment: Environment) => {
    all.delete(environment);
    const index = idle.indexOf(environment);
    if (index >= 0) idle.splice(index, 1);
    if (queue.length > 0 && !closed) grow();
  };
  const grow = (started?: Waiting) => {
    const environment = startEnvironment(options, {
      onReady: () => {
        if (started) started.resolve(undefined);
        release(environment);
      },
      onFree: () => release(environment),
      onGone: () => lose(environment),
      onFailedStart: (error) => {
        started?.reject(error);
        // Lambda would start again for the next event: this one has its answer.
        if (!started) queue.shift()?.reject(error);
      },
    });
    all.add(environment);
  };

  return {
    name,
    invoke(event) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new Error("the stack is stopping"));
          return;
        }
        const waiting = { event, resolve, reject };
        const environment = idle.pop();
        if (environment) {
          environment.run(waiting);
          return;
        }
        queue.push(waiting);
        if (all.size < options.size) grow();
      });
    },
    warm: () => new Promise((resolve, reject) => grow({ event: undefined, resolve: () => resolve(), reject })),
    async close() {
      closed = true;
      for (const waiting of queue.splice(0)) waiting.reject(new Error("the stack is stopping"));
      await Promise.all([...all].map((environment) => environment.end()));
    },
  };
}

/** MB. V8's own limit lets some twenty threads collect half a gigabyte of what nobody needs any more. */
const YOUNG_MB = 12;

type Listeners = { onReady(): void; onFree(): void; onGone(): void; onFailedStart(error: FunctionError): void };

function startEnvironment(options: PoolOptions, listeners: Listeners): Environment {
  const { name, timeoutSeconds, memoryMb } = options;
  const { bundle, faults, record } = options;
  const journal = options.journal ? { file: options.journal, sender: `${name} ${randomUUID()}` } : undefined;
  const data: EnvironmentData = { name, bundle, faults, record, journal };
  const worker = new Worker(options.worker, {
    name,
    workerData: data,
    env: { ...options.env, AWS_LAMBDA_LOG_STREAM_NAME: logStream() },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  for (const stream of [worker.stdout, worker.stderr]) readLines(stream, options.onLog);

  let running: { waiting: Waiting; requestId: string; timer: NodeJS.Timeout } | undefined;
  let started = false;
  let startedAt = 0;

  /** Ends the running event; returns it, or undefined when its answer came too late. */
  const settle = (requestId?: string) => {
    if (!running || (requestId !== undefined && running.requestId !== requestId)) return undefined;
    const { waiting, timer } = running;
    clearTimeout(timer);
    running = undefined;
    return waiting;
  };
  const fail = (error: FunctionErrorShape, requestId?: string) => {
    const waiting = settle(requestId);
    if (!waiting) return false;
    options.onError(name, error);
    waiting.reject(new FunctionError(error));
    return true;
  };

  worker.on("message", (message: FromEnvironment) => {
    switch (message.type) {
      case "ready":
        started = true;
        listeners.onReady();
        return;
      case "failed-to-start":
        options.onError(name, message.error);
        listeners.onFailedStart(new FunctionError(message.error));
        started = true;
        void worker.terminate();
        return;
      case "call":
        options.onCall(message.call);
        return;
      case "sabotaged":
        options.onSabotaged?.(message.sabotaged);
        return;
      case "result": {
        // Nobody waits for an answer after its time-out, and its environment is being ended.
        const waiting = settle(message.requestId);
        if (!waiting) return;
        const answer: unknown = JSON.parse(message.value);
        options.onHandled?.(name, { event: waiting.event, answer, ms: performance.now() - startedAt });
        waiting.resolve(answer);
        listeners.onFree();
        return;
      }
      case "error":
        if (fail(message.error, message.requestId)) listeners.onFree();
    }
  });
  worker.on("error", (error: Error) => {
    const shape = { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
    if (running) fail(shape);
    if (started) return;
    started = true;
    options.onError(name, shape);
    listeners.onFailedStart(new FunctionError(shape));
  });
  worker.on("exit", (code) => {
    if (journal) noteDeath(journal);
    if (running) fail({ errorType: "Runtime.ExitError", errorMessage: `the environment ended with exit code ${code}`, trace: [] });
    if (!started) {
      listeners.onFailedStart(
        new FunctionError({ errorType: "Runtime.ExitError", errorMessage: `ended while starting, exit code ${code}`, trace: [] }),
      );
    }
    listeners.onGone();
  });

  return {
    run(waiting) {
      const requestId = randomUUID();
      const timer = setTimeout(() => {
        fail({
          errorType: "Sandbox.Timedout",
          errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
          trace: [],
        });
        void worker.terminate();
      }, timeoutSeconds * 1000);
      running = { waiting, requestId, timer };
      const invocation: Invocation = {
        type: "invoke",
        requestId,
        event: JSON.stringify(waiting.event),
        sabotage: options.sabotage?.(waiting.event, requestId) ?? [],
        deadline: Date.now() + timeoutSeconds * 1000,
        context: { functionName: functionPhysicalName(name), invokedFunctionArn: functionArn(name), memoryLimitInMB: String(memoryMb) },
      };
      startedAt = performance.now();
      worker.postMessage(invocation);
    },
    async end() {
      settle()?.reject(new Error("the stack is stopping"));
      await worker.terminate();
    },
  };
}

/** However an environment ends, also by its time-out: what it had handed over and not noted stays so. */
function noteDeath({ file, sender }: NonNullable<EnvironmentData["journal"]>): void {
  const note: MailNote = { sender, at: Date.now(), step: "died" };
  appendFileSync(file, `${JSON.stringify(note)}\n`);
}

function readLines(stream: Readable, onLine: (line: string) => void) {
  createInterface({ input: stream }).on("line", onLine);
}

function logStream(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
}
