import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { OAuth2Server } from "oauth2-mock-server";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verdictOf } from "../../.github/scripts/audit.ts";
import { bundleHashes } from "../../.github/scripts/bundle-hashes.ts";
import { check, mark, previous } from "../../.github/scripts/green.ts";
import { review } from "../../.github/scripts/licences.ts";
import { releaseNotes } from "../../.github/scripts/release-notes.ts";
import { smokeToken } from "../../.github/scripts/smoke-token.ts";
import { ringing, watch } from "../../.github/scripts/watch-alarms.ts";
import { stageOf } from "../../infra/stage.ts";
import { root } from "./harness/platform.ts";

const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
const script = (name: string) => path.join(root, ".github/scripts", name);

/** Runs a program to its end, without holding this process up: it may ask a server that listens here. */
async function run(file: string, args: string[], { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {}) {
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, said: Buffer.concat(chunks).toString().trim() };
}

/** A folder of its own for a test; the programs given in it come first in `path`, and note how they were called in `calls`. */
function bench(programs: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "scripts-"));
  const calls = path.join(folder, "calls");
  for (const [name, then] of Object.entries(programs)) {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/usr/bin/env bash\necho "${name} $*" >> "${calls}"\n${then}\n`);
    chmodSync(file, 0o755);
  }
  folders.push(folder);
  return {
    folder,
    env: { PATH: `${folder}:${process.env.PATH}`, RUNNER_TEMP: folder, GITHUB_OUTPUT: path.join(folder, "output") },
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
    output: () => readFileSync(path.join(folder, "output"), "utf8").trim(),
  };
}
const folders: string[] = [];

/** Environment of a program to which an address of the internet leads to this machine. */
function leading(from: string, to: string): Record<string, string> {
  const redirect = `const ask = fetch; globalThis.fetch = (url, request) => ask(String(url).replace("${from}", "${to}"), request);`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(redirect)}` };
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("green commits", () => {
  let repository: string;
  const commit = (subject: string) => {
    git("commit", "--allow-empty", "--quiet", "--message", subject);
    return git("rev-parse", "HEAD");
  };

  beforeAll(() => {
    repository = mkdtempSync(path.join(tmpdir(), "green-"));
    process.chdir(repository);
    git("init", "--quiet", "--initial-branch=main");
    git("config", "user.name", "test");
    git("config", "user.email", "test@example.com");
    // What a fetch of the remote's main would bring.
    git("update-ref", "refs/remotes/origin/main", commit("Root"));
  });
  afterAll(() => {
    process.chdir(root);
    rmSync(repository, { recursive: true, force: true });
  });

  it("are known by a tag that holds their bundles' hashes; other bundles or another stage are refused", () => {
    const first = commit("First");
    const hashes = { CreateOrder: "aa", GetOrder: "bb" };
    const tag = mark("dev", first, hashes, new Date("2026-01-02T03:04:05Z"));
    expect(tag).toBe(`dev/20260102-0304-${first.slice(0, 7)}`);
    expect(check("dev", first, hashes)).toBe(tag);
    expect(() => check("sit", first, hashes)).toThrow(/was never green on sit/);
    expect(() => check("dev", first, { CreateOrder: "aa", GetOrder: "cc" })).toThrow(/bundles differ .*: GetOrder$/);
    expect(() => check("dev", first, { CreateOrder: "aa" })).toThrow(/bundles differ .*: GetOrder$/);
  });

  it("are found again for a rollback, and named in the release notes", () => {
    const before = mark("prod", git("rev-parse", "HEAD"), {}, new Date("2026-01-01T09:00:00Z"));
    const now = commit("Second");
    git("update-ref", "refs/remotes/origin/main", now);
    mark("prod", now, {}, new Date("2026-02-01T09:00:00Z"));
    expect(previous("prod", now)).toBe(before);
    expect(releaseNotes(before, now)).toMatch(new RegExp(`## Since ${before}\\n\\n- Second \\([0-9a-f]{7,}\\)`));
    const back = script("checkout-previous.sh");
    expect(execFileSync(back, ["prod"], { encoding: "utf8" }).trim()).toBe(before);
    expect(git("rev-parse", "HEAD")).toBe(git("rev-list", "-n", "1", before));
    expect(() => execFileSync(back, ["sit"], { stdio: "pipe" })).toThrow(/no earlier green tag/);
  });

  it("are checked out only if they were ever on main", () => {
    const checkout = script("checkout-on-main.sh");
    const merged = git("rev-parse", "origin/main");
    const aside = commit("On a branch");
    expect(() => execFileSync(checkout, [aside], { stdio: "pipe" })).toThrow(/was never on main: merge it first/);
    expect(() => execFileSync(checkout, ["refs/tags/prod/none"], { stdio: "pipe" })).toThrow(/no commit or tag "refs\/tags\/prod\/none"/);
    expect(git("rev-parse", "HEAD")).toBe(aside);
    expect(execFileSync(checkout, [merged.slice(0, 12)], { encoding: "utf8" }).trim()).toBe(merged);
    expect(git("rev-parse", "HEAD")).toBe(merged);
  });

  it("are rolled back to by a tag of the stage that is there", () => {
    const tagOf = (stage: string, tag: string) =>
      execFileSync(script("tag-of-stage.sh"), [stage, tag], { encoding: "utf8", stdio: "pipe" }).trim();
    const tag = previous("prod", "HEAD^{/Root}");
    expect(tagOf("prod", tag)).toBe(git("rev-parse", `${tag}^{commit}`));
    expect(() => tagOf("sit", tag)).toThrow(/is no tag of sit: they begin with sit\//);
    expect(() => tagOf("prod", "prod/20200101-0900-1a2b3c4")).toThrow(/there is no tag "prod\/20200101/);
    expect(() => tagOf("prod", "production/1")).toThrow(/is no tag of prod/);
  });

  it("have nothing to go back to on the first release", () => {
    expect(() => previous("sit", "HEAD")).toThrow(/no earlier green tag/);
    expect(releaseNotes(undefined, "HEAD")).toContain("## First release");
  });
});

describe("a deploy", () => {
  const commit = () => git("-C", root, "rev-parse", "HEAD");

  it("goes through the guarded command, publishes the templates and proves the stage and its commit from outside", async () => {
    const { env, calls } = bench({ npm: "" });
    expect(await run(script("deploy.sh"), ["sit"], { env })).toMatchObject({ code: 0 });
    expect(calls()).toEqual([
      "npm run deploy -- --stage sit",
      "npm run templates -- publish --stage sit --after-deploy",
      `npm run --silent smoke -- https://orders-api.sit.kimmyai.io --commit ${commit()} --json`,
    ]);
  });

  it("stops where it fails", async () => {
    const smokeless = bench({ npm: 'case "$*" in *smoke*) exit 1;; esac' });
    expect((await run(script("deploy.sh"), ["prod"], { env: smokeless.env })).code).toBe(1);
    expect(smokeless.calls()).toHaveLength(3);
    const refused = bench({ npm: "exit 1" });
    expect((await run(script("deploy.sh"), ["prod"], { env: refused.env })).code).toBe(1);
    expect(refused.calls()).toEqual(["npm run deploy -- --stage prod"]);
  });

  it("needs a stage that has an address", async () => {
    const { env, calls } = bench({ npm: "" });
    const { code, said } = await run(script("deploy.sh"), ["ada"], { env });
    expect([code, said]).toEqual([1, 'stage "ada" has no host name of its own']);
    expect(calls()).toEqual([]);
  });

  it("tells afterwards whether the stage was touched, which a refused one was not", async () => {
    const refused = bench();
    expect(await run(process.execPath, [path.join(root, "infra/cli/deploy.ts"), "--stage", "prod"], { env: refused.env })).toMatchObject({
      code: 1,
      said: expect.stringContaining("is still a placeholder"),
    });
    await run(script("touched.sh"), [], { env: refused.env });
    expect(refused.output()).toBe("touched=false");
    const begun = bench();
    writeFileSync(path.join(begun.folder, "touched"), "");
    await run(script("touched.sh"), [], { env: begun.env });
    expect(begun.output()).toBe("touched=true");
  });

  it("is of the attempt that was approved: failed jobs that are run again are not approved again", async () => {
    const approved = (attempt: string, now: string) => run(script("approved-now.sh"), [attempt], { env: { GITHUB_RUN_ATTEMPT: now } });
    expect(await approved("1", "1")).toEqual({ code: 0, said: "" });
    expect(await approved("1", "2")).toEqual({
      code: 1,
      said: expect.stringMatching(/^attempt 1 was approved, this is attempt 2: re-run all/),
    });
    expect((await approved("", "1")).code).toBe(1);
  });

  it("of the standby deploys it and nothing else: its data and its host name are prod's", async () => {
    const { env, calls } = bench({ npm: "" });
    expect((await run(script("deploy-standby.sh"), [], { env })).code).toBe(0);
    expect(calls()).toEqual(["npm run deploy -- --stage prod-dr"]);
  });
});

describe("the token of a smoke", () => {
  const client = { id: "smoke", secret: "a secret: of +/ signs" };
  let server: OAuth2Server;
  /** What the issuer is asked, and what it makes of the client. */
  let authorization: string | undefined;
  let claims: Record<string, unknown>;

  beforeAll(async () => {
    server = new OAuth2Server();
    await server.issuer.keys.generate("RS256");
    await server.start(0, "127.0.0.1");
    server.service.on("beforeTokenSigning", ({ payload }, { headers }) => {
      authorization = headers.authorization;
      Object.assign(payload, { client_id: client.id }, claims);
    });
    server.service.on("beforeResponse", (response) => {
      if (authorization !== `Basic ${btoa("smoke:a%20secret%3A%20of%20%2B%2F%20signs")}`)
        Object.assign(response, { statusCode: 401, body: { error: "invalid_client" } });
    });
  });
  afterAll(() => server.stop());

  const token = (audiences = ["portal", "smoke"], secret = client.secret) =>
    smokeToken({ issuer: server.issuer.url!, audiences }, { ...client, secret });

  it("is a customer's of one tenant, for the client that the issuer keeps", async () => {
    claims = { "custom:tenantId": "smoke-test" };
    const [, payload = ""] = (await token()).split(".");
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({ client_id: "smoke", "custom:tenantId": "smoke-test" });
  });

  it.each<[string, Record<string, unknown>, string[] | undefined, string | undefined, RegExp]>([
    ["a wrong secret", { "custom:tenantId": "smoke-test" }, undefined, "another", /\/token answered 401: .*invalid_client/],
    [
      "a client that the stage does not know",
      { "custom:tenantId": "smoke-test" },
      ["portal"],
      undefined,
      /is for smoke, which infra\/stage/,
    ],
    ["a client without a tenant", {}, undefined, undefined, /names no tenant/],
    ["a client of two tenants", { "custom:tenantIds": ["a", "b"] }, undefined, undefined, /names several tenants/],
    ["a client that only confirms payments", { "custom:tenantId": "a", "custom:roles": "System" }, undefined, undefined, /may not do this/],
  ])("is refused to %s, and says why", async (_, named, audiences, secret, reason) => {
    claims = named;
    await expect(token(audiences, secret)).rejects.toThrow(reason);
  });

  /** The deploy script with a client, where the issuer of dev is this one. */
  async function deployDev(secret: string, { rollBack = false } = {}) {
    const { env, calls } = bench({
      npm: rollBack
        ? 'test -z "$BBWS_TOKEN"'
        : 'case "$*" in *smoke*) test -n "$BBWS_TOKEN";; *contract*) test "$BASE_URL" = https://orders-api.dev.kimmyai.io;; *) test -z "${BBWS_TOKEN+set}${SMOKE_CLIENT_ID+set}${SMOKE_CLIENT_SECRET+set}";; esac',
    });
    return {
      ...(await run(script("deploy.sh"), ["dev"], {
        env: {
          ...env,
          ...leading(stageOf("dev").token.issuer, server.issuer.url!),
          SMOKE_CLIENT_ID: client.id,
          SMOKE_CLIENT_SECRET: secret,
          ...(rollBack && { ROLL_BACK: "true" }),
        },
      })),
      calls: calls(),
    };
  }

  it("goes along with the smoke of a deploy, and with nothing before it", async () => {
    claims = { client_id: "bbws-portal-dev", "custom:tenantId": "smoke-test" };
    const { code, calls } = await deployDev(client.secret);
    expect([code, calls.length]).toEqual([0, 4]);
    expect(calls.at(-1)).toBe("npm run --silent test:contract");
  });

  it("stops a deploy before anything is changed when the issuer refuses it", async () => {
    const { code, said, calls } = await deployDev("another");
    expect([code, said, calls]).toEqual([1, expect.stringMatching(/^no token for the smoke of dev: .* answered 401/), []]);
  });

  it("stops no rollback, which goes first, is smoked as a guest, and is red afterwards", async () => {
    const { code, said, calls } = await deployDev("another", { rollBack: true });
    expect(calls.map((call) => /run deploy|publish|smoke|contract/.exec(call)?.[0])).toEqual([
      "run deploy",
      "publish",
      "smoke",
      "contract",
    ]);
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/^no token for the smoke of dev: [\s\S]*dev is rolled back, but was smoked as a guest/),
    ]);
  });

  it("is not needed: without a client the smoke orders as a guest", async () => {
    expect(await run(process.execPath, [script("smoke-token.ts"), "--stage", "sit"])).toEqual({
      code: 0,
      said: "no client for the smoke of sit: it orders as a guest, and tells what it did not see",
    });
  });
});

describe("the scripts", () => {
  it.each(globSync(".github/scripts/*", { cwd: root }).map((file) => path.basename(file)))("are run by a test here: %s", (name) => {
    const tests = ["delivery-scripts", "workflows"].map((test) => readFileSync(path.join(root, `test/infra/${test}.test.ts`), "utf8"));
    expect(
      tests.some((text) => text.includes(`"${name}"`) || text.includes(`scripts/${name}"`)),
      name,
    ).toBe(true);
  });

  it("lint the workflows and hold them to the rules, as the workflow does", async () => {
    const lint = await run(process.execPath, [script("actionlint.ts")]);
    const rules = await run(process.execPath, [script("workflow-rules.ts")]);
    expect([lint, rules]).toEqual([
      { code: 0, said: "0 findings in 8 workflows and actions" },
      { code: 0, said: "0 broken rules in 8 files" },
    ]);
  });
});

describe("a machine whose own Node is too old", () => {
  const scripts = globSync(".github/scripts/*.sh", { cwd: root }).map((file) => path.basename(file));

  it("deploys all the same", async () => {
    const { env, calls } = bench({ npm: "", node: "exit 9" });
    expect(await run(script("deploy.sh"), ["sit"], { env })).toMatchObject({ code: 0 });
    expect(calls().map((call) => call.split(" ")[0])).toEqual(["npm", "npm", "npm"]);
  });

  it.each(scripts)("is no matter to %s", (name) => {
    const lines = readFileSync(script(name), "utf8").split("\n");
    const pinned = lines.indexOf('export PATH="$PWD/node_modules/.bin:$PATH"');
    const first = lines.findIndex((line) => !line.startsWith("#") && /(^|[\s($])node /.test(line));
    expect(first === -1 || (pinned >= 0 && pinned < first)).toBe(true);
  });
});

describe("in a copy of the repository with a remote", () => {
  let copy: string;
  const inCopy = (...args: string[]) => git("-C", copy, ...args);

  beforeAll(() => {
    const { folder } = bench();
    copy = path.join(folder, "copy");
    const files = git("-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0");
    for (const file of files.filter((name) => name && existsSync(path.join(root, name)) && !name.startsWith("docs/pictures/"))) {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(copy, file));
    }
    for (const installed of globSync("{.,packages/*,emails}/node_modules", { cwd: root }))
      symlinkSync(path.join(root, installed), path.join(copy, installed));
    git("init", "--quiet", "--bare", path.join(folder, "remote.git"));
    inCopy("init", "--quiet", "--initial-branch=main");
    inCopy("config", "user.name", "test");
    inCopy("config", "user.email", "test@example.com");
    inCopy("add", "--all");
    inCopy("commit", "--quiet", "--message", "All");
    inCopy("remote", "add", "origin", path.join(folder, "remote.git"));
  });

  it("a green commit is tagged with its bundles and pushed; a promotion of other bundles is refused", async () => {
    const env = { HOME: path.dirname(copy) };
    const marked = await run(path.join(copy, ".github/scripts/tag-green.sh"), ["dev"], { cwd: copy, env });
    expect(marked.said).toMatch(/^dev\/\d{8}-\d{4}-[0-9a-f]{7}$/);
    expect(git("ls-remote", "--tags", path.join(path.dirname(copy), "remote.git"))).toContain(`refs/tags/${marked.said}\n`);
    expect(JSON.parse(inCopy("tag", "--list", "--format=%(contents)", marked.said))).toMatchObject({
      OrderExpirer: expect.stringMatching(/^[0-9a-f]{64}$/),
    });

    const promote = () => run(process.execPath, [".github/scripts/green.ts", "check", "--stage", "dev"], { cwd: copy });
    expect(await promote()).toEqual({ code: 0, said: marked.said });
    const source = path.join(copy, "packages/functions/src/consumers/order-expirer.ts");
    writeFileSync(source, `${readFileSync(source, "utf8")}\nconsole.log("another bundle");\n`);
    expect(await promote()).toEqual({ code: 1, said: `bundles differ from those of ${marked.said}: OrderExpirer` });
    inCopy("checkout", "--quiet", "--", source);
  }, 120_000);

  it("a release is published under prod's tag, with what it brings", async () => {
    const { env, folder, calls } = bench({ gh: "" });
    inCopy("tag", "--annotate", "prod/20260101-0900-aaaaaaa", "--message", "{}");
    inCopy("commit", "--quiet", "--allow-empty", "--message", "Bring something new");
    inCopy("tag", "--annotate", "prod/20260201-0900-bbbbbbb", "--message", "{}");
    expect((await run(path.join(copy, ".github/scripts/release.sh"), [], { cwd: copy, env })).code).toBe(0);
    const notes = path.join(folder, "notes.md");
    expect(calls()).toEqual([`gh release create prod/20260201-0900-bbbbbbb --title prod/20260201-0900-bbbbbbb --notes-file ${notes}`]);
    expect(readFileSync(notes, "utf8")).toMatch(/^## Since prod\/20260101-0900-aaaaaaa\n\n- Bring something new \(/);
  });

  it("generated files that differ from the committed ones are noticed", async () => {
    const { env, calls } = bench({ npm: "" });
    const drift = () => run(path.join(copy, ".github/scripts/drift.sh"), [], { cwd: copy, env });
    expect(await drift()).toMatchObject({ code: 0 });
    expect(calls()).toEqual(["npm run --silent openapi", "npm run --silent deploy:dry -- --accept"]);
    writeFileSync(path.join(copy, "sst-env.d.ts"), "// other\n");
    expect(await drift()).toMatchObject({ code: 1, said: expect.stringContaining("sst-env.d.ts") });
    inCopy("checkout", "--quiet", "--", "sst-env.d.ts");
    writeFileSync(path.join(copy, "test/infra/plans/new.json"), "{}\n");
    expect(await drift()).toMatchObject({ code: 1, said: expect.stringContaining("?? test/infra/plans/new.json") });
  });
});

describe("the supply chain's scripts", () => {
  it("hash a bundle the same way twice", async () => {
    const twice = [await bundleHashes(["ListOrders"]), await bundleHashes(["ListOrders"])];
    expect(twice[0]).toEqual({ ListOrders: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(twice[1]).toEqual(twice[0]);
  });

  it("find every licence of the lockfile acceptable, and no other", async () => {
    const { counts, refused } = review(JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")));
    expect(counts.get("MIT")).toBeGreaterThan(100);
    expect(refused).toEqual([]);
    const odd = { "node_modules/a": { license: "GPL-3.0" }, "node_modules/b": {}, "node_modules/c": { license: "(MIT OR GPL-3.0)" } };
    expect(review({ packages: odd }).refused).toEqual(["a: GPL-3.0", "b: (none)"]);
    const { code, said } = await run(process.execPath, [script("licences.ts")]);
    expect([code, said]).toEqual([0, expect.stringMatching(new RegExp(`^\\s*${counts.get("MIT")} {2}MIT$`, "m"))]);
  });

  it("find no secret in the repository, and one where there is one", async () => {
    expect(await run(script("secrets.sh"), [])).toEqual({ code: 0, said: expect.stringMatching(/no secret in \d+ files/) });
    const file = path.join(bench().folder, "found.txt");
    writeFileSync(file, `token: ${["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_")}\n`);
    expect(await run(path.join(root, "node_modules/.bin/secretlint"), ["--no-glob", file])).toMatchObject({ code: 1 });
  });

  it("write a bill of materials that names every package of the lockfile", async () => {
    const file = path.join(bench().folder, "sbom.json");
    expect(await run(script("sbom.sh"), [file])).toMatchObject({ code: 0 });
    const bill = JSON.parse(readFileSync(file, "utf8")) as { bomFormat: string; components: { name: string; version: string }[] };
    const { packages } = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version?: string; link?: boolean }>;
    };
    const named = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
    const locked = Object.entries(packages).filter(([place, { link }]) => place.includes("node_modules/") && !link);
    expect(bill.bomFormat).toBe("CycloneDX");
    for (const [place, { version }] of locked) expect(named).toContain(`${place.split("node_modules/").at(-1)}@${version}`);
  });

  it.each([
    ["dev", "https://orders-api.dev.kimmyai.io"],
    ["prod", "https://orders-api.kimmyai.io"],
  ])("know the URL of %s", async (stage, url) => {
    expect(await run(process.execPath, [script("stage-url.ts"), "--stage", stage])).toEqual({ code: 0, said: url });
  });
});

describe("the audit", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** npm's advisory service on the loopback, and the audit that asks it. */
  async function audit(status: number, advisories: object, ...options: string[]) {
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        const isAsked = request.url === "/-/npm/v1/security/advisories/bulk";
        response.writeHead(isAsked ? status : 404, { "content-type": "application/json" }).end(JSON.stringify(isAsked ? advisories : {}));
      });
    });
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return run(process.execPath, [script("audit.ts"), ...options], {
      env: { npm_config_registry: registry, npm_config_cache: path.join(bench().folder, "cache"), npm_config_fetch_retries: "0" },
    });
  }
  const advisory = (severity: string) => ({
    valibot: [{ id: 1, url: "https://example.com/1", title: "Reads too much", severity, vulnerable_versions: "*", cwe: [], cvss: {} }],
  });

  it("passes when nothing is known", async () => {
    expect(await audit(200, {})).toEqual({ code: 0, said: expect.stringMatching(/^0 known vulnerabilities in \d{3} packages/) });
  });

  it("passes below high, and says what is known", async () => {
    expect(await audit(200, advisory("moderate"))).toEqual({ code: 0, said: expect.stringMatching(/^[1-9].* [1-9]\d* moderate, 0 high/) });
  });

  it.each(["high", "critical"])("fails at %s and names it", async (severity) => {
    const { code, said } = await audit(200, advisory(severity));
    expect(code).toBe(1);
    expect(said).toContain(`${severity}: valibot, Reads too much (https://example.com/1)`);
  });

  it("does not take a service that cannot be asked for a clean answer", async () => {
    const { code, said } = await audit(405, {});
    expect(code).toBe(2);
    expect(said).toMatch(/could not be asked \(.+\)\nunknown is not clean/);
    expect(verdictOf("no JSON at all")).toMatchObject({ outcome: "unasked", lines: [expect.stringContaining("printed no report")] });
  });

  it("can be told to go on unasked, where the registry has no such service", async () => {
    expect((await audit(405, {}, "--allow-unasked")).code).toBe(0);
    expect((await audit(200, advisory("high"), "--allow-unasked")).code).toBe(1);
  });
});

describe("watching alarms", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** CloudWatch on the loopback: one answer per look, the last one repeated: names with the second since when they ring, or none. */
  async function cloudWatch(...looks: (Record<string, number> | "unreachable")[]) {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        asked.push(body);
        const look = looks[Math.min(asked.length, looks.length) - 1]!;
        response.writeHead(look === "unreachable" ? 503 : 200, { "content-type": "application/x-amz-json-1.0" });
        const alarms = Object.entries(look).map(([AlarmName, StateTransitionedTimestamp]) => ({ AlarmName, StateTransitionedTimestamp }));
        response.end(JSON.stringify({ MetricAlarms: alarms, CompositeAlarms: [] }));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    return { asked, endpoint, client: new CloudWatchClient({ endpoint, region: "af-south-1", credentials, maxAttempts: 1 }) };
  }
  const [old, fresh] = ["bbws-order-prod-dlq-InvoiceDLQ", "bbws-order-prod-api-5xx-Api"];
  const since = (second: number) => new Date(second * 1000).toISOString();

  it("ends with the first that rings", async () => {
    const { client } = await cloudWatch({}, { [fresh]: 9 });
    expect(await watch("prod", client, { forMs: 5000, everyMs: 10 })).toEqual([fresh]);
  });

  it("ends well when all stay quiet for the time", async () => {
    const { client, asked } = await cloudWatch({});
    expect(await watch("prod", client, { forMs: 1500, everyMs: 50 })).toEqual([]);
    expect(asked.length).toBeGreaterThan(1);
  });

  it("lets those ring that rang before, and fails at another", async () => {
    const before = [{ name: old, since: since(5) }];
    const quiet = await cloudWatch({ [old]: 5 });
    expect(await watch("prod", quiet.client, { forMs: 100, everyMs: 20, before })).toEqual([]);
    const rings = await cloudWatch({ [old]: 5 }, { [old]: 5, [fresh]: 9 });
    expect(await watch("prod", rings.client, { forMs: 5000, everyMs: 10, before })).toEqual([fresh]);
  });

  it("hears one that rang before once it has been quiet and rings anew, even if nobody looked in between", async () => {
    const before = [{ name: old, since: since(5) }];
    const seen = await cloudWatch({ [old]: 5 }, {}, { [old]: 9 });
    expect(await watch("prod", seen.client, { forMs: 5000, everyMs: 10, before })).toEqual([old]);
    const unseen = await cloudWatch({ [old]: 9 });
    expect(await watch("prod", unseen.client, { forMs: 5000, everyMs: 10, before })).toEqual([old]);
  });

  it("looks again when CloudWatch does not answer, and gives up at the third time in a row", async () => {
    const back = await cloudWatch("unreachable", "unreachable", { [fresh]: 9 });
    expect(await watch("prod", back.client, { forMs: 0, everyMs: 10 })).toEqual([fresh]);
    const gone = await cloudWatch({}, "unreachable");
    await expect(watch("prod", gone.client, { forMs: 5000, everyMs: 10 })).rejects.toThrow();
    expect(gone.asked).toHaveLength(4);
  });

  it("asks for the stage's own, ringing now", async () => {
    const { client, asked } = await cloudWatch({ [old]: 5 });
    expect(await ringing("prod", client)).toEqual([{ name: old, since: since(5) }]);
    expect(String(asked[0])).toMatch(/bbws-order-prod-/);
    expect(String(asked[0])).toMatch(/ALARM/);
  });

  it("is noted before a deploy and told afterwards, by the command, whose output says whether one rang", async () => {
    const other = "bbws-order-prod-queue-age-InvoiceQueue";
    const watching = async (looks: Parameters<typeof cloudWatch>, ...options: string[]) => {
      const { endpoint } = await cloudWatch(...looks);
      const { env, output } = bench();
      const aws = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_MAX_ATTEMPTS: "1" };
      writeFileSync(env.GITHUB_OUTPUT, "");
      const ran = await run(process.execPath, [script("watch-alarms.ts"), "--stage", "prod", ...options], { env: { ...env, ...aws } });
      return { ...ran, output: output() };
    };
    const noted = `${old}@${since(5)},${other}@${since(6)}`;
    expect(await watching([{ [old]: 5, [other]: 6 }], "--note")).toMatchObject({ code: 0, said: `ringing=${noted}` });
    expect(await watching([{}], "--note")).toMatchObject({ code: 0, said: "ringing=" });
    const after = await watching([{ [old]: 5, [other]: 6 }, { [old]: 5 }], "--minutes", "0", "--before", noted);
    expect(after).toEqual({
      code: 0,
      said: [
        ...[old, other].map((name) => `rang before the deploy: ${name}`),
        `rings still: ${old}`,
        `is quiet now: ${other}`,
        "no alarm of prod began to ring for 0 minutes",
      ].join("\n"),
      output: "",
    });
    expect(await watching([{ [old]: 5, [other]: 9 }], "--minutes", "0", "--before", noted)).toMatchObject({
      code: 1,
      said: expect.stringContaining(`ALARM ${other}`),
      output: "rang=true",
    });
    expect(await watching(["unreachable"], "--note")).toMatchObject({
      code: 2,
      said: expect.stringMatching(/^the alarms of prod could not be looked at: /),
      output: "",
    });
  });
});

describe("a release", () => {
  it("is of the commit that the stage still runs", async () => {
    let version = git("-C", root, "rev-parse", "HEAD");
    const server = createServer((_, response) => response.end(JSON.stringify({ status: "ok", version })));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const env = leading("https://orders-api.kimmyai.io", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const still = () => run(process.execPath, [script("still-runs.ts"), "--stage", "prod"], { env });
    expect(await still()).toEqual({ code: 0, said: `prod runs ${version}` });
    version = "0a1b2c3";
    expect(await still()).toEqual({ code: 1, said: expect.stringMatching(/^prod runs 0a1b2c3, not [0-9a-f]{40} any more$/) });
    server.close();
  });
});
