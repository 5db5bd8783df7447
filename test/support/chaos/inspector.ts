/** Looks at the whole system and has it judged. */
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { sha256 } from "@bbws/core/id.ts";
import type { StackFacts } from "@bbws/local/state/stack-file.ts";
import { redrive } from "@bbws/ops/dead-letter/redrive.ts";
import { openTarget } from "@bbws/ops/target/open.ts";
import { clientsOf, mailHeadsOf, queuesOf } from "../stack.ts";
import { readMailJournal } from "./mail-journal.ts";
import { type Expected, type Findings, type Item, judge, type Letter, type Verdict } from "./verdict.ts";

/**
 * Looks at table, bucket, inbox and queues of a stack.
 * @param journal file in which the senders of mails write down what they do
 */
export function inspector(stack: StackFacts, journal: string) {
  const { dynamodb, s3 } = clientsOf(stack);
  const Bucket = stack.buckets.DocumentsBucket!;
  /** What was read once need not be read again: another content has another tag. */
  const hashes = new Map<string, string>();

  async function items(): Promise<Item[]> {
    const found: Item[] = [];
    let start: Record<string, never> | undefined;
    do {
      const page = await dynamodb.send(new ScanCommand({ TableName: stack.table, ConsistentRead: true, ExclusiveStartKey: start }));
      found.push(...(page.Items ?? []).map((item) => unmarshall(item) as Item));
      start = page.LastEvaluatedKey as Record<string, never> | undefined;
    } while (start);
    return found;
  }

  async function objects(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
      for (const { Key, ETag } of page.Contents ?? []) found.set(Key!, await hashOf(Key!, ETag!));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    return found;
  }

  async function hashOf(Key: string, tag: string): Promise<string> {
    const known = hashes.get(`${Key} ${tag}`);
    if (known) return known;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const hash = sha256(await Body!.transformToByteArray());
    hashes.set(`${Key} ${tag}`, hash);
    return hash;
  }

  const lettersOf = async (dlq: string) => (await (await fetch(`${stack.url}/_local/dead-letters?queue=${dlq}`)).json()) as Letter[];

  async function look(): Promise<Findings> {
    const queues = await queuesOf(stack);
    const letters: Record<string, Letter[]> = {};
    for (const [queue, { dlqDepth }] of Object.entries(queues)) {
      const dlq = queue.replace(/Queue$/, "DLQ");
      if (dlqDepth > 0) letters[dlq] = await lettersOf(dlq);
    }
    return {
      items: await items(),
      objects: await objects(),
      mails: (await mailHeadsOf(stack)).map(({ to, subject }) => `${to.join()} ${subject}`),
      handOvers: readMailJournal(journal),
      queues,
      letters,
    };
  }

  const inspect = async (expected: Expected): Promise<Verdict> => judge(await look(), expected, new Date());

  /** What an operator does about mails that could not be noted. @returns how many letters there were */
  async function redriveUnnoted(): Promise<number> {
    const target = await openTarget({ stage: "local", state: stack.folder });
    try {
      let letters = 0;
      for (const dlq of ["InternalNotificationDLQ", "CustomerNotificationDLQ"]) {
        for (const { body, attributes } of await lettersOf(dlq)) {
          if (!attributes.sesMessageId) continue;
          const { orderId } = JSON.parse(body) as { orderId: string };
          letters += 1;
          await redrive(target, dlq, { order: orderId });
        }
      }
      return letters;
    } finally {
      target.close();
    }
  }

  /** Asks until all is well twice in a row, or the time is over: the last verdict tells what was not. */
  async function quiet(expected: Expected, timeoutMs: number): Promise<Verdict> {
    const deadline = performance.now() + timeoutMs;
    let calm = 0;
    for (;;) {
      const queues = Object.values(await queuesOf(stack));
      const idle = queues.every(({ depth, inFlight }) => depth + inFlight === 0) && (await redriveUnnoted()) === 0;
      if (idle || performance.now() > deadline) {
        const verdict = await inspect(expected);
        calm = verdict.problems.length === 0 ? calm + 1 : 0;
        if (calm === 2 || performance.now() > deadline) return verdict;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  return {
    inspect,
    quiet,
    close() {
      dynamodb.destroy();
      s3.destroy();
    },
  };
}
