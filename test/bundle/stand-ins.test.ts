import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction } from "@bbws/local/bundle.ts";
import { environmentOf } from "@bbws/local/lambda/environment.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpEvent } from "../support/lambda-events.ts";
import { runAlone } from "../support/run-alone.ts";

/** What stands in for a package in built functions does what the function needs of that package. */

const folder = mkdtempSync(join(tmpdir(), "stand-ins-"));
let table: Server;
let endpoint: string;
let asked: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  table = createServer((request, response) => {
    asked.push(request.headers);
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}"));
  });
  await new Promise<void>((listening) => table.listen(0, "127.0.0.1", listening));
  endpoint = `http://127.0.0.1:${(table.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((closed) => table.close(closed));
  rmSync(folder, { recursive: true, force: true });
});

async function getOrder(credentials: Record<string, string | undefined>) {
  asked = [];
  const { file } = await bundleFunction("GetOrder", join(folder, "build"));
  const env = environmentOf("GetOrder", {
    apiUrl: "http://127.0.0.1:1",
    queueUrl: () => "http://127.0.0.1:1/0/q",
    secrets: { LinkSigningKey: "bundle-test-key", PreviousLinkSigningKey: "" },
    endpoints: { dynamodb: endpoint, sqs: endpoint, s3: endpoint, ses: endpoint, jwks: endpoint },
    timeScale: 1,
  });
  const given = Object.entries({ ...env, ...credentials }).filter(([, value]) => value !== undefined) as [string, string][];
  const claims = { sub: "u", "custom:tenantId": "tenant-a" };
  const event = httpEvent("GET", "/v1.0/orders/order_1", { claims });
  return (await runAlone(file, event, { folder, env: Object.fromEntries(given) })).answer;
}

describe("credentials", () => {
  it("are the role's from the environment, with their session token", async () => {
    const answer = await getOrder({
      AWS_ACCESS_KEY_ID: "ASIAROLE",
      AWS_SECRET_ACCESS_KEY: "role-secret",
      AWS_SESSION_TOKEN: "role-session",
    });
    expect(answer.statusCode).toBe(404);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      "x-amz-security-token": "role-session",
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=ASIAROLE\/\d{8}\/af-south-1\/dynamodb\/aws4_request, SignedHeaders=\S*x-amz-security-token/,
      ),
    });
  });

  it("are not looked for anywhere else: without them a call fails at once", async () => {
    const answer = await getOrder({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
    expect(answer.statusCode).toBe(500);
    expect(asked).toEqual([]);
  });
});
