import { type ProbeCall, probed } from "./probe.ts";

type Stack = { middlewareStack: { add(middleware: never, options: { step: "initialize"; name: string; priority: "high" }): void } };
type Next = (args: { input: unknown }) => Promise<unknown>;

/** Lets the probe see each call once, above the SDK's own retries. */
export function watched<Client extends Stack>(service: ProbeCall["service"], client: Client): Client {
  const middleware = (next: Next, context: { commandName?: string }) => (args: { input: unknown }) =>
    probed({ service, action: (context.commandName ?? "").replace(/Command$/, ""), input: args.input }, () => next(args));
  client.middlewareStack.add(middleware as never, { step: "initialize", name: "probe", priority: "high" });
  return client;
}

/** Short time-outs: a call that hangs must fail while the caller still waits. In ms. */
export const requestHandler = { connectionTimeout: 1_000, requestTimeout: 4_000 };
