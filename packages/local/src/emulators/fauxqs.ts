/**
 * SQS and S3 by fauxqs. Its own starter listens on every interface and knows no repair of its files, hence the stores
 * are put together here as its starter does it (fauxqs 2.4.1, `startFauxqs`).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type BuildAppOptions, buildApp } from "fauxqs";
import {
  changesDeadLetterQueue,
  deadLetterQueueOf,
  type QueueName,
  queueDefaults,
  queues,
  visibilitySeconds,
} from "../../../../infra/settings.ts";
import { localStage, physicalBuckets, physicalQueues, queueArn, REGION } from "../local-stage.ts";
import { LOOPBACK } from "./ports.ts";

type Stores = NonNullable<BuildAppOptions["stores"]>;
type Persistence = {
  db: DatabaseSync;
  load(...stores: [Stores["sqsStore"], Stores["snsStore"], Stores["s3Store"]]): void;
  updateMessageReady(messageId: string): void;
  close(): void;
};

/** What is used of fauxqs' own web server, whose types it does not bring along. */
type Request = { method: string; headers: Record<string, string | undefined>; params: unknown };
type Reply = { status(code: number): Reply; header(name: string, value: string): Reply; send(body: string): Promise<void> };

/** What a message in a queue looks like to the inspection endpoints. */
export type StoredMessage = {
  messageId: string;
  body: string;
  sentAt: string;
  receives: number;
  inFlight: boolean;
  attributes: Record<string, string>;
};
export type QueueDepth = { depth: number; inFlight: number };

export type Fauxqs = {
  port: number;
  depths(): Record<string, QueueDepth>;
  messages(physicalQueue: string): StoredMessage[];
  stop(): Promise<void>;
};

/** @param dataDir where the state is kept; undefined keeps it in memory */
export async function startFauxqs(dataDir: string | undefined, timeScale: number): Promise<Fauxqs> {
  if (dataDir) releaseInFlight(join(dataDir, "fauxqs.db"));
  const { stores, persistence } = await openStores(dataDir);
  const app = buildApp({ logger: false, host: LOOPBACK, defaultRegion: REGION, stores });
  app.addHook("preHandler", async (request: Request, reply: Reply) => {
    if (request.method !== "PUT" || request.headers["if-none-match"] !== "*" || !isStored(stores, request.params)) return;
    await reply.status(412).header("content-type", "application/xml").send(PRECONDITION_FAILED);
  });
  await app.listen({ port: 0, host: LOOPBACK });
  const address = app.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  for (const [name, attributes] of queueAttributes(timeScale)) upsertQueue(stores, port, name, attributes);
  for (const bucket of Object.values(physicalBuckets)) {
    if (!stores.s3Store.hasBucket(bucket)) stores.s3Store.createBucket(bucket);
  }
  return {
    port,
    depths() {
      stores.sqsStore.processAllTimers();
      const depthOf = (physical: string): QueueDepth => {
        const messages = stores.sqsStore.inspectQueue(physical)?.messages;
        return { depth: (messages?.ready.length ?? 0) + (messages?.delayed.length ?? 0), inFlight: messages?.inflight.length ?? 0 };
      };
      return Object.fromEntries(Object.entries(physicalQueues).map(([component, physical]) => [component, depthOf(physical)]));
    },
    messages(physicalQueue) {
      stores.sqsStore.processAllTimers();
      const found = stores.sqsStore.inspectQueue(physicalQueue)?.messages;
      if (!found) return [];
      return [
        ...[...found.ready, ...found.delayed].map((message) => ({ message, inFlight: false })),
        ...found.inflight.map(({ message }) => ({ message, inFlight: true })),
      ].map(({ message, inFlight }) => ({
        messageId: message.messageId,
        body: message.body,
        sentAt: new Date(message.sentTimestamp).toISOString(),
        receives: message.approximateReceiveCount,
        inFlight,
        attributes: Object.fromEntries(Object.entries(message.messageAttributes).map(([name, value]) => [name, value.StringValue ?? ""])),
      }));
    },
    async stop() {
      await app.close();
      persistence?.close();
    },
  };
}

/** The stores and their file, loaded before they are joined: joined earlier, loading would delete what it loads. */
async function openStores(dataDir: string | undefined): Promise<{ stores: Stores; persistence: Persistence | undefined }> {
  const part = (path: string) => import(new URL(path, import.meta.resolve("fauxqs")).href);
  const { SqsStore } = (await part("sqs/sqsStore.js")) as { SqsStore: new () => Stores["sqsStore"] };
  const { SnsStore } = (await part("sns/snsStore.js")) as { SnsStore: new () => Stores["snsStore"] };
  const { S3Store } = (await part("s3/s3Store.js")) as { S3Store: new () => Stores["s3Store"] };
  const stores: Stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  if (!dataDir) return { stores, persistence: undefined };

  const { PersistenceManager } = (await part("persistence.js")) as { PersistenceManager: new (dataDir: string) => Persistence };
  const persistence = new PersistenceManager(dataDir);
  // It must survive the end of this process, not of the machine: no fsync for every message.
  persistence.db.exec("PRAGMA synchronous = OFF");
  // Its own statement writes NULL into a NOT NULL column: returning a message to its queue at once would always fail.
  const ready = persistence.db.prepare("UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?");
  persistence.updateMessageReady = (messageId) => void ready.run(messageId);

  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  for (const store of Object.values(stores) as { persistence?: unknown }[]) store.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues() as Iterable<{ persistence?: unknown }>) queue.persistence = persistence;
  return { stores, persistence };
}

/** S3's answer to a conditional write of a key that is taken; fauxqs itself does not know the condition. */
const PRECONDITION_FAILED =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>PreconditionFailed</Code>' +
  "<Message>At least one of the pre-conditions you specified did not hold</Message><Condition>If-None-Match</Condition></Error>";

function isStored({ s3Store }: Stores, parameters: unknown): boolean {
  const { bucket = "", "*": key = "" } = parameters as { bucket?: string; "*"?: string };
  try {
    return Boolean(s3Store.headObject(bucket, key));
  } catch {
    return false;
  }
}

/** Whoever had received these messages died with the last stack: they are visible again at once. */
function releaseInFlight(file: string): void {
  if (!existsSync(file)) return;
  const db = new DatabaseSync(file);
  db.exec("UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL");
  db.close();
}

function upsertQueue(stores: Stores, port: number, name: string, attributes: Record<string, string>) {
  const existing = stores.sqsStore.getQueueByName(name);
  if (existing) {
    existing.setAttributes(attributes);
    return;
  }
  stores.sqsStore.createQueue(name, `http://${LOOPBACK}:${port}/000000000000/${name}`, queueArn(name), attributes);
}

/** Physical name and attributes of every queue; times are divided by the time scale, SQS counts whole seconds. */
export function queueAttributes(timeScale: number): [name: string, attributes: Record<string, string>][] {
  const days = (count: number) => String(count * 86_400);
  const deadLetters = { MessageRetentionPeriod: days(queueDefaults.deadLetterRetentionDays) };
  const work = (Object.keys(queues) as QueueName[]).flatMap((queue) => {
    const physical = physicalQueues[queue] ?? queue;
    const deadLetterQueue = physicalQueues[deadLetterQueueOf(queue)] ?? "";
    return [
      [deadLetterQueue, deadLetters],
      [
        physical,
        {
          VisibilityTimeout: String(Math.max(1, Math.ceil(visibilitySeconds(queue) / timeScale))),
          ReceiveMessageWaitTimeSeconds: String(queueDefaults.longPollSeconds),
          MessageRetentionPeriod: days(localStage.queueRetentionDays),
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(deadLetterQueue), maxReceiveCount: queues[queue].maxReceives }),
        },
      ],
    ] as [string, Record<string, string>][];
  });
  return [...work, [physicalQueues[changesDeadLetterQueue.component] ?? "", deadLetters]];
}
