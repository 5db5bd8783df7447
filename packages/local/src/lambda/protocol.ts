/** What passes between the stack and a function's execution environment. Events and results travel as JSON, as in Lambda. */
import type { FunctionName } from "../../../../infra/settings.ts";
import type { FaultTarget } from "./faults.ts";

export type EnvironmentData = {
  name: FunctionName;
  /** The built module. */
  bundle: string;
  faults: SharedArrayBuffer;
  record: boolean;
};

/** What is to go wrong in one invocation: at its `call`-th call of a service (1 = the first), before or after the call's effect. */
export type Sabotage = {
  call: number;
  phase: "before" | "after";
  /** `die`: the environment ends there. `throttle`, `timeout`: the call fails the way the service or the network would. */
  how: "die" | "throttle" | "timeout";
};

/** A sabotage that took place, and the call it hit. */
export type Sabotaged = Sabotage & {
  function: FunctionName;
  requestId: string;
  service: FaultTarget;
  action: string;
  /** Mails that were handed to SES, or were being handed over, and are not marked as sent: each may go out once more. */
  unmarkedMails: number;
};

export type Invocation = {
  type: "invoke";
  requestId: string;
  event: string;
  sabotage?: Sabotage;
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
  /** Request id of the invocation, and the call's place in it (1 = the first). */
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
