import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Stack } from "@bbws/local/stack.ts";

/** What tests ask of the one-machine stack besides its API. */

export type ReceivedMail = {
  to: string[];
  from: string;
  replyTo: string | string[];
  subject: string;
  html: string;
  text: string;
  attachments: { filename: string; contentType: string; contentBase64: string }[];
};

export type TokenRequest = {
  tenantId?: string;
  tenantIds?: string[];
  email?: string;
  sub?: string;
  roles?: string | string[];
  scope?: string;
  claims?: Record<string, unknown>;
  expiresIn?: number;
};

/** AWS's clients, on the emulators of a stack. */
export function clientsOf({ region, credentials, endpoints }: Pick<Stack, "region" | "credentials" | "endpoints">) {
  const options = { region, credentials };
  return {
    dynamodb: new DynamoDBClient({ ...options, endpoint: endpoints.dynamodb }),
    sqs: new SQSClient({ ...options, endpoint: endpoints.sqs }),
    s3: new S3Client({ ...options, endpoint: endpoints.s3, forcePathStyle: true }),
  };
}

/** A signed token of the stack's own issuer. */
export async function token({ url }: Pick<Stack, "url">, request: TokenRequest): Promise<string> {
  const answer = await fetch(`${url}/_local/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Every mail that was sent, in order; with `about`, those whose subject or text names it. */
export async function mailsOf({ url }: Pick<Stack, "url">, about = ""): Promise<ReceivedMail[]> {
  const mails = (await (await fetch(`${url}/_local/mails`)).json()) as ReceivedMail[];
  return mails.filter(({ subject, text }) => subject.includes(about) || text.includes(about));
}

/** Addressees and subject of every mail that was sent, in order. */
export async function mailHeadsOf({ url }: Pick<Stack, "url">): Promise<Pick<ReceivedMail, "to" | "subject">[]> {
  return (await (await fetch(`${url}/_local/mail-heads`)).json()) as Pick<ReceivedMail, "to" | "subject">[];
}

export type QueueDepths = Record<string, { depth: number; inFlight: number; dlqDepth: number }>;

export async function queuesOf({ url }: Pick<Stack, "url">): Promise<QueueDepths> {
  return (await (await fetch(`${url}/_local/queues`)).json()) as QueueDepths;
}
