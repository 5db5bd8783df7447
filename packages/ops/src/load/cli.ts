/** `npm run load`: many orders against any base URL. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { isOrderClientError } from "@bbws/order-client";
import { exitCode } from "../exit-code.ts";
import { columns, facts, paragraphs } from "../output.ts";
import { type LoadReport, measures, type Progress, runLoad } from "./load.ts";
import { picture, text } from "./picture.ts";

const HELP = `npm run load -- [options]

Places orders as fast as the service takes them and follows them to their document and mail. Afterwards it looks whether
anything was lost, doubled or misnumbered. On a deployed stage the orders are real: they go to SES's simulator and expire
unpaid after seven days.

  --orders N        how many (default 100)
  --concurrency C   how many at a time (default 8)
  --url BASE        the service (default http://127.0.0.1:3000, the one-machine stack of npm start)
  --token TOKEN     the ordering tenant's token, on a deployed stage (default BBWS_TOKEN; without one guests order)
  --follow N        orders looked at one by one for the times to record and document (default 25:
                    too few for a p99, which then is the slowest)
  --picture FILE    where the distribution is drawn (default .build/load.svg)
  --timeout S       seconds to wait for the last mail (default 600)
  --json            print JSON
  --help            this text

Exit code 0: all is well; 3: something is not; 1: it did not work; 2: the command line is wrong.`;

/** Where no terminal shows a line that changes: a line of its own so often. */
const LINE_EVERY_MS = 10_000;

await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (!options) return;
  const live = process.stderr.isTTY && !options.json;
  let nextLineMs = LINE_EVERY_MS;
  try {
    const { report, samples } = await runLoad({
      ...options,
      onProgress: (progress) => {
        if (live) process.stderr.write(`\r\u001b[2K${progressText(progress)}`);
        else if (!process.stderr.isTTY && progress.elapsedMs >= nextLineMs) {
          nextLineMs += LINE_EVERY_MS;
          process.stderr.write(`${progressText(progress)}\n`);
        }
      },
    });
    if (live) process.stderr.write("\r\u001b[2K");
    mkdirSync(dirname(options.picture), { recursive: true });
    const title = `${report.orders} orders, ${report.concurrency} at a time: ms from the create to …`;
    writeFileSync(options.picture, picture(title, Object.fromEntries(measures.map((measure) => [measure, samples[measure]]))));
    console.log(options.json ? JSON.stringify(report, undefined, 2) : reportText(report, options.picture));
    process.exitCode = report.problems.length === 0 ? exitCode.ok : exitCode.notClean;
  } catch (error) {
    const { message, cause } = error as Error;
    // The client's word for silence, or fetch's own.
    const unreachable = isOrderClientError(error, "NETWORK_ERROR") || error instanceof TypeError;
    const hint = unreachable ? `; is ${options.url} there? npm start starts the one-machine stack` : "";
    console.error(`${message}${cause instanceof Error ? ` (${cause.message})` : ""}${hint}`);
    process.exitCode = exitCode.failed;
  }
}

const progressText = ({ accepted, mailed, documented, of, elapsedMs }: Progress) =>
  `${text(elapsedMs)}: ${accepted} of ${of} accepted, ${mailed} mailed, ${documented} read back`;

function reportText(report: LoadReport, file: string): string {
  const { latency, rate, memory, numbers, problems } = report;
  const rows = measures.flatMap((measure) => {
    const spread = latency[measure];
    return spread ? [[measure, spread.count, ...[spread.p50, spread.p95, spread.p99, spread.most].map(text)]] : [];
  });
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return paragraphs(
    `${report.orders} orders to ${report.url} (${report.stage}), ${report.concurrency} at a time, in ${text(report.elapsedMs)}`,
    columns(["create to …", "orders", "p50", "p95", "p99", "most"], rows, [1, 2, 3, 4, 5]),
    facts([
      ["accepted", `${rate.accepted.toFixed(1)} a second`],
      ["through to the last mail", rate.mailed === undefined ? undefined : `${rate.mailed.toFixed(1)} a second`],
      ["creates sent again", report.repeats],
      ["order numbers", numbers && `${numbers.first} to ${numbers.last}`],
      [
        "memory of the stack",
        memory && `${mb(memory.first)} at first, ${mb(memory.most)} at most; second quarter ${mb(memory.second)}, last ${mb(memory.last)}`,
      ],
      ["picture", file],
    ]),
    problems.length === 0 ? "nothing lost, doubled or misnumbered" : problems.map((problem) => `NOT WELL: ${problem}`).join("\n"),
    report.unchecked.map((what) => `not checked: ${what}`).join("\n"),
  );
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        orders: { type: "string", default: "100" },
        concurrency: { type: "string", default: "8" },
        url: { type: "string", default: "http://127.0.0.1:3000" },
        token: { type: "string" },
        follow: { type: "string", default: "25" },
        picture: { type: "string", default: ".build/load.svg" },
        timeout: { type: "string", default: "600" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return undefined;
    }
    return {
      orders: whole("--orders", values.orders, 1),
      concurrency: whole("--concurrency", values.concurrency, 1),
      follow: whole("--follow", values.follow, 0),
      timeoutMs: whole("--timeout", values.timeout, 1) * 1000,
      url: originOf(values.url),
      token: values.token ?? process.env.BBWS_TOKEN,
      picture: values.picture,
      json: values.json,
    };
  } catch (error) {
    console.error(`${(error as Error).message} (see --help)`);
    process.exitCode = exitCode.usage;
    return undefined;
  }
}

function whole(name: string, value: string, least: number): number {
  if (/^\d{1,7}$/.test(value) && Number(value) >= least) return Number(value);
  throw new Error(`${name} must be a whole number from ${least}, not "${value}"`);
}

function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHttp = parsed?.protocol === "https:" || parsed?.protocol === "http:";
  if (!isHttp) throw new Error(`${url} is not an http(s) URL`);
  if (parsed.pathname !== "/" || parsed.search !== "")
    throw new Error(`${url} names more than a service, like https://host or http://host:port`);
  return parsed.origin;
}
