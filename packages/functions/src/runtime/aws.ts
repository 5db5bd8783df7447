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

/**
 * How long a client waits for AWS, in ms: a call that hangs is given up while its caller still waits. Without
 * `throwOnRequestTimeout` the SDK only warns, and waits on.
 */
const timeOuts = (requestTimeout: number) => ({ connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true });

/** Three attempts of 2.5 s with short pauses: less than the 10 s of an API function. */
export const patient = { maxAttempts: 3, requestHandler: timeOuts(2_500) };

/** For what must not be sent twice: one attempt, of 15 s. */
export const patientOnce = { maxAttempts: 1, requestHandler: timeOuts(15_000) };
