import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { impliedEvents } from "@bbws/core/order/completeness.ts";
import { isErased } from "@bbws/core/order/erasure.ts";
import { queuesOf } from "@bbws/core/order/events.ts";
import { exitCode } from "../exit-code.ts";
import type { Progress } from "../io.ts";
import { type Store, storeOf } from "../order/store.ts";
import { columns, duration, paragraphs, plural, type Result } from "../output.ts";
import type { Target } from "../target/target.ts";
import { type Emit, emitterOf, noteLetter } from "./given-up.ts";
import { deleteLetter, type Letter, ofOrder, visitLetters } from "./letters.ts";
import { type DeadLetterQueue, deadLetterQueue } from "./queues.ts";

export type RedriveOptions = { order?: string; max?: number; dryRun?: boolean; progress?: Progress };

/** Another chance for a letter. */
type Again = {
  /** Gives it. @returns what was done, or undefined when nothing could be */
  give(letter: Letter): Promise<string | undefined>;
  /** True for what died again after this run had given it: it waits for the next redrive, or this one would never end. */
  gave(letter: Letter): boolean;
};

type Fate = { letter: Letter; moved: boolean; note: string };

/**
 * Gives dead letters another chance: received, sent to the queue they came from, then deleted. Killed in the middle a
 * letter may be handled twice, which consumers notice, but never lost. A change of the table is not sent again: the
 * events its order's present state implies are, and of a mail whose own letter says that SES has it, only the note.
 */
export async function redrive(
  target: Target,
  queueName: string,
  { order, max, dryRun = false, progress }: RedriveOptions,
): Promise<Result> {
  const queue = deadLetterQueue(queueName, target.stage);
  const again = dryRun ? undefined : await chanceOf(target, queue);
  const fits = await ofOrder(target, order);
  const fates: Fate[] = [];
  const limit = max ?? Number.POSITIVE_INFINITY;
  await visitLetters(
    target,
    queue.component,
    async (letter) => {
      if (again?.gave(letter)) return "left";
      progress?.advance(1);
      if (!fits(letter)) return "left";
      if (!again) {
        if (fates.length < limit) fates.push({ letter, moved: false, note: "would be redriven" });
        return "left";
      }
      const note = await again.give(letter);
      fates.push({ letter, moved: note !== undefined, note: note ?? "stays: it names no order; reconcile finds what is missing" });
      if (note === undefined) return "left";
      await deleteLetter(target, queue.component, letter);
      return "taken";
    },
    limit,
  );
  return report(queue, fates, { order, dryRun });
}

async function chanceOf(target: Target, { source }: DeadLetterQueue): Promise<Again> {
  const store = storeOf(target);
  return source ? resend(target, store, source) : replayChange(store, await emitterOf(target, store));
}

/** Sends the message to its work queue as it was; a mail that SES has already is noted instead. */
function resend(target: Target, store: Store, source: NonNullable<DeadLetterQueue["source"]>): Again {
  const sent = new Set<string>();
  return {
    async give(letter) {
      const noted = await noteLetter(store, source, letter);
      if (noted) return noted;
      const { body, attributes } = letter;
      const message = { QueueUrl: target.queueUrl(source), MessageBody: body, MessageAttributes: attributes };
      const { MessageId = "" } = await target.sqs.send(new SendMessageCommand(message));
      sent.add(MessageId);
      return `to ${source}`;
    },
    gave: ({ loggedAs }) => loggedAs.some((id) => sent.has(id)),
  };
}

/** Replays the order that a change is about; of one that names none, nothing can be. */
function replayChange(store: Store, emit: Emit): Again {
  /** Orders whose timer was run out, which is a change again: a removal, as only timers have one. */
  const ranOut = new Set<string>();
  return {
    async give({ about }) {
      const order = about.orderId === undefined ? undefined : await store.find(about.orderId);
      if (!order) return undefined;
      if (isErased(order)) return "its customer was erased: nothing of it is done again";
      const { mails } = await store.around(order);
      const gaps = await store.lacks(order);
      if (gaps.some(({ kind }) => kind === "expiry")) {
        ranOut.add(order.id);
        await store.timers.runOut(order);
      }
      const events = impliedEvents(order, mails);
      await emit(events.flatMap((event) => queuesOf(event).map((to) => ({ queue: to, event }))));
      return `${plural(events.length, "event")} of ${order.id} emitted again`;
    },
    gave: ({ about }) => about.type === "change REMOVE" && ranOut.has(about.orderId ?? ""),
  };
}

function report(
  { component }: DeadLetterQueue,
  fates: Fate[],
  { order, dryRun }: Pick<RedriveOptions, "order"> & { dryRun: boolean },
): Result {
  const moved = fates.filter((fate) => fate.moved).length;
  const table =
    fates.length === 0
      ? undefined
      : columns(
          ["Message", "Type", "Order", "Age", "Outcome"],
          fates.map(({ letter: { messageId, about, sentAt }, note }) => [
            messageId,
            about.type ?? "?",
            about.orderId ?? "-",
            duration(Date.now() - sentAt.getTime()),
            note,
          ]),
        );
  const nothing = `${component} has no letter${order ? ` of ${order}` : ""}: nothing to redrive.`;
  const count = dryRun ? `${plural(fates.length, "letter")} would be redriven.` : `${plural(moved, "letter")} of ${component} redriven.`;
  const summary = fates.length === 0 ? nothing : count;
  const unfinished = dryRun ? fates.length > 0 : moved < fates.length;
  return {
    data: {
      queue: component,
      dryRun,
      moved,
      letters: fates.map(({ letter, moved: gone, note }) => ({
        messageId: letter.messageId,
        type: letter.about.type ?? null,
        orderId: letter.about.orderId ?? null,
        moved: gone,
        note,
      })),
    },
    text: paragraphs(table, summary),
    exitCode: unfinished ? exitCode.notClean : exitCode.ok,
  };
}
