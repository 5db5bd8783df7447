/** Bundles `sst.config.ts` as the SST CLI does, and evaluates its `app()`. */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { platform, providerGlobals, root, work } from "./platform.ts";

export type App = {
  name: string;
  stage: string;
  home: string;
  removal: "remove" | "retain" | "retain-all";
  protect: boolean;
  providers: {
    aws: { region: string; allowedAccountIds?: string[]; forbiddenAccountIds?: string[]; defaultTags: { tags: Record<string, string> } };
  };
};

export type Program = { run: () => Promise<unknown>; dispose: () => void };

const configFile = path.join(root, "sst.config.ts");

// What the CLI leaves to the platform's own node_modules.
const external = ["@pulumi/*", "undici", "@pulumiverse/*", "@sst-provider/*", "@aws-sdk/*", "esbuild", "archiver", "glob", "vite"];

/** An ES module has no `require`, `__filename` and `__dirname`: the CommonJS parts get them. */
const commonJsBanner = [
  `import { createRequire as $createRequire } from "node:module";`,
  `import { fileURLToPath as $toPath } from "node:url";`,
  `const require = $createRequire(import.meta.url), __filename = $toPath(import.meta.url), __dirname = $toPath(new URL(".", import.meta.url));`,
].join("\n");

let serial = 0;

type BundleArgs = { code: string; banner?: string; define: Record<string, string>; inject?: string[]; globals?: string };

async function bundle({ code, banner = "", define, inject, globals }: BundleArgs): Promise<string> {
  const outfile = path.join(platform, `plan.${process.pid}.${serial++}.mjs`);
  await build({
    stdin: { contents: code, resolveDir: root, sourcefile: "eval.ts", loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    banner: { js: `${commonJsBanner}\n${banner}` },
    nodePaths: [path.join(platform, "node_modules")],
    external,
    define,
    inject,
    logLevel: "silent",
    absWorkingDir: root,
    plugins: [
      {
        name: "refuse-top-level-imports",
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, (args) =>
            !globals && args.importer === configFile && args.kind === "import-statement"
              ? { errors: [{ text: "sst.config.ts must not have top-level imports" }] }
              : undefined,
          );
        },
      },
      {
        name: "inject-globals",
        setup({ onLoad }) {
          onLoad({ filter: /\.[jt]sx?$/ }, (args) =>
            globals && !args.path.startsWith(work)
              ? { contents: `${globals}\n${readFileSync(args.path, "utf8")}`, loader: "default" }
              : undefined,
          );
        },
      },
    ],
  });
  return outfile;
}

/** SST's `app()` for a stage, completed with the CLI's defaults. */
export async function evaluateApp(stage: string): Promise<App> {
  const file = await bundle({
    code: `import config from ${JSON.stringify(configFile)}; export default await config.app({ stage: $input.stage });`,
    banner: "function $config(input) { return input }",
    define: { $input: JSON.stringify({ stage }) },
  });
  const { default: app } = (await import(pathToFileURL(file).href)) as { default: App };
  rmSync(file, { force: true });
  const tags = { ...app.providers.aws.defaultTags.tags, "sst:app": app.name, "sst:stage": stage };
  return { ...app, stage, providers: { ...app.providers, aws: { ...app.providers.aws, defaultTags: { tags } } } };
}

/** The whole program with SST's globals, ready to run. */
export async function bundleProgram(app: App, command: "deploy" | "diff", live: boolean): Promise<Program> {
  const file = await bundle({
    code: `
      import { run } from ${JSON.stringify(path.join(platform, "src/auto/run.ts"))};
      import config from ${JSON.stringify(configFile)};
      export default () => run(config.run);`,
    define: {
      $app: JSON.stringify(app),
      $cli: JSON.stringify({
        command,
        dev: live,
        paths: { home: path.join(work, "home"), root, work, platform },
        state: { version: {} },
      }),
      $dev: String(live),
    },
    inject: [path.join(platform, "src/shim/run.js")],
    globals: [
      ...providerGlobals().map((provider) => `import * as ${provider.alias} from "${provider.package}";`),
      `import * as sst from ${JSON.stringify(path.join(platform, "src/components"))};`,
    ].join(""),
  });
  const { default: run } = (await import(pathToFileURL(file).href)) as { default: () => Promise<unknown> };
  return { run, dispose: () => rmSync(file, { force: true }) };
}
