import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import { physicalBuckets } from "@bbws/local/local-stage.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FunctionName, functions } from "../../infra/settings.ts";
import { openPaths, type Paths, walkAll } from "../support/chaos/paths.ts";
import { lackingOf, rightsOf, unusedOf } from "../support/policy.ts";

/**
 * Every path once, each queue's consumer failing once: what the functions called against what their policies in the plan
 * grant, both ways. No other run may make a call that they lack, which each looks at itself.
 */

let paths: Paths;
beforeAll(async () => {
  paths = await openPaths();
});
afterAll(() => paths?.stop());

/** A failure makes a consumer put its message off; a lost answer of S3 makes the next attempt find the document. */
const failures: [FunctionName, occasion: string, Sabotage][] = [
  ["OrderCreatorRecord", "order.accepted", { call: 1, phase: "before", how: "throttle" }],
  [
    "OrderPDFCreator",
    "order.recorded",
    { call: 1, name: `s3 PutObject ${physicalBuckets.DocumentsBucket}`, phase: "after", how: "timeout" },
  ],
  ["OrderInternalNotificationSender", "order.recorded", { call: 1, phase: "before", how: "throttle" }],
  ["CustomerOrderConfirmationSender", "order.recorded", { call: 1, phase: "before", how: "throttle" }],
];

it("makes no call that its function's policy lacks, and leaves no right unused", async () => {
  for (const [name, occasion, plan] of failures) paths.arm({ customer: "plain-guest.0", function: name, occasion, plans: [plan] });
  expect((await walkAll(paths)).problems).toEqual([]);
  expect(paths.fired).toHaveLength(failures.length);
  expect([...new Set(paths.stack.calls.map((call) => call.function))].sort()).toEqual(Object.keys(functions).sort());
  const needed = paths.stack.calls.flatMap(rightsOf);
  expect(lackingOf(needed)).toEqual([]);
  expect(unusedOf(needed)).toEqual([]);
});
