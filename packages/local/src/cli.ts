/** `npm start`: the whole service on this machine. */
import { parseArgs } from "node:util";
import { StartError } from "./errors.ts";

const HELP = `npm start -- [options]

Runs the BBWS order service on this machine: DynamoDB, queues, buckets, mail, token issuer, all functions.

  --port N         port of the API and the pages (default: PORT or 3000; 0 takes any free one)
  --state DIR      folder that keeps the data (default: .local)
  --fresh          start empty on a throw-away folder
  --time-scale N   divide visibility, back-off and lease times by N
  --verbose        print the functions' log lines
  --help           this text

Everything listens on 127.0.0.1. Ctrl-C stops it.`;

// As in Lambda; the functions' threads share this setting.
process.env.TZ = "UTC";

try {
  await main();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) {
    console.log(HELP);
    return;
  }
  const started = Date.now();
  console.log("starting the BBWS order service");
  const [{ startStack }, { releaseBuilder }] = await Promise.all([import("./stack.ts"), import("./bundle.ts")]);

  let stopping = false;
  let starting: ReturnType<typeof startStack> | undefined;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    // The promise is kept: within five seconds nothing is left running.
    setTimeout(() => process.exit(code), 4500).unref();
    // What has begun to start is stopped when it has started.
    await (await starting?.catch(() => undefined))?.stop();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      console.log("stopping");
      void stop(0);
    });
  }
  starting = startStack({
    ...options,
    onBroken(reason) {
      if (stopping) return;
      console.error(reason);
      void stop(1);
    },
  });
  const stack = await starting;
  await releaseBuilder();
  if (stopping) return;
  console.log(`
  API        ${stack.url}/v1.0/orders
  reference  ${stack.url}/docs
  inbox      ${stack.url}/inbox
  queues     ${stack.url}/_local/queues
  DynamoDB   ${stack.endpoints.dynamodb}  table ${stack.table}
  SQS, S3    ${stack.endpoints.sqs}
  data, logs ${stack.folder}
  up after ${((Date.now() - started) / 1000).toFixed(1)} s, Ctrl-C stops it
`);
  console.log(`ready ${stack.url}`);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string" },
        state: { type: "string" },
        fresh: { type: "boolean", default: false },
        "time-scale": { type: "string" },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const port = wholeNumber("--port", values.port ?? process.env.PORT ?? "3000", 0, 65_535);
    const timeScale = wholeNumber("--time-scale", values["time-scale"] ?? "1", 1, 1000);
    return { port, timeScale, stateDir: values.state ?? ".local", fresh: values.fresh, verbose: values.verbose, help: values.help };
  } catch (error) {
    throw error instanceof StartError ? error : new StartError(`${(error as Error).message} (see --help)`);
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new StartError(`${name} must be a whole number from ${least} to ${most}, not "${text}" (see --help)`);
}
