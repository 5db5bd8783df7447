/**
 * What can be made to go wrong inside the functions, in memory that all their threads share: calls of a service that
 * fail, and the step at which a function's environment dies.
 */
import { type FunctionName, functions } from "../../../../infra/settings.ts";

export const faultTargets = ["sqs", "dynamodb", "s3", "ses", "catalogue"] as const;
export type FaultTarget = (typeof faultTargets)[number];

/** One SDK call as the functions' runtime reports it, above the SDK's own retries. */
export type ProbeCall = { service: FaultTarget; action: string; input: unknown };

/** What the functions' runtime calls around every such call; a throw makes the call fail. */
export type Probe = {
  before(call: ProbeCall): void | Promise<void>;
  after(call: ProbeCall, result: unknown): void | Promise<void>;
  /** The call was made and brought an error. */
  failed?(call: ProbeCall): void;
};

export const PROBE = Symbol.for("bbws-order.probe");

const functionNames = Object.keys(functions) as FunctionName[];

/** Per function: calls left until it dies before one, calls left until it dies after one. */
const CRASH_SLOTS = 2;
const slots = faultTargets.length + functionNames.length * CRASH_SLOTS;

export type CrashPhase = "before" | "after";

const failureSlot = (target: FaultTarget) => faultTargets.indexOf(target);
const crashSlot = (name: FunctionName, phase: CrashPhase) =>
  faultTargets.length + functionNames.indexOf(name) * CRASH_SLOTS + (phase === "before" ? 0 : 1);

export type Faults = {
  /** Handed to every worker. */
  memory: SharedArrayBuffer;
  /** Lets the next `failures` calls of a service fail before they take effect. */
  fail(target: FaultTarget, failures: number): void;
  /** Calls of each service that are still to fail. */
  left(): Record<FaultTarget, number>;
  /** Kills whichever environment of the function makes its `call`-th call from now (1 = the next), before or after that call. */
  crash(name: FunctionName, phase: CrashPhase, call: number): void;
  /** Back to a healthy world. */
  clear(): void;
};

export function createFaults(): Faults {
  const memory = new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT);
  const counters = new Int32Array(memory);
  return {
    memory,
    fail: (target, failures) => void Atomics.store(counters, failureSlot(target), failures),
    left: () =>
      Object.fromEntries(faultTargets.map((target) => [target, Atomics.load(counters, failureSlot(target))])) as Record<
        FaultTarget,
        number
      >,
    crash: (name, phase, call) => void Atomics.store(counters, crashSlot(name, phase), call),
    clear: () => void counters.fill(0),
  };
}

/** The worker's side: takes one from a counter; true when it was there to take, with what is left. */
function take(counters: Int32Array, slot: number): { left: number } | undefined {
  for (;;) {
    const current = Atomics.load(counters, slot);
    if (current <= 0) return undefined;
    if (Atomics.compareExchange(counters, slot, current, current - 1) === current) return { left: current - 1 };
  }
}

/** True when this call must fail. */
export function mustFail(counters: Int32Array, target: FaultTarget): boolean {
  return take(counters, failureSlot(target)) !== undefined;
}

/** True when the environment must die here. */
export function mustDie(counters: Int32Array, name: FunctionName, phase: CrashPhase): boolean {
  return take(counters, crashSlot(name, phase))?.left === 0;
}
