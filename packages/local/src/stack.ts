/** The whole service on this machine: emulators, the deployed handlers, the gateway in front and the pollers behind. */
import { createWriteStream, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { type Message, SQSClient } from "@aws-sdk/client-sqs";
import { routes } from "@bbws/functions/api/routes.ts";
import {
  changesDeadLetterQueue,
  type FunctionName,
  functions,
  type QueueName,
  queues,
  type StreamReaderName,
  streamReaders,
} from "../../../infra/settings.ts";
import { bundleFunction, bundleWorker, repositoryRoot } from "./bundle.ts";
import { createConsole } from "./console/console.ts";
import { type AwsLocal, startAws } from "./emulators/aws.ts";
import { startDynamoDb } from "./emulators/dynamodb.ts";
import { startIssuer } from "./emulators/issuer.ts";
import { LOOPBACK } from "./emulators/ports.ts";
import { createTable } from "./emulators/table.ts";
import { startTimeToLive } from "./emulators/time-to-live.ts";
import { createAuthoriser } from "./gateway/authoriser.ts";
import { createCors } from "./gateway/cors.ts";
import { createGateway } from "./gateway/gateway.ts";
import { listen } from "./gateway/server.ts";
import { environmentOf } from "./lambda/environment.ts";
import { createFaults, type Faults } from "./lambda/faults.ts";
import { createPool, type FunctionPool, type Handled } from "./lambda/pool.ts";
import type { FunctionErrorShape, RecordedCall, Sabotage, Sabotaged } from "./lambda/protocol.ts";
import { credentials, physicalBuckets, physicalQueues, queueArn, REGION, tableName } from "./local-stage.ts";
import { openCheckpoints } from "./pollers/checkpoint.ts";
import { sendDiscarded } from "./pollers/discarded.ts";
import { type Disturbance, type Poller, startQueuePoller } from "./pollers/queue-poller.ts";
import { startStreamPoller } from "./pollers/stream-poller.ts";
import { openFolder } from "./state/folder.ts";
import { loadSecrets } from "./state/secrets.ts";
import { removeStackFile, writeStackFile } from "./state/stack-file.ts";

export type StackOptions = {
  /** Port of the API and the pages; 0 takes any free one (the default). */
  port?: number;
  /** Folder that keeps the data from start to start. Without it, or with `fresh`, a throw-away folder is used. */
  stateDir?: string;
  fresh?: boolean;
  /** Divides visibility, back-off and lease times. */
  timeScale?: number;
  /** Prints neither progress nor the functions' errors. */
  quiet?: boolean;
  /** Prints the functions' log lines too. */
  verbose?: boolean;
  /** Keeps every SDK call the functions make in `calls`. */
  record?: boolean;
  /** Told of every SDK call the functions make. */
  onCall?(call: RecordedCall): void;
  /** Told of every event that a function handled. */
  onHandled?(name: FunctionName, handled: Handled): void;
  /** File in which every step of every mail is written down the moment it happens. */
  journal?: string;
  /** Messages or changes per invocation, where it is not to be the deployed number. */
  batchSize?: number;
  /** How long a source waits for a full batch, in ms: the deployment has no such window, but under load its batches fill by themselves. */
  gatherMs?: number;
  /** Variables of the functions that differ from the local stage's. */
  environment?: Record<string, string>;
  /** Modules that were built before; the others are built now. Saves the building where stacks are started again and again. */
  bundles?: Partial<Record<FunctionName, string>>;
  /** Asked before each invocation what is to go wrong in it. */
  sabotage?(name: FunctionName, event: unknown, requestId: string): readonly Sabotage[];
  /** Told what did go wrong because of `sabotage`. */
  onSabotaged?(sabotaged: Sabotaged): void;
  /** Asked for each batch of a queue what becomes of it on its way to the function. */
  disturb?(queue: QueueName, messages: Message[]): Disturbance;
  /** Called once when a part that everything needs has ended by itself. */
  onBroken?(reason: string): void;
  print?(line: string): void;
};

export type Stack = {
  url: string;
  /** Folder with the data and `logs/functions.log`. */
  folder: string;
  /** The tables and queues as any other AWS client sees them. */
  endpoints: { dynamodb: string; sqs: string; s3: string; ses: string; jwks: string };
  table: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  queueUrls: Record<string, string>;
  buckets: Record<string, string>;
  /** Makes calls fail and environments die. */
  faults: Faults;
  /** With `record`: what the functions asked of AWS, in order. */
  calls: RecordedCall[];
  /** Runs a function as an event source would, past the gateway and the queues. */
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
  /** Stops everything that was started, within 5 seconds. */
  stop(): Promise<void>;
};

/** Shared by all stacks: what was built once and has not changed is not built again. */
const BUILD_FOLDER = join(repositoryRoot, ".build");
/** Environments at the same time on a machine that also runs everything else. */
const API_ENVIRONMENTS = 4;
const CONSUMER_ENVIRONMENTS = 2;
/** How long running events may take to finish when the stack stops. */
const FINISH_MS = 1500;

const apiFunctions = new Set<FunctionName>(routes.map((route) => route.function));
const allFunctions = Object.keys(functions) as FunctionName[];
const localConcurrency = (queue: QueueName) => Math.min(queues[queue].maxConcurrency, CONSUMER_ENVIRONMENTS);

/**
 * Starts the stack and returns when it answers requests.
 * @throws StartError when this machine lacks something, the port is taken or the folder is in use
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { timeScale = 1, quiet = false, verbose = false, record = false } = options;
  const print = options.print ?? ((line: string) => console.log(line));
  const say = (line: string) => {
    if (!quiet) print(line);
  };
  const step = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const started = Date.now();
    const result = await work;
    say(`  ${what} … ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return result;
  };

  /** What is to be undone, newest first. */
  const undo: (() => Promise<void> | void)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      for (const action of undo.reverse()) await action();
    })();
    return stopped;
  };

  try {
    const folder = await openFolder(options);
    undo.push(() => folder.release());
    const server = await listen(options.port ?? 0);
    undo.push(() => server.stop());
    const url = `http://${LOOPBACK}:${server.port}`;
    folder.lock.setUrl(url);
    const inMemory = options.fresh === true || options.stateDir === undefined;

    const log = openLog(folder.path, verbose ? print : undefined);
    undo.push(() => log.close());

    const starting = {
      dynamodb: step("DynamoDB Local", startDynamoDb(join(folder.path, "dynamodb"), inMemory)).then((started) => {
        if (started.pid) folder.lock.addChild(started.pid);
        return started;
      }),
      aws: step("queues, buckets, mail", startAws({ folder: inMemory ? undefined : folder.path, timeScale })),
      issuer: step("token issuer", startIssuer(folder.path)),
    };
    undo.push(() => stopAll(Object.values(starting)));
    const building = step("functions built", Promise.all([buildAll(options.bundles ?? {}), bundleWorker(BUILD_FOLDER)]));
    // Wait for all of them, so that what did start is stopped when another did not.
    await Promise.allSettled([...Object.values(starting), building]);
    const [dynamodbLocal, aws, issuer, [bundles, worker]] = await Promise.all([starting.dynamodb, starting.aws, starting.issuer, building]);
    dynamodbLocal.onExit((code) => options.onBroken?.(`DynamoDB Local ended by itself, exit code ${code}`));

    const client = { region: REGION, credentials };
    const dynamodb = new DynamoDBClient({ ...client, endpoint: dynamodbLocal.endpoint });
    const streams = new DynamoDBStreamsClient({ ...client, endpoint: dynamodbLocal.endpoint });
    const sqs = new SQSClient({ ...client, endpoint: aws.endpoints.sqs });
    undo.push(() => {
      for (const each of [dynamodb, streams, sqs]) each.destroy();
    });

    const faults = createFaults();
    const calls: RecordedCall[] = [];
    const endpoints = { dynamodb: dynamodbLocal.endpoint, ...aws.endpoints, jwks: issuer.jwksUri };
    const resources = { apiUrl: url, queueUrl: aws.queueUrl, secrets: loadSecrets(folder.path), endpoints, timeScale };
    const pools = new Map<FunctionName, FunctionPool>();
    for (const name of allFunctions) {
      const pool = createPool({
        name,
        bundle: bundles[name],
        worker,
        env: { ...environmentOf(name, resources), ...options.environment },
        timeoutSeconds: functions[name].timeoutSeconds,
        memoryMb: functions[name].memoryMb,
        size: environmentsOf(name),
        faults: faults.memory,
        record: record || options.onCall !== undefined,
        journal: options.journal,
        onLog: log.write,
        onError: (failed, error) => reportError(failed, error, say),
        onCall(call) {
          if (record) calls.push(call);
          options.onCall?.(call);
        },
        onHandled: (handler, handled) => options.onHandled?.(handler, handled),
        sabotage: (event, requestId) => options.sabotage?.(name, event, requestId) ?? [],
        onSabotaged: (sabotaged) => options.onSabotaged?.(sabotaged),
      });
      pools.set(name, pool);
      undo.push(() => pool.close());
    }
    const invoke = (name: FunctionName, event: unknown) => {
      const pool = pools.get(name);
      return pool ? pool.invoke(event) : Promise.reject(new Error(`no such function: ${name}`));
    };
    const [streamArn] = await Promise.all([step("table", createTable(dynamodb)), step("functions warm", warmAll([...pools.values()]))]);

    const consoleOf = createConsole({ aws, dynamodb, sqs, issuer, faults });
    const own = [url, url.replace(LOOPBACK, "localhost")];
    const gateway = createGateway({ cors: createCors(own), authorise: createAuthoriser(issuer.jwksUri), invoke });
    server.serve(async (request) => (await consoleOf(request)) ?? gateway(request));

    const { batchSize, gatherMs, disturb } = options;
    const parts = { sqs, aws, invoke, onError: say, batchSize, gatherMs };
    const pollers = [
      ...queuePollers({ ...parts, disturb }),
      ...streamPollers({ ...parts, streams, streamArn, folder: folder.path, timeScale }),
      startTimeToLive({ dynamodb, onError: say }),
    ];
    undo.push(() => within(FINISH_MS, Promise.all(pollers.map((poller) => poller.stop()))));

    const stack: Stack = {
      url,
      folder: folder.path,
      endpoints,
      table: tableName,
      region: REGION,
      credentials,
      queueUrls: Object.fromEntries(Object.entries(physicalQueues).map(([component, physical]) => [component, aws.queueUrl(physical)])),
      buckets: physicalBuckets,
      faults,
      calls,
      invoke,
      stop,
    };
    writeStackFile(stack);
    undo.push(() => removeStackFile(folder.path));
    return stack;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopAll(parts: Promise<{ stop(): Promise<void> }>[]): Promise<void> {
  await Promise.all(parts.map(async (part) => (await part.catch(() => undefined))?.stop()));
}

async function buildAll(built: Partial<Record<FunctionName, string>>): Promise<Record<FunctionName, string>> {
  const bundles = allFunctions.map(async (name) => [name, built[name] ?? (await bundleFunction(name, BUILD_FOLDER)).file] as const);
  return Object.fromEntries(await Promise.all(bundles)) as Record<FunctionName, string>;
}

/** As many at a time as there are cores: all at once, they only get in each other's way. */
async function warmAll(pools: FunctionPool[]): Promise<void> {
  const waiting = [...pools];
  const warmNext = async (): Promise<void> => {
    for (let pool = waiting.shift(); pool; pool = waiting.shift()) await pool.warm();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, warmNext));
}

function environmentsOf(name: FunctionName): number {
  if (apiFunctions.has(name)) return API_ENVIRONMENTS;
  if (name in streamReaders) return streamReaders[name as StreamReaderName].parallelization;
  return CONSUMER_ENVIRONMENTS;
}

type PollerParts = {
  sqs: SQSClient;
  aws: AwsLocal;
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
  onError(line: string): void;
  batchSize: number | undefined;
  gatherMs: number | undefined;
};

function queuePollers(parts: PollerParts & { disturb: StackOptions["disturb"] | undefined }): Poller[] {
  const { sqs, aws, invoke, onError, batchSize, gatherMs, disturb } = parts;
  return (Object.keys(queues) as QueueName[]).map((queue) => {
    const physical = physicalQueues[queue] ?? queue;
    return startQueuePoller({
      sqs,
      queueUrl: aws.queueUrl(physical),
      queueArn: queueArn(physical),
      batchSize: batchSize ?? queues[queue].batchSize,
      ...(gatherMs && { gather: { ms: gatherMs, depth: async () => (await aws.depths())[queue]?.depth ?? 0 } }),
      concurrency: localConcurrency(queue),
      invoke: (event) => invoke(queues[queue].consumer, event),
      onError: (message) => onError(`  ${queue}: ${message}`),
      ...(disturb && { disturb: (messages) => disturb(queue, messages) }),
    });
  });
}

function streamPollers(
  parts: PollerParts & {
    streams: DynamoDBStreamsClient;
    streamArn: string;
    folder: string;
    timeScale: number;
  },
): Poller[] {
  const { streams, streamArn, sqs, aws, folder, timeScale, invoke, onError } = parts;
  const deadLetterUrl = aws.queueUrl(physicalQueues[changesDeadLetterQueue.component] ?? "");
  return (Object.keys(streamReaders) as StreamReaderName[]).map((name) =>
    startStreamPoller({
      streams,
      streamArn,
      checkpoints: openCheckpoints(folder, name),
      ...streamReaders[name],
      batchSize: parts.batchSize ?? streamReaders[name].batchSize,
      gatherMs: parts.gatherMs,
      timeScale,
      invoke: (event) => invoke(name, event),
      discard: (batch) => sendDiscarded(sqs, deadLetterUrl, name, batch),
      onError: (message) => onError(`  ${name}: ${message}`),
    }),
  );
}

function reportError(name: FunctionName, error: FunctionErrorShape, say: (line: string) => void) {
  say(`  ${name} failed: ${error.errorType}: ${error.errorMessage.split("\n")[0]}`);
}

/** The functions' own log, one JSON line each; `also` gets a copy of every line. */
function openLog(folder: string, also: ((line: string) => void) | undefined) {
  mkdirSync(join(folder, "logs"), { recursive: true });
  const file = createWriteStream(join(folder, "logs", "functions.log"), { flags: "a" });
  return {
    write(line: string) {
      if (!file.writableEnded) file.write(`${line}\n`);
      also?.(line);
    },
    close: () => new Promise<void>((resolve) => file.end(() => resolve())),
  };
}

/** Waits for the work, but no longer than the limit: what is not finished then is seen again at the next start. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
