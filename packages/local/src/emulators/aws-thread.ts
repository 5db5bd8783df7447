/** Thread that runs SQS, S3 and SES, so that their work does not hold up the gateway and the pollers. */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { AwsReply, AwsRequest, AwsThreadOptions } from "./aws.ts";
import { startFauxqs } from "./fauxqs.ts";
import { startSes } from "./ses.ts";

const port = parentPort;
if (!port) throw new Error("aws-thread.ts runs as a worker thread");
const { folder, timeScale } = workerData as AwsThreadOptions;

const [fauxqs, ses] = await Promise.all([
  startFauxqs(folder && join(folder, "fauxqs"), timeScale),
  startSes(folder && join(folder, "mails.jsonl")),
]);

const answers = {
  depths: () => fauxqs.depths(),
  messages: ({ queue }: { queue?: string }) => fauxqs.messages(queue ?? ""),
  // Copied here: what is read from the file only when it is looked at cannot cross to another thread.
  mails: () => ses.mails().map((mail) => ({ ...mail })),
  mailHeads: ({ from }: { from?: number }) => ses.heads(from ?? 0),
  stop: async () => {
    await Promise.all([fauxqs.stop(), ses.stop()]);
  },
};

port.on("message", async (request: AwsRequest) => {
  const value = await answers[request.action](request);
  port.postMessage({ id: request.id, value } satisfies AwsReply);
  if (request.action === "stop") port.close();
});
port.postMessage({ id: 0, value: { fauxqs: fauxqs.port, ses: ses.port } } satisfies AwsReply);
