/** The SST CLI's side of the conversation: its components ask it, over JSON-RPC, to bootstrap a region and to build a function. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { build as esbuild } from "esbuild";
import { root, work } from "./platform.ts";

/** What SST asked to be built for one function. */
export type Build = {
  handler: string;
  runtime: string;
  /** The source file behind `handler`; undefined when there is none. */
  source: string | undefined;
  /** What that file exports. */
  exports: string[];
  /** The names of the linked resources. */
  links: string[];
  /** `nodejs` of the function: bundling options. */
  properties: Record<string, unknown>;
};

type BuildRequest = {
  functionID: string;
  handler: string;
  runtime: string;
  links: Record<string, unknown>;
  properties: Record<string, unknown>;
};

export type Cli = { url: string; builds: Record<string, Build>; close: () => void };

export async function startCli(account: string): Promise<Cli> {
  const builds: Record<string, Build> = {};
  const methods: Record<string, (input: never) => Promise<unknown>> = {
    "Provider.Aws.Bootstrap": async ({ region }: { region: string }) => ({
      version: 5,
      asset: `sst-asset-${region}`,
      state: `sst-state-${region}`,
      assetEcrRegistryId: account,
      assetEcrUrl: `${account}.dkr.ecr.${region}.amazonaws.com/sst-asset`,
      appsyncHttp: "appsync.test",
      appsyncRealtime: "appsync-realtime.test",
    }),
    "Provider.Aws.Appsync": async () => ({ http: "appsync.test", realtime: "appsync-realtime.test" }),
    "Runtime.AddTarget": async () => true,
    "Runtime.Build": async (request: BuildRequest) => {
      builds[request.functionID] = await inspect(request);
      return placeholderArtefact(request);
    },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", async () => {
      const { method, params } = JSON.parse(body) as { method: string; params: never[] };
      const answer = methods[method];
      if (!answer) return response.end(JSON.stringify({ result: null, error: `rpc: can't find method ${method}` }));
      try {
        response.end(JSON.stringify({ result: await answer(params[0]!), error: null }));
      } catch (error) {
        response.end(JSON.stringify({ result: null, error: String(error) }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, builds, close: () => server.close() };
}

/** Finds the handler's file and reads its exports, without bundling: test/bundle builds and starts the real artefact. */
async function inspect(request: BuildRequest): Promise<Build> {
  const { dir, name } = path.parse(request.handler);
  const source = [".ts", ".tsx", ".mts", ".js", ".mjs"]
    .map((extension) => path.join(dir, name + extension))
    .find((file) => existsSync(path.join(root, file)));
  const common = {
    handler: request.handler,
    runtime: request.runtime,
    links: Object.keys(request.links).sort(),
    properties: request.properties,
  };
  if (!source) return { ...common, source, exports: [] };
  const result = await esbuild({
    entryPoints: [source],
    absWorkingDir: root,
    bundle: false,
    write: false,
    metafile: true,
    format: "esm",
    outdir: "out",
    logLevel: "silent",
  });
  return { ...common, source, exports: Object.values(result.metafile.outputs).flatMap((output) => output.exports) };
}

/** SST zips what a build returns: an empty module will do, the code is not what is proven here. */
function placeholderArtefact({ functionID, handler }: BuildRequest) {
  const out = path.join(work, "plan-artifacts", String(process.pid), functionID);
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, "bundle.mjs"), "");
  return { out, handler: `bundle${path.extname(handler)}`, errors: [], sourcemaps: [] };
}
