import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorker, repositoryRoot } from "@bbws/local/bundle.ts";
import { createFaults } from "@bbws/local/lambda/faults.ts";
import { createPool, FunctionError, type PoolOptions } from "@bbws/local/lambda/pool.ts";
import type { RecordedCall } from "@bbws/local/lambda/protocol.ts";
import { afterEach, describe, expect, it } from "vitest";

const fixture = fileURLToPath(new URL("../support/lambda-fixture.mjs", import.meta.url));
const worker = await bundleWorker(join(repositoryRoot, ".build"));
const faults = createFaults();
const logs: string[] = [];
const errors: string[] = [];
const calls: RecordedCall[] = [];
const pools: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  faults.clear();
  for (const list of [logs, errors, calls]) list.length = 0;
});

function pool(options: Partial<PoolOptions> = {}) {
  const created = createPool({
    name: "CreateOrder",
    bundle: fixture,
    worker,
    env: { ONLY: "this" },
    timeoutSeconds: 5,
    memoryMb: 128,
    size: 2,
    faults: faults.memory,
    record: true,
    onLog: (line) => void logs.push(line),
    onError: (_name, error) => void errors.push(`${error.errorType}: ${error.errorMessage}`),
    onCall: (call) => void calls.push(call),
    ...options,
  });
  pools.push(created);
  return created;
}

type Answer = { invocations: number; environment: Record<string, string>; context: Record<string, unknown> };

describe("an execution environment", () => {
  it("sees its own environment and nothing of the process that started it", async () => {
    process.env.SECRET_OF_THE_STACK = "x";
    const { environment } = (await pool().invoke({})) as Answer;
    delete process.env.SECRET_OF_THE_STACK;
    expect(Object.keys(environment).sort()).toEqual(["AWS_LAMBDA_LOG_STREAM_NAME", "ONLY"]);
  });

  it("gives the handler Lambda's context", async () => {
    const { context } = (await pool().invoke({})) as Answer;
    expect(context).toMatchObject({
      functionName: "bbws-order-local-CreateOrder",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:af-south-1:000000000000:function:bbws-order-local-CreateOrder",
      memoryLimitInMB: "128",
      logGroupName: "/aws/lambda/bbws-order-local-CreateOrder",
    });
    expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(context.remaining).toBeGreaterThan(4000);
    expect(context.remaining).toBeLessThanOrEqual(5000);
  });

  it("stays warm from one event to the next", async () => {
    const warm = pool({ size: 1 });
    expect(((await warm.invoke({})) as Answer).invocations).toBe(1);
    expect(((await warm.invoke({})) as Answer).invocations).toBe(2);
  });

  it("handles one event at a time, others wait for a free one", async () => {
    const two = pool({ size: 2 });
    await Promise.all([two.warm(), two.warm()]);
    const answers = (await Promise.all(Array.from({ length: 6 }, () => two.invoke({ action: "sleep", ms: 50 })))) as Answer[];
    const perEnvironment = Object.values(Object.groupBy(answers, ({ environment }) => environment.AWS_LAMBDA_LOG_STREAM_NAME ?? ""));
    expect(perEnvironment).toHaveLength(2);
    for (const served of perEnvironment) {
      expect(served?.map(({ invocations }) => invocations).sort()).toEqual(served?.map((_, i) => i + 1));
    }
  });

  it("reports a thrown error and serves the next event in the same environment", async () => {
    const one = pool({ size: 1 });
    await expect(one.invoke({ action: "throw" })).rejects.toThrow("TypeError: asked to fail");
    expect(((await one.invoke({})) as Answer).invocations).toBe(2);
    expect(errors).toEqual(["TypeError: asked to fail"]);
  });

  it("is ended when the time is up, and the next event gets a fresh one", async () => {
    const one = pool({ size: 1, timeoutSeconds: 0.2 });
    await one.warm();
    const late = one.invoke({ action: "sleep", ms: 10_000 });
    const next = one.invoke({});
    await expect(late).rejects.toThrow(/Task timed out after 0\.20 seconds/);
    expect(((await next) as Answer).invocations).toBe(1);
  });

  it.each([
    ["exit", /Runtime\.ExitError/],
    ["crash", /outside the handler/],
  ])("that dies by %s fails its event only", async (action, message) => {
    const one = pool({ size: 1 });
    const dying = one.invoke({ action });
    const next = one.invoke({});
    await expect(dying).rejects.toThrow(message);
    expect(((await next) as Answer).invocations).toBe(1);
  });

  it("whose module does not load fails every event with the reason", async () => {
    const broken = pool({ bundle: "/nowhere/bundle.mjs" });
    await expect(broken.warm()).rejects.toThrow(/nowhere/);
    const failure = await broken.invoke({}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FunctionError);
  });

  it("writes its log lines to the stack's log", async () => {
    await pool().invoke({ action: "log", message: "hello" });
    await expect.poll(() => logs).toContain('{"message":"hello"}');
  });

  it("is ended with its event when the stack stops", async () => {
    const one = pool();
    await one.warm();
    const running = one.invoke({ action: "sleep", ms: 60_000 });
    const ended = expect(running).rejects.toThrow("stopping");
    await one.close();
    await ended;
    await expect(one.invoke({})).rejects.toThrow("stopping");
  });
});

describe("faults", () => {
  const call = { service: "sqs", action: "SendMessage", input: { QueueUrl: "http://127.0.0.1:1/0/orders" } };

  it("fail exactly the asked-for number of calls of that service, across environments", async () => {
    const two = pool({ size: 2 });
    faults.fail("sqs", 3);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => two.invoke({ action: "call", call })));
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(3);
    faults.fail("dynamodb", 1);
    await expect(two.invoke({ action: "call", call })).resolves.toBeDefined();
  });

  it("are called off by setting zero", async () => {
    const one = pool();
    faults.fail("sqs", 5);
    faults.fail("sqs", 0);
    await expect(one.invoke({ action: "call", call })).resolves.toBeDefined();
  });

  it.each(["before", "after"] as const)("end the environment %s the chosen call", async (phase) => {
    const one = pool({ size: 1 });
    faults.crash("CreateOrder", phase, 2);
    await one.invoke({ action: "call", call });
    await expect(one.invoke({ action: "call", call })).rejects.toThrow("Runtime.ExitError");
    expect(((await one.invoke({ action: "call", call })) as Answer).invocations).toBe(1);
  });

  it("leave other functions alone", async () => {
    faults.crash("GetOrder", "before", 1);
    await expect(pool().invoke({ action: "call", call })).resolves.toBeDefined();
  });
});

describe("the recorder", () => {
  it("names function, service, action and resources of every call, transactions item by item", async () => {
    const one = pool();
    await one.invoke({ action: "call", call: { service: "s3", action: "PutObject", input: { Bucket: "documents", Key: "a/b.pdf" } } });
    const input = { TransactItems: [{ Put: { TableName: "orders" } }, { Update: { TableName: "orders" } }] };
    await one.invoke({ action: "call", call: { service: "dynamodb", action: "TransactWriteItems", input } });
    const which = { function: "CreateOrder", requestId: expect.any(String), call: 1 };
    expect(calls).toEqual([
      {
        ...which,
        service: "s3",
        action: "PutObject",
        resources: ["documents", "a/b.pdf"],
        name: "s3 PutObject documents",
        key: JSON.stringify("a/b.pdf"),
      },
      {
        ...which,
        service: "dynamodb",
        action: "TransactWriteItems",
        resources: ["orders", "Put", "Update"],
        name: "dynamodb TransactWriteItems",
      },
    ]);
    // Each was the first call of an invocation of its own.
    expect(calls[0]?.requestId).not.toBe(calls[1]?.requestId);
  });
});
