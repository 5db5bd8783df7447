import type { Stack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ops, opsJson, untilWhole } from "../support/ops.ts";
import { startStack } from "../support/permitted-stack.ts";
import { queuesOf } from "../support/stack.ts";

/** An outage that outlasts every retry, and the operator who clears up after it. Time runs 200 times faster. */

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fresh: true, quiet: true, timeScale: 200 });
});
afterAll(() => stack.stop());

it("an order that the table was too ill to record is explained from the log, redriven and completed", async () => {
  stack.faults.fail("dynamodb", 1_000_000);
  const answer = await fetch(`${stack.url}/v1.0/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-correlation-id": "outage-1" },
    body: JSON.stringify({
      customerEmail: "thandi@example.com",
      items: [{ productId: "PROD-002", quantity: 1 }],
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    }),
  });
  expect(answer.status).toBe(202);
  const { orderId } = ((await answer.json()) as { data: { orderId: string } }).data;
  await eventually(async () => (await queuesOf(stack)).OrderCreationQueue?.dlqDepth === 1 || undefined, 60_000);
  stack.faults.clear();

  const peeked = await opsJson(stack, "dlq", "peek", "OrderCreationQueue", "--order", orderId);
  expect(peeked.code).toBe(3);
  expect(peeked.data.letters).toMatchObject([{ orderId, errorReason: null, correlationId: "outage-1" }]);
  const [letter] = peeked.data.letters;
  expect(letter.receives).toBeGreaterThanOrEqual(10);
  expect(letter.lastLoggedFailure).toMatchObject({ correlationId: "outage-1" });
  expect(letter.cause).toContain(letter.lastLoggedFailure.error);
  expect(letter.advice).toContain("the customer has an answer and no order");

  expect((await ops(stack, "dlq", "redrive", "OrderCreationQueue", "--order", orderId)).code).toBe(0);
  const { order } = await untilWhole(stack, orderId);
  expect(order).toMatchObject({ id: orderId, status: "PENDING", correlationId: "outage-1" });
  expect((await ops(stack, "dlq", "list")).code).toBe(0);
}, 120_000);
