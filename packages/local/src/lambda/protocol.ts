/** What passes between the stack and a function's execution environment. Events and results travel as JSON, as in Lambda. */
import type { FunctionName } from "../../../../infra/settings.ts";
import type { FaultTarget } from "./faults.ts";

export type EnvironmentData = {
  name: FunctionName;
  /** The built module. */
  bundle: string;
  faults: SharedArrayBuffer;
  record: boolean;
  /** File to which every hand-over of a mail is appended the moment it happens (`MailNote`, one JSON line each), and by whom. */
  journal?: { file: string; sender: string } | undefined;
};

/** What is to go wrong in one invocation, at one of its calls, before or after the call's effect. */
export type Sabotage = {
  /** 1 = the first call of the invocation, or of its calls of that `name`. Ignored where `about` tells the call. */
  call: number;
  /** Service, action and resource, as in `RecordedCall`. */
  name?: string;
  /** Every call of that `name` whose input holds this text, as an address. */
  about?: string;
  phase: "before" | "after";
  /**
   * `die`: the environment ends there. `throttle`, `unavailable` (a 503), `timeout`: the call fails the way the service or the
   * network would. `conflict`, `outrun`: the table refuses a transaction because another one holds its first item, or has
   * changed it already. `reject`: SES will never take the mail. `refuse`: SQS takes a batch of messages, but not these `entries`.
   */
  how: "die" | "throttle" | "unavailable" | "timeout" | "conflict" | "outrun" | "reject" | "refuse";
  entries?: "first" | "last" | "all";
};

/** A sabotage that took place, and the call it hit. */
export type Sabotaged = { plan: Sabotage; function: FunctionName; requestId: string; service: FaultTarget; action: string };

/**
 * One step of a mail, as its sender lived it. `handed over`: SES may have it from here on. `noted`: the ledger says so.
 * `answer lost`: SES has it and its sender was not told. `given up`: each note of it failed until its time was over.
 * `died`: so did the sender, with all that is not noted.
 */
export type MailNote = { sender: string; at: number } & (
  | { step: "handed over" | "noted" | "answer lost" | "given up"; mail: string }
  | { step: "died" }
);

export type Invocation = {
  type: "invoke";
  requestId: string;
  event: string;
  sabotage: readonly Sabotage[];
  /** Epoch milliseconds at which the function times out. */
  deadline: number;
  context: { functionName: string; invokedFunctionArn: string; memoryLimitInMB: string };
};

export type FunctionErrorShape = { errorType: string; errorMessage: string; trace: string[] };

/** One SDK call a function made. */
export type RecordedCall = {
  function: FunctionName;
  service: FaultTarget;
  action: string;
  resources: string[];
  /** Service, action and the resource without its key: `sqs SendMessage bbws-order-pdf-local`. */
  name: string;
  /** Of the one item or object the call is about, as JSON. */
  key?: string;
  /** Request id of the invocation, and the call's place among its calls of that name (1 = the first). */
  requestId: string;
  call: number;
};

export type FromEnvironment =
  | { type: "ready" }
  | { type: "failed-to-start"; error: FunctionErrorShape }
  | { type: "result"; requestId: string; value: string }
  | { type: "error"; requestId: string; error: FunctionErrorShape }
  | { type: "call"; call: RecordedCall }
  | { type: "sabotaged"; sabotaged: Sabotaged };
