import { RETENTION_DAYS } from "./queues.ts";

/** Why a letter died, and what to do about it, in words. Pure. */
export type Explanation = { cause: string; advice: string };

export type LetterFacts = {
  /** Why its consumer gave it up at once. */
  errorReason: string | undefined;
  /** SES's id of its mail, where only the note of it is missing. */
  sentAs: string | undefined;
  receives: number;
  body: string;
  /** The failure its consumer logged last, if the log still has it. */
  logged: string | undefined;
  /** The order it is about, as it is now. `undefined`: it names none. */
  order: { recorded: false } | { recorded: true; status: string; lacks: string[] } | undefined;
  /** The letter is the accepted order itself: there need not be a record yet. */
  accepted: boolean;
};

export function explain(letter: LetterFacts): Explanation {
  const { cause, advice } = origin(letter);
  return { cause, advice: [advice, presentState(letter)].filter(Boolean).join(" ") };
}

function origin({ errorReason, sentAs, receives, body, logged }: LetterFacts): Explanation {
  const givenUp = streamBatchOf(body);
  if (givenUp) {
    const { batchSize, approximateArrivalOfFirstRecord: from, approximateArrivalOfLastRecord: to } = givenUp;
    return {
      cause: `A stream function failed on ${batchSize ?? "some"} changes of ${from ?? "?"} to ${to ?? "?"} until its retries were used up. The letter names their place in the stream only.`,
      advice: "Put right what failed, then let reconcile find and re-emit what is missing; purge the letter afterwards.",
    };
  }
  if (errorReason === "not JSON") {
    return { cause: "The body is not JSON: no release could ever read it.", advice: "Find out who sent it, then purge it." };
  }
  const fields = errorReason?.match(/^unknown message: (.*)$/)?.[1];
  if (fields !== undefined) {
    return {
      cause: `The message has not the shape this release knows. Missing or wrong: ${fields}.`,
      advice: "Sent by another release: redrive it when the release that knows it is deployed. Sent by hand: purge it.",
    };
  }
  if (errorReason?.includes("is stored under this number")) {
    return {
      cause: `${sentence(errorReason)} An issued document is never overwritten.`,
      advice:
        "Do not redrive. Compare the stored PDF with the order; a changed supplier fact, a release that draws documents otherwise or a hand-made object is the usual reason.",
    };
  }
  if (sentAs !== undefined) {
    return {
      cause: sentence(errorReason ?? `SES took the mail as ${sentAs}, and the table took no note of it`),
      advice: "Redrive it, or reconcile: the mail is noted then, not sent again.",
    };
  }
  if (errorReason !== undefined) {
    return {
      cause: `The consumer gave it up at once, because repeating could not help: ${sentence(errorReason)}`,
      advice: "Put the cause right, then redrive.",
    };
  }
  const last =
    logged === undefined ? "the log has no failure of it (a time-out or a crash leaves none)" : `the last failure was ${inWords(logged)}`;
  return {
    cause: `It was received too often (${receives} receives by now) and failed each time; ${last}.`,
    advice: "When what failed works again, redrive.",
  };
}

function presentState({ order, accepted }: LetterFacts): string {
  if (order === undefined) return "";
  if (!order.recorded) {
    return accepted
      ? "The order is not recorded: the customer has an answer and no order until this is redriven."
      : "Its order is not in the table: look for it among the dead letters of OrderCreationQueue first.";
  }
  if (order.lacks.length === 0) return `Its order is ${order.status} and lacks nothing: redriving does no harm, purging loses nothing.`;
  return `Its order is ${order.status} and lacks: ${order.lacks.join(", ")}. Letters are kept ${RETENTION_DAYS} days.`;
}

/** What an operator makes of a logged error name or code. */
const errorWords: Record<string, string> = {
  ORDER_NOT_FOUND: "that the order was not in the table (yet)",
  INVOICE_NOT_READY: "that the document to attach was not stored yet",
  TRY_AGAIN: "a contended counter, or another sender holding the mail",
  ThrottlingException: "throttling by AWS",
  ProvisionedThroughputExceededException: "throttling by DynamoDB",
  TooManyRequestsException: "throttling by SES",
  TimeoutError: "an AWS call that took too long",
  AccessDeniedException: "a missing permission: compare the function's policy with the last deployment",
  ServiceUnavailable: "an AWS service that was out of order",
  InternalServerError: "an AWS service that was out of order",
  NoSuchKey: "a stored object that is missing",
  ResourceNotFoundException: "a missing AWS resource",
};

function inWords(logged: string): string {
  const known = logged.split(/[ ,]+/).find((word) => word in errorWords);
  return known ? `${errorWords[known]} (${logged})` : logged;
}

type StreamBatch = { batchSize?: number; approximateArrivalOfFirstRecord?: string; approximateArrivalOfLastRecord?: string };

/** Set in the letter Lambda itself writes when a stream function's retries are used up. */
function streamBatchOf(body: string): StreamBatch | undefined {
  try {
    return (JSON.parse(body) as { DDBStreamBatchInfo?: StreamBatch } | null)?.DDBStreamBatchInfo;
  } catch {
    return undefined;
  }
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
