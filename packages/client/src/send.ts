import { errorOf, OrderClientError } from "./error.ts";

/** One request with its repeats: the part of the client that knows HTTP. */

export type Transport = {
  /** Address of the service, e.g. `https://orders-api.kimmyai.io`. */
  baseUrl: string;
  /** The caller's token; without one the request is a guest's. Asked again for every attempt. */
  getToken?: () => string | undefined | Promise<string | undefined>;
  /** Instead of the platform's `fetch`. */
  fetch?: typeof fetch;
  /** Attempts in all; 5 unless told. */
  attempts?: number;
  /** Longest wait for one answer in ms; 15 s unless told. */
  timeoutMs?: number;
};

export type Call = {
  method?: "GET" | "POST" | "PUT";
  path: string;
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
  /** False where a repeat could change the answer: then only what surely had no effect is repeated. */
  repeatable?: boolean;
};

const BASE_MS = 1_000;
const CAP_MS = 60_000;

/**
 * Sends a request and repeats it on network errors, 429 and 5xx, with exponential back-off and jitter, or when
 * `Retry-After` says.
 * @throws OrderClientError for a refusal, for silence after the last attempt, or at once when the wait would be over 60 s.
 */
export async function send<Body>(transport: Transport, call: Call): Promise<Body> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await attemptOnce(transport, call)) as Body;
    } catch (error) {
      if (!(error instanceof OrderClientError)) throw error;
      const waitMs = waitBefore(attempt, error);
      if (attempt >= (transport.attempts ?? 5) || !isWorthRepeating(error, call) || waitMs > CAP_MS) throw error;
      await pause(waitMs, call.signal);
    }
  }
}

/** Nothing happened for sure after 429 and 503; after silence or another 5xx it may have. */
function isWorthRepeating({ status }: OrderClientError, { repeatable = true }: Call): boolean {
  return status === 429 || status === 503 || (repeatable && (status === 0 || status >= 500));
}

function waitBefore(attempt: number, { retryAfterSeconds }: OrderClientError): number {
  const backoff = Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
  const jittered = backoff / 2 + (Math.random() * backoff) / 2;
  return retryAfterSeconds === undefined ? jittered : Math.max(retryAfterSeconds * 1000, jittered);
}

async function attemptOnce(transport: Transport, { method = "GET", path, query = {}, headers, body, signal }: Call): Promise<unknown> {
  const token = await transport.getToken?.();
  const timeout = AbortSignal.timeout(transport.timeoutMs ?? 15_000);
  try {
    const answer = await (transport.fetch ?? fetch)(addressOf(transport.baseUrl, path, query), {
      method,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const content = await jsonOf(answer);
    if (answer.ok) return content;
    throw errorOf(answer, content);
  } catch (error) {
    if (error instanceof OrderClientError) throw error;
    signal?.throwIfAborted();
    throw new OrderClientError("The order service could not be reached", { code: "NETWORK_ERROR", status: 0 }, error);
  }
}

async function jsonOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Half an answer is no answer; a refusal's status speaks for itself.
    if (answer.ok) throw cause;
    return undefined;
  }
}

function addressOf(baseUrl: string, path: string, query: NonNullable<Call["query"]>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one));
  }
  const search = parameters.toString();
  return `${baseUrl.replace(/\/+$/, "")}${path}${search && `?${search}`}`;
}

/** Waits, unless the caller gives up. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    }, ms);
    signal?.addEventListener("abort", giveUp, { once: true });
  });
}
