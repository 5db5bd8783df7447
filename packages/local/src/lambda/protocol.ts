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

export type Invocation = {
  type: "invoke";
  requestId: string;
  event: string;
  /** Epoch milliseconds at which the function times out. */
  deadline: number;
  context: { functionName: string; invokedFunctionArn: string; memoryLimitInMB: string };
};

export type FunctionErrorShape = { errorType: string; errorMessage: string; trace: string[] };

/** One SDK call a function made. */
export type RecordedCall = { function: FunctionName; service: FaultTarget; action: string; resources: string[] };

export type FromEnvironment =
  | { type: "ready" }
  | { type: "failed-to-start"; error: FunctionErrorShape }
  | { type: "result"; requestId: string; value: string }
  | { type: "error"; requestId: string; error: FunctionErrorShape }
  | { type: "call"; call: RecordedCall };
