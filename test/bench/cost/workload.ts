import type { FunctionName } from "../../../infra/settings.ts";

/** What one order asks of AWS from its checkout over the tax invoice to the end of its timer, measured on the one-machine stack. */
export type Workload = {
  measuredAt: string;
  /** The machine's load average of the last minute: beyond its cores it makes the durations longer. */
  load: number;
  /** Orders the averages are of. */
  orders: number;
  /** Per function and order. `invocations` below 1: several orders share one. */
  functions: Partial<Record<FunctionName, { invocations: number; msPerInvocation: number; calls: Record<string, number> }>>;
  /** Bytes: an order as it lies in the table, the message that carries it, its documents together, its log lines together. */
  bytes: { orderItem: number; message: number; documents: number; logs: number };
};
