/** A bundle alone: in an empty directory, in a fresh Node, with nothing but the given environment. */
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const runner = `
const [event] = process.argv.slice(2);
const { handler } = await import("./bundle.mjs");
const context = { functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, awsRequestId: "00000000-0000-4000-8000-000000000000", getRemainingTimeInMillis: () => 10000 };
const answer = await handler(JSON.parse(event), context);
process.stdout.write("\\nANSWER " + JSON.stringify(answer ?? null) + "\\n", () => process.exit(0));
`;

/** Invokes a bundle once. `folder` lies outside the repository; the empty directory is made in it. @returns the handler's answer */
export async function runAlone(bundle: string, event: unknown, { folder, env }: { folder: string; env: Record<string, string> }) {
  const empty = mkdtempSync(join(folder, `${basename(dirname(bundle))}-`));
  copyFileSync(bundle, join(empty, "bundle.mjs"));
  writeFileSync(join(empty, "run.mjs"), runner);
  mkdirSync(join(empty, "tmp"));
  const { stdout } = await promisify(execFile)(process.execPath, ["run.mjs", JSON.stringify(event)], { cwd: empty, env, timeout: 30_000 });
  if (existsSync(join(empty, "node_modules"))) throw new Error("the directory was not empty");
  return JSON.parse(stdout.split("\nANSWER ")[1]!);
}

/** An event as API Gateway (HTTP API, payload 2.0) delivers it. */
export const httpEvent = (method: string, path: string, options: { claims?: Record<string, string>; body?: string } = {}) => ({
  version: "2.0",
  routeKey: "$default",
  rawPath: path,
  rawQueryString: "",
  headers: { "content-type": "application/json", host: "orders.test" },
  requestContext: {
    http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
    domainName: "orders.test",
    requestId: "r",
    stage: "$default",
    ...(options.claims && { authorizer: { jwt: { claims: options.claims, scopes: null } } }),
  },
  body: options.body,
  isBase64Encoded: false,
});
