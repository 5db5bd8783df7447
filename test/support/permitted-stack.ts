import { type Stack, type StackOptions, startStack as start } from "@bbws/local/stack.ts";
import { lackingOf, rightsOf } from "./policy.ts";

/**
 * The one-machine stack, as tests start it.
 * @throws when it is stopped, if a function made a call that its policy in the plan lacks
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const needed = new Set<string>();
  const stack = await start({
    ...options,
    onCall(call) {
      for (const right of rightsOf(call)) needed.add(right);
    },
  });
  return {
    ...stack,
    async stop() {
      await stack.stop();
      const lacking = lackingOf(needed);
      if (lacking.length > 0) throw new Error(`the policies in the plan lack: ${lacking.join(", ")}`);
    },
  };
}
