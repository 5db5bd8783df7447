import { randomUUID } from "node:crypto";
import * as responses from "@bbws/core/order/responses.ts";
import { createOrderClient, isOrderClientError, type NewOrder } from "@bbws/order-client";
import * as v from "valibot";
import { stages } from "../../../infra/stage.ts";
import { exitCode, usageError } from "./exit-code.ts";
import { confirmChange, type Io } from "./io.ts";
import { columns, paragraphs, type Result } from "./output.ts";

export type SmokeOptions = {
  token?: string;
  /** How long the order may take, in ms. */
  timeout: number;
  /** What `/health` must answer as its version: the commit that was deployed. */
  commit?: string;
};

type Step = { name: string; ms: number; detail: string };

/** SES's simulator takes the mail, delivers it to nobody and counts it for no reputation. */
const CUSTOMER = "success@simulator.amazonses.com";

/**
 * Proves a deployment from outside: health, one marked order created twice under one key, recorded, listed, documented,
 * cancelled; every answer is held against the schema that the OpenAPI document and the contract tests are made of. Without a
 * token the order is a guest's: it is followed by its signed link and left to expire, because guests
 * cannot cancel. The report names what was not seen.
 */
export async function smoke(url: string, { token: given, timeout, commit }: SmokeOptions, io: Io): Promise<Result> {
  const baseUrl = checkedUrl(url);
  await confirmProduction(baseUrl, io);
  const token = given ?? io.env.BBWS_TOKEN ?? (await localToken(baseUrl));
  const client = createOrderClient({ baseUrl, ...(token && { getToken: () => token }) });
  const steps: Step[] = [];
  const step = async <Value>(name: string, work: () => Promise<Value>, detail: (value: Value) => string): Promise<Value> => {
    const started = performance.now();
    const value = await work();
    steps.push({ name, ms: Math.round(performance.now() - started), detail: detail(value) });
    return value;
  };
  const waiting = { timeoutMs: timeout };
  try {
    const health = await step(
      "health",
      async () => {
        const answer = promised(responses.HealthResponse, await client.getHealth());
        if (commit && answer.version !== commit) throw new Error(`it runs ${answer.version}, not ${commit}`);
        return answer;
      },
      ({ stage, version }) => `${stage}, ${version}`,
    );
    const idempotencyKey = randomUUID();
    const order = markedOrder();
    const create = async () =>
      promised(
        responses.AcceptedOrderResponse,
        await client.createOrder(order, { idempotencyKey, correlationId: `smoke-${idempotencyKey}` }),
      );
    const accepted = await step("create", create, ({ orderId }) => orderId);
    await step(
      "create again, same key",
      async () => {
        const repeated = await create();
        if (repeated.orderId !== accepted.orderId) throw new Error(`a second order ${repeated.orderId} was made under one key`);
        return repeated;
      },
      () => "the same order",
    );
    await step(
      "recorded",
      async () => promised(responses.PublicStatusResponse, await client.waitForStatus(accepted.statusUrl, waiting)),
      ({ orderNumber, status }) => `${orderNumber}, ${status}`,
    );
    if (token) {
      await step(
        "document",
        () => patiently(async () => promised(responses.InvoiceLocationResponse, await client.getInvoice(accepted.orderId)), timeout),
        ({ documentType }) => documentType,
      );
      await step(
        "list",
        () =>
          patiently(async () => {
            const { items } = promised(responses.OrderListResponse, await client.listOrders());
            return items.find(({ id }) => id === accepted.orderId);
          }, timeout),
        ({ total }) => `R${total.toFixed(2)}`,
      );
      const cancellation = { status: "CANCELLED" as const, cancellationReason: "Smoke test" };
      await step(
        "cancel",
        async () => promised(responses.OrderResponse, await client.updateOrder(accepted.orderId, cancellation)),
        ({ status }) => status,
      );
    }
    return report(baseUrl, steps, {
      orderId: accepted.orderId,
      stage: health.stage,
      version: health.version,
      cancelled: Boolean(token),
    });
  } catch (error) {
    return report(baseUrl, steps, { failure: isOrderClientError(error) ? `${error.code}: ${error.message}` : (error as Error).message });
  }
}

/** @throws Error naming the first field that is not as the API promises it */
function promised<Schema extends v.GenericSchema>(schema: Schema, answer: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, answer);
  if (success) return output;
  throw new Error(`an answer is not what the API promises: ${v.getDotPath(issues[0]) ?? "all of it"}: ${issues[0].message}`);
}

/** @throws OpsError (usage) */
function checkedUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "https:" && parsed?.protocol !== "http:") throw usageError(`${url} is not an http(s) URL`);
  return parsed.origin;
}

/** A person types the name; the workflow that has just deployed production has been approved by two. */
async function confirmProduction(baseUrl: string, io: Io): Promise<void> {
  const { host } = new URL(baseUrl);
  const isProduction = Object.values(stages).some(({ domain, protect }) => protect && domain === host);
  if (!isProduction || !io.stdin.isTTY) return;
  await confirmChange(io, { stage: "prod", guarded: true, what: "A marked order is created and cancelled in production" });
}

/** The one-machine stack makes tokens for whoever asks. */
async function localToken(baseUrl: string): Promise<string | undefined> {
  if (!["127.0.0.1", "localhost"].includes(new URL(baseUrl).hostname)) return undefined;
  const answer = await fetch(`${baseUrl}/_local/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tenantId: "smoke-test", sub: "smoke-test" }),
  }).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as { access_token: string }).access_token : undefined;
}

function markedOrder(): NewOrder {
  return {
    customerEmail: CUSTOMER,
    company: "SMOKE TEST",
    notes: "Smoke test of a deployment: not an order, please ignore.",
    purchaseOrderNumber: `SMOKE-${new Date().toISOString()}`,
    items: [{ productId: "PROD-001", quantity: 1 }],
    billingAddress: { street: "1 Smoke Test Street", city: "Cape Town", postalCode: "8001" },
  };
}

/** Asks until the answer is there: an index and a document follow the record by a moment. */
async function patiently<Found>(ask: () => Promise<Found | undefined>, timeoutMs: number): Promise<Found> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const late = Date.now() > deadline;
    try {
      const found = await ask();
      if (found !== undefined) return found;
      if (late) throw new Error(`it was not there after ${timeoutMs / 1000} s`);
    } catch (error) {
      if (!isOrderClientError(error) || !["INVOICE_NOT_READY", "ORDER_NOT_FOUND"].includes(error.code) || late) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

type Outcome = { failure: string } | { orderId: string; stage: string; version: string; cancelled: boolean };

function report(url: string, steps: Step[], outcome: Outcome): Result {
  const table =
    steps.length === 0
      ? undefined
      : columns(
          ["Step", "ms", ""],
          steps.map(({ name, ms, detail }) => [name, ms, detail]),
          [1],
        );
  if ("failure" in outcome) {
    const after = steps.at(-1)?.name ?? "the start";
    return {
      data: { url, ok: false, steps, failure: outcome.failure },
      text: paragraphs(table, `${url} FAILED after ${after}: ${outcome.failure}`),
      exitCode: exitCode.failed,
    };
  }
  const unseen = unseenBy(outcome);
  const note = outcome.cancelled ? "the order is cancelled" : "no token was given: the guest's order is left to expire in seven days";
  return {
    data: { url, ok: true, steps, ...outcome, unseen },
    text: paragraphs(table, `${url} works; ${note}.`, `Not seen: ${unseen.join("; ")}.`),
    exitCode: exitCode.ok,
  };
}

/** What this smoke says nothing about. */
function unseenBy({ orderId, stage, cancelled }: Exclude<Outcome, { failure: string }>): string[] {
  const where = stage === "local" ? "" : ` --stage ${stage}`;
  return [
    ...(cancelled ? [] : ["its document, the list and the cancellation, which want a customer's token"]),
    `its mails (npm run ops -- order show ${orderId}${where})`,
    "payment and expiry",
  ];
}
