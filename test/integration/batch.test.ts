import { OrderError, PermanentError } from "@bbws/core/errors.ts";
import type { batch as batchOf, Outcome } from "@bbws/functions/consumers/batch.ts";
import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { awsError, contextOf, type Functions, type QueueHandler, startFunctions } from "../support/functions.ts";

/** The wrapper of all queue consumers, around a consumer that does what its messages say, on real queues. */

const Message = v.variant("ending", [
  v.object({
    version: v.literal("1.0"),
    id: v.string(),
    ending: v.picklist(["done", "throw", "permanent", "unavailable", "gone", "refuse"]),
  }),
  v.object({ version: v.literal("1.0"), id: v.string(), ending: v.literal("later"), seconds: v.number() }),
]);
type Message = v.InferOutput<typeof Message>;

let functions: Functions;
let handler: QueueHandler;
let handled: string[] = [];
let failed: (error: unknown) => Outcome;

function outcomeOf(message: Message): Outcome {
  handled.push(message.id);
  switch (message.ending) {
    case "done":
      return { kind: "done" };
    case "permanent":
      return failed(new PermanentError("this can never succeed"));
    case "unavailable":
      return failed(awsError("ServiceUnavailable"));
    case "gone":
      return failed(new OrderError("ORDER_NOT_FOUND", "not there yet"));
    case "refuse":
      return { kind: "deadLetter", reason: "" };
    case "later":
      return { kind: "retry", error: new Error("known wait"), afterSeconds: message.seconds };
    case "throw":
      throw new Error("the whole handler broke");
  }
}

beforeAll(async () => {
  functions = await startFunctions(["OrderCreatorRecord"]);
  const module = (await import("@bbws/functions/consumers/batch.ts")) as { batch: typeof batchOf; failed: typeof failed };
  failed = module.failed;
  handler = module.batch({
    queue: "OrderCreationQueue",
    deadLetterQueue: "OrderCreationDLQ",
    schema: Message,
    handle: async (messages) => messages.map(({ message }) => outcomeOf(message)),
  });
});
afterAll(() => functions.stop());

beforeEach(async () => {
  handled = [];
  functions.healthy();
  await functions.purge("OrderCreationQueue");
  functions.takeCalls();
});

const send = (...messages: unknown[]) => Promise.all(messages.map((message) => functions.send("OrderCreationQueue", message)));
const poll = () => functions.poll("OrderCreationQueue", handler, "OrderCreatorRecord");
const message = (id: string, ending: Message["ending"], more: object = {}) => ({ version: "1.0", id, ending, ...more });

async function lettersOf(body: string) {
  return (await functions.messages("OrderCreationDLQ")).filter((letter) => letter.body === body);
}
/** The pause a message was given, in seconds. */
function pauses(): number[] {
  return functions
    .takeCalls()
    .filter(({ action }) => action === "ChangeMessageVisibility")
    .map(({ input }) => (input as { VisibilityTimeout: number }).VisibilityTimeout);
}

describe("a message that is done", () => {
  it("is deleted, its neighbours with it", async () => {
    await send(message("a", "done"), message("b", "done"));
    expect(await eventually(async () => ((await poll()).failed.length === 0 && handled.length >= 2) || undefined)).toBe(true);
    expect(handled.sort()).toEqual(["a", "b"]);
    expect(await functions.depth("OrderCreationQueue")).toEqual({ visible: 0, hidden: 0 });
  });

  it("is handed over in a batch with the others, once", async () => {
    const response = await handler({ Records: [] }, {} as never);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(handled).toEqual([]);
  });
});

describe("a message that can never succeed", () => {
  const neighbour = JSON.stringify(message("neighbour", "done"));

  it.each([
    ["is not JSON", "{not json", "not JSON"],
    ["is empty JSON", "null", "unknown message: body"],
    ["has an unknown version", JSON.stringify({ version: "2.0", id: "v", ending: "done" }), "unknown message: version"],
    ["is of an unknown kind", JSON.stringify({ version: "1.0", id: "v", ending: "dance" }), "unknown message: ending"],
    ["lacks something", JSON.stringify({ version: "1.0", ending: "done" }), "unknown message: id"],
    ["is found to be impossible", JSON.stringify(message("p", "permanent")), "this can never succeed"],
    ["is refused without a reason", JSON.stringify(message("r", "refuse")), "unknown"],
  ])("because it %s goes to the dead-letter queue at once, with the reason, and its neighbour is done", async (_, body, reason) => {
    await send(body, neighbour);
    const original = new Set<string>();
    await eventually(async () => {
      const { records, failed: failures } = await poll();
      expect(failures).toEqual([]);
      for (const record of records) original.add(record.messageId);
      return original.size === 2 || undefined;
    });
    expect(handled).toContain("neighbour");
    const letters = await lettersOf(body);
    expect(letters).toHaveLength(1);
    expect(letters[0]!.attributes).toMatchObject({ errorReason: reason });
    expect(original).toContain(letters[0]!.attributes.originalMessageId);
    expect(await functions.depth("OrderCreationQueue")).toEqual({ visible: 0, hidden: 0 });
  });

  it("stays on its queue while the dead-letter queue cannot be written", async () => {
    const body = "{still not json";
    functions.onCall(({ action }) => {
      if (action === "SendMessage") throw awsError("ServiceUnavailable");
    });
    await send(body);
    const first = await poll();
    expect(first.failed).toHaveLength(1);
    expect(await lettersOf(body)).toEqual([]);
    functions.healthy();
    await eventually(async () => (await poll()).received === 1 || undefined);
    expect(await lettersOf(body)).toHaveLength(1);
  });

  it("keeps the attributes it came with: whatever redrove it must not lose them", async () => {
    const body = "not json, redriven";
    await functions.send("OrderCreationQueue", body, { sesMessageId: "ses-1", errorReason: "an earlier one" });
    await eventually(async () => (await poll()).received || undefined);
    const [letter] = await lettersOf(body);
    expect(letter!.attributes).toMatchObject({ sesMessageId: "ses-1", errorReason: "not JSON" });
  });
});

describe("a message that fails for now", () => {
  it.each(["unavailable", "gone"] as const)("because something is %s comes back, and only it", async (why) => {
    await send(message("good", "done"), message("bad", why));
    const seen = new Set<string>();
    const failures: string[] = [];
    await eventually(async () => {
      const { failed: reported } = await poll();
      failures.push(...reported);
      for (const id of handled) seen.add(id);
      return seen.size === 2 || undefined;
    });
    expect(failures).toHaveLength(1);
    expect(await functions.depth("OrderCreationQueue")).toEqual({ visible: 0, hidden: 1 });
    // It becomes visible by itself, is handled again, and was received once more.
    handled = [];
    const again = await eventually(async () => {
      const { records } = await poll();
      return records[0];
    });
    expect(again.attributes.ApproximateReceiveCount).toBe("2");
  });

  it("waits longer the more often it was received, with jitter, five minutes at most", async () => {
    const record = (receiveCount: number) => ({
      messageId: `m-${receiveCount}`,
      receiptHandle: "none",
      body: JSON.stringify(message("slow", "unavailable")),
      attributes: { ApproximateReceiveCount: String(receiveCount) },
      messageAttributes: {},
    });
    functions.onCall(({ action }) => {
      if (action === "ChangeMessageVisibility") throw awsError("TooLate", 400);
    });
    for (const [receives, least, most] of [
      [1, 2, 3],
      [2, 4, 5],
      [5, 32, 40],
      [8, 256, 300],
      [9, 300, 300],
      [10, 300, 300],
    ] as const) {
      const given: number[] = [];
      for (let n = 0; n < 20; n++) {
        const response = await handler({ Records: [record(receives)] as never }, contextOf("OrderPDFCreator"));
        expect(response.batchItemFailures).toEqual([{ itemIdentifier: `m-${receives}` }]);
        given.push(...pauses());
      }
      expect(Math.max(...given)).toBeLessThanOrEqual(most);
      expect(Math.min(...given)).toBeGreaterThanOrEqual(least);
      if (most - least > 3) expect(new Set(given).size).toBeGreaterThan(1);
    }
  });

  it("waits as long as it is known to take, where that is known", async () => {
    await send(message("later", "later", { seconds: 17.2 }));
    await eventually(async () => (await poll()).failed[0]);
    expect(pauses()).toEqual([18]);
    expect(await functions.depth("OrderCreationQueue")).toEqual({ visible: 0, hidden: 1 });
  });
});

describe("a consumer that breaks as a whole", () => {
  it("reports every message instead of throwing: none is lost, none is deleted", async () => {
    const records = [message("x", "done"), message("y", "throw")].map((body, i) => ({
      messageId: `whole-${i}`,
      receiptHandle: "none",
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: "1" },
      messageAttributes: {},
    }));
    const response = await handler({ Records: records as never }, contextOf("OrderPDFCreator"));
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "whole-0" }, { itemIdentifier: "whole-1" }] });
  });
});

describe("what is logged of a message", () => {
  it("are its ids, its receive count, what became of it and how long it took, and nothing of its content", async () => {
    const lines: string[] = [];
    const spy = [vi.spyOn(console, "info"), vi.spyOn(console, "warn"), vi.spyOn(console, "error")].map((method) =>
      method.mockImplementation((line) => void lines.push(String(line))),
    );
    const secret = "thandi@example.co.za";
    const body = JSON.stringify({ version: "1.0", id: "l", ending: "dance", orderId: "order_1", customerEmail: secret });
    await handler(
      {
        Records: [
          { messageId: "m-log", receiptHandle: "none", body, attributes: { ApproximateReceiveCount: "3" }, messageAttributes: {} },
        ] as never,
      },
      contextOf("OrderPDFCreator"),
    );
    for (const one of spy) one.mockRestore();
    const [line] = lines.map((text) => JSON.parse(text)).filter(({ messageId }) => messageId === "m-log");
    expect(line).toMatchObject({
      level: "ERROR",
      messageId: "m-log",
      receiveCount: 3,
      outcome: "deadLetter",
      errorReason: "unknown message: ending",
      function: "bbws-order-local-OrderPDFCreator",
    });
    expect(line.durationMs).toBeGreaterThanOrEqual(0);
    expect(lines.join("")).not.toContain(secret);
  });
});
