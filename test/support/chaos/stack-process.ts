/** The stack under random faults, as a process of its own that can be killed: `node stack-process.ts '{…}'` (`ChaosOptions`). */
import type { OrderEventQueue } from "@bbws/core/order/events.ts";
import type { Sabotage } from "@bbws/local/lambda/protocol.ts";
import { physicalQueues } from "@bbws/local/local-stage.ts";
import { startStack } from "@bbws/local/stack.ts";
import { rightsOf } from "../policy.ts";
import { NOTE, refusing, unnotable } from "./mail-faults.ts";
import { randomOf } from "./random.ts";

export type ChaosOptions = {
  folder: string;
  port: number;
  journal: string;
  seed: number;
  timeScale: number;
};

/** Printed as JSON lines: what was done to messages and calls. */
export type Mischief = { kind: "fault" } | { kind: "messages"; repeated: number; dropped: number };
/** Printed likewise: a right that a call needed, once per life. */
export type Need = { kind: "need"; right: string };

/** Queues that the router sends batches to. */
const routed: readonly OrderEventQueue[] = ["InvoiceQueue", "InternalNotificationQueue", "CustomerNotificationQueue"];

const { folder, port, journal, seed, timeScale } = JSON.parse(process.argv[2] ?? "{}") as ChaosOptions;
const random = randomOf(seed);
const tell = (line: Mischief | Need) => console.log(JSON.stringify(line));
const needed = new Set<string>();

function faults(): Sabotage[] {
  if (!random.chance(0.06)) return [];
  const how = random.pick(["die", "throttle", "unavailable", "timeout", "conflict", "refuse", "unnotable"] as const);
  if (how === "conflict")
    return [{ call: 1, name: "dynamodb TransactWriteItems", phase: "before", how: random.pick(["conflict", "outrun"]) }];
  if (how === "refuse") {
    const name = `sqs SendMessageBatch ${physicalQueues[random.pick(routed)]}`;
    return [{ call: 1, name, phase: "before", how, entries: random.pick(["first", "last", "all"]) }];
  }
  if (how === "unnotable") return [{ call: 1, name: NOTE, ...unnotable }];
  return [{ call: 1 + random.below(6), phase: random.pick(["before", "after"] as const), how }];
}

const stack = await startStack({
  stateDir: folder,
  port,
  quiet: true,
  timeScale,
  journal,
  onCall(call) {
    for (const right of rightsOf(call)) {
      if (needed.has(right)) continue;
      needed.add(right);
      tell({ kind: "need", right });
    }
  },
  sabotage: (name) => [...faults(), ...refusing(name)],
  onSabotaged({ plan }) {
    if (plan.how !== "reject") tell({ kind: "fault" });
  },
  disturb(_, messages) {
    const order = random.shuffle(messages).filter(() => !random.chance(0.03));
    const again = order.filter(() => random.chance(0.1));
    const undeleted = order.filter(() => random.chance(0.05));
    tell({ kind: "messages", repeated: again.length + undeleted.length, dropped: messages.length - order.length });
    return { deliveries: [order, again].filter((list) => list.length > 0), undeleted, delayMs: random.below(60) };
  },
});
process.once("SIGTERM", () => void stack.stop().then(() => process.exit(0)));
console.log(`ready ${stack.url}`);
