/** SQS, S3 and SES on this machine, in a thread of their own. */
import { Worker } from "node:worker_threads";
import type { QueueDepth, StoredMessage } from "./fauxqs.ts";
import { LOOPBACK } from "./ports.ts";
import type { MailHead, StoredMail } from "./ses.ts";

export type AwsThreadOptions = { folder: string | undefined; timeScale: number };
export type AwsRequest = { id: number; action: "depths" | "messages" | "mails" | "mailHeads" | "stop"; queue?: string; from?: number };
export type AwsReply = { id: number; value: unknown };

export type AwsLocal = {
  endpoints: { sqs: string; s3: string; ses: string };
  queueUrl(physical: string): string;
  /** Depth of every queue by component name. */
  depths(): Promise<Record<string, QueueDepth>>;
  messages(physical: string): Promise<StoredMessage[]>;
  /** In sending order. */
  mails(): Promise<StoredMail[]>;
  /** The same without their text, from the given place on: cheap enough to be asked for often. */
  mailHeads(from: number): Promise<MailHead[]>;
  stop(): Promise<void>;
};

/** @param options.folder where queues, objects and mails are kept; undefined keeps them in memory */
export async function startAws(options: AwsThreadOptions): Promise<AwsLocal> {
  const worker = new Worker(new URL("./aws-thread.ts", import.meta.url), {
    workerData: options,
    // node:sqlite announces itself as experimental.
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const answerTo = <T>(id: number) =>
    new Promise<T>((resolve, reject) => {
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
    });
  worker.on("message", (reply: AwsReply) => {
    waiting.get(reply.id)?.resolve(reply.value);
    waiting.delete(reply.id);
  });
  worker.on("error", (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const ports = await answerTo<{ fauxqs: number; ses: number }>(0);
  let last = 0;
  const ask = <T>(request: Omit<AwsRequest, "id">) => {
    last += 1;
    const answer = answerTo<T>(last);
    worker.postMessage({ ...request, id: last } satisfies AwsRequest);
    return answer;
  };
  const fauxqs = `http://${LOOPBACK}:${ports.fauxqs}`;
  return {
    endpoints: { sqs: fauxqs, s3: fauxqs, ses: `http://${LOOPBACK}:${ports.ses}` },
    queueUrl: (physical) => `${fauxqs}/000000000000/${physical}`,
    depths: () => ask({ action: "depths" }),
    messages: (physical) => ask({ action: "messages", queue: physical }),
    mails: () => ask({ action: "mails" }),
    mailHeads: (from) => ask({ action: "mailHeads", from }),
    async stop() {
      // Its files are consistent at any moment; an orderly end is a courtesy with a limit.
      const limit = setTimeout(() => void worker.terminate(), 2000);
      void ask({ action: "stop" }).catch(() => undefined);
      await ended;
      clearTimeout(limit);
    },
  };
}
