import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { routes } from "@bbws/functions/api/routes.ts";
import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import { localStage, physicalBuckets } from "@bbws/local/local-stage.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FunctionName, functions } from "../../infra/settings.ts";
import { customerOf, openPaths, type Paths } from "../support/chaos/paths.ts";
import { lackingOf, rightsOf, unusedOf } from "../support/policy.ts";

/**
 * Every path once, each queue's consumer failing once: all is well then, which says something only of an inspector who notices
 * when it is not. And what the functions called, against what their policies in the plan grant, both ways. No other run may
 * make a call that they lack, which each looks at itself.
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

/** Routes that ask AWS for nothing. */
const withoutCalls = ["GET /health", "GET /v1.0/openapi.json"];

it("makes no call that its function's policy lacks, and leaves no right unused", async () => {
  for (const [name, occasion, plan] of failures) paths.arm({ customer: "plain-guest.0", function: name, occasion, plans: [plan] });
  await Promise.all(paths.routes.map((route) => route.run(customerOf(route, 0))));
  expect((await paths.quiet(60_000)).problems).toEqual([]);
  expect(paths.fired).toHaveLength(failures.length);
  expect([...new Set(paths.stack.calls.map((call) => call.function))].sort()).toEqual(Object.keys(functions).sort());
  expect(routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !paths.requested.has(route))).toEqual(withoutCalls);
  const needed = paths.stack.calls.flatMap(rightsOf);
  expect(lackingOf(needed)).toEqual([]);
  expect(unusedOf(needed)).toEqual([]);
});

it("is not well any more when something gets lost, spoilt or stranded", async () => {
  const { stack, accepted } = paths;
  const { dynamodb, s3, sqs } = paths.clients;
  const orderOf = (customer: string) => accepted.find((one) => one.customer === customer)!.orderId;
  const [lost, spoilt] = [orderOf("plain-tenant.0"), orderOf("cancel-tenant.0")];
  const PK = { S: "TENANT#tenant-chaos" };
  const { Attributes } = await dynamodb.send(
    new DeleteItemCommand({ TableName: stack.table, Key: { PK, SK: { S: `ORDER#${lost}` } }, ReturnValues: "ALL_OLD" }),
  );
  await s3.send(
    new PutObjectCommand({ Bucket: physicalBuckets.DocumentsBucket, Key: `tenant-chaos/orders/${spoilt}.pdf`, Body: "another" }),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrls.InvoiceDLQ, MessageBody: "stray" }));
  const number = Attributes!.orderNumber!.S;
  const { problems } = await paths.quiet(0);
  const seen = [
    `${lost} was accepted and is not recorded`,
    expect.stringMatching(/^order numbers are not 1\.\.\d+ without gap or repeat$/),
    expect.stringMatching(/^the order counter says \d+, \d+ are used or declared$/),
    expect.stringMatching(/^\d+ numbers are taken, \d+ are used$/),
    `order of ${spoilt}: stored bytes differ from the noted hash`,
    `tenant-chaos/orders/${lost}.pdf is stored and not noted`,
    `"plain-tenant.0@example.com Order Confirmation - #${number}" was sent and is not due`,
    `"${localStage.mail.internalRecipients.join()} New Order Received: ${number}" was sent and is not due`,
    "InvoiceDLQ holds a letter (without a reason): stray",
  ];
  expect(problems).toEqual(expect.arrayContaining(seen));
  expect(problems).toHaveLength(seen.length);
});
