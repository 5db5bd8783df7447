import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import type { Stack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ops, opsJson } from "../support/ops.ts";
import { startStack } from "../support/permitted-stack.ts";
import { operatorsCommandsIn, readBooks } from "../support/runbooks.ts";
import { clientsOf, mailsOf, queuesOf } from "../support/stack.ts";

/** Every operators' command of the runbooks, as it is written there, on the running stack instead of the stage it names. */

const EMAIL = "thandi@example.com";
const ELSEWHERE = "accounts@example.com";

/** What cannot be undone comes last; before it the runbooks' own order. */
const isFinal = ([command]: string[]) => command === "erase";
const commands = operatorsCommandsIn(Object.values(readBooks()).join("\n"));
const inOrder = [...commands.filter((words) => !isFinal(words)), ...commands.filter(isFinal)];

let stack: Stack;
/** What the runbooks' words in capitals stand for here. */
const meant: Record<string, string> = { ADDRESS: ELSEWHERE };

beforeAll(async () => {
  stack = await startStack({ fresh: true, quiet: true });
  meant.ORDER = await place();
  meant.TENANT = (await eventually(() => recorded(meant.ORDER!))).tenantId;
  meant.ID = await deadLetter();
  // A rollback of the templates needs a set before the present one.
  const other = join(stack.folder, "templates.json");
  await writeFile(other, JSON.stringify({ ...bundledTemplates, version: "0123456789abcdef" }));
  expect(await ops(stack, "templates", "publish", "--set", other)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => stack.stop());

async function place(): Promise<string> {
  const answer = await fetch(`${stack.url}/v1.0/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      customerEmail: EMAIL,
      items: [{ productId: "PROD-002", quantity: 1 }],
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    }),
  });
  return ((await answer.json()) as { data: { orderId: string } }).data.orderId;
}

/** The order, once it lacks nothing. */
async function recorded(orderId: string): Promise<{ tenantId: string } | undefined> {
  const { code, data } = await opsJson(stack, "order", "show", orderId);
  return code === 0 ? data.order : undefined;
}

/** A message that can never be handled. @returns the letter's id, which is another than the message's */
async function deadLetter(): Promise<string> {
  const { sqs } = clientsOf(stack);
  await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls.InvoiceQueue, MessageBody: "not json" }));
  await eventually(async () => (await queuesOf(stack)).InvoiceQueue?.dlqDepth === 1 || undefined);
  return (await opsJson(stack, "dlq", "peek", "InvoiceQueue")).data.letters[0].messageId;
}

/** The command line as it is typed here: no stage, this stack's address, this machine's folder, a yes where one is asked for. */
function here(words: string[]): string[] {
  const typed = words
    .filter((word, index) => word !== "--stage" && words[index - 1] !== "--stage")
    .filter((word, index, all) => word !== "--commit" && all[index - 1] !== "--commit")
    .map((word) => meant[word] ?? word)
    .map((word) => (word.startsWith("https://") ? stack.url : word))
    .map((word) => (word.endsWith(".csv") ? join(stack.folder, word) : word));
  const asks = typed[0] === "erase" || typed[1] === "purge" || typed[1] === "skip";
  return asks && !typed.includes("--dry-run") ? [...typed, "--yes"] : typed;
}

describe("on the running stack", () => {
  it.each(inOrder.map((words) => [words.join(" "), words] as const))("%s", async (_, words) => {
    const { code, out, err } = await ops(stack, ...here(words));
    // 3 is success too: it found something to do.
    expect([0, 3], `${out}\n${err}`).toContain(code);
    expect(out).not.toBe("");
  });

  it("and they did what the runbooks say: the mail went elsewhere, the letter is gone, the customer is erased", async () => {
    await eventually(async () => (await mailsOf(stack)).some(({ to }) => to.includes(ELSEWHERE)) || undefined);
    expect((await opsJson(stack, "dlq", "list")).data.total).toBe(0);
    const { out } = await ops(stack, "order", "show", meant.ORDER!);
    expect(out).toContain(meant.ORDER!);
    expect(out).not.toContain(EMAIL);
  });
});
