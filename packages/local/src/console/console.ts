/** The endpoints that exist only on this machine: `/_local/…` and the pages. Everything else is the API's. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { AwsLocal } from "../emulators/aws.ts";
import type { Issuer } from "../emulators/issuer.ts";
import { type HttpRequest, type HttpResponse, splitTarget } from "../gateway/event.ts";
import type { Faults } from "../lambda/faults.ts";
import { createPage } from "../page/page.ts";
import { BadRequest, json } from "./answer.ts";
import { docs } from "./docs.ts";
import { expire } from "./expire.ts";
import { inbox } from "./inbox.ts";
import { toLocalMail } from "./mails.ts";
import { memory } from "./memory.ts";
import { orderMails } from "./order-mails.ts";
import { patience, setPatience } from "./patience.ts";
import { deadLetters, redrive, reportQueues } from "./queues.ts";
import { expireRequest, faultRequest, parseBody, patienceRequest, redriveRequest, tokenRequest } from "./requests.ts";

export type ConsoleParts = {
  aws: AwsLocal;
  dynamodb: DynamoDBClient;
  sqs: SQSClient;
  issuer: Issuer;
  faults: Faults;
};

type Handler = (request: HttpRequest, query: URLSearchParams) => HttpResponse | Promise<HttpResponse>;

/** @returns the answer, or undefined when the path belongs to the API */
export type Console = (request: HttpRequest) => Promise<HttpResponse | undefined>;

export function createConsole({ aws, dynamodb, sqs, issuer, faults }: ConsoleParts): Console {
  const page = createPage({ s3Endpoint: aws.endpoints.s3 });
  const mailsOfOrder = orderMails(aws, dynamodb);
  const handlers: Record<string, Handler> = {
    "POST /_local/token": async ({ body }) => json(200, { access_token: await issuer.token(parseBody(tokenRequest, body)) }),
    "GET /_local/mails": async () => json(200, (await aws.mails()).map(toLocalMail)),
    "GET /_local/mail-heads": async (_, query) => json(200, await aws.mailHeads(Number(query.get("from") ?? 0) || 0)),
    "GET /_local/memory": async () => json(200, await memory()),
    "GET /_local/order-mails": async (_, query) => json(200, await mailsOfOrder(query.get("orderId") ?? "")),
    "GET /_local/queues": async () => json(200, await reportQueues(aws)),
    "GET /_local/dead-letters": async (_, query) => json(200, await deadLetters(aws, query.get("queue") ?? "")),
    "POST /_local/redrive": async ({ body }) => {
      const { queue, ...which } = parseBody(redriveRequest, body);
      return json(200, { queue, moved: await redrive(aws, sqs, queue, which) });
    },
    "GET /_local/patience": async () => json(200, await patience(aws, sqs)),
    "POST /_local/patience": async ({ body }) => json(200, await setPatience(aws, sqs, parseBody(patienceRequest, body).receives)),
    "GET /_local/faults": () => json(200, faults.left()),
    "POST /_local/faults": ({ body }) => {
      const { target, failures } = parseBody(faultRequest, body);
      faults.fail(target, failures);
      return json(200, { target, failures });
    },
    "POST /_local/expire": async ({ body }) => {
      const { orderId } = parseBody(expireRequest, body);
      if (await expire(dynamodb, orderId)) return json(200, { orderId });
      return json(404, { message: `order ${orderId} has no timer` });
    },
  };

  return async (request) => {
    const target = splitTarget(request.target);
    if (!target) return undefined;
    const { path, query } = target;
    const method = request.method === "HEAD" ? "GET" : request.method;
    try {
      const handler = handlers[`${method} ${path}`];
      if (handler) return await handler(request, new URLSearchParams(query));
      if (method === "GET" && (path === "/docs" || path.startsWith("/docs/"))) {
        const found = await docs(path);
        if (found) return found;
      }
      const served = await page(request);
      if (served) return served;
      if (path === "/inbox" || path.startsWith("/inbox/")) return await inbox(aws.endpoints.ses, request);
    } catch (error) {
      if (error instanceof BadRequest) return json(400, { message: error.message });
      throw error;
    }
    if (path !== "/_local" && !path.startsWith("/_local/")) return undefined;
    const known = Object.keys(handlers).filter((key) => key.endsWith(` ${path}`));
    const methods = known.map((key) => key.split(" ")[0]).join(" or ");
    return known.length > 0 ? json(405, { message: `use ${methods}` }) : json(404, { message: "no such local endpoint" });
  };
}
