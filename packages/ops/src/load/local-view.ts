/** What only the one-machine stack shows: a token for anybody, its mails, queues and memory. */
export type LocalView = {
  token(tenantId: string, roles?: string): Promise<string>;
  /** Addressees, subject and time (epoch ms) of the mails after the first `from`. */
  mails(from: number): Promise<{ to: string[]; subject: string; takenAt: number }[]>;
  /** Lets an order's timer run out. */
  expire(orderId: string): Promise<void>;
  queues(): Promise<Record<string, { waiting: number; dead: number }>>;
  /** Resident bytes of the stack with everything it started. */
  memory(): Promise<number>;
};

/** @returns undefined for a deployed stage */
export function localView(baseUrl: string): LocalView | undefined {
  const ask = async <Body>(path: string, body?: unknown): Promise<Body> => {
    const answer = await fetch(baseUrl + path, {
      ...(body !== undefined && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return (await answer.json()) as Body;
  };
  if (!["127.0.0.1", "localhost"].includes(new URL(baseUrl).hostname)) return undefined;
  return {
    token: async (tenantId, roles) =>
      (await ask<{ access_token: string }>("/_local/token", { tenantId, sub: "load", ...(roles && { roles }) })).access_token,
    mails: (from) => ask(`/_local/mail-heads?from=${from}`),
    expire: (orderId) => ask("/_local/expire", { orderId }),
    async queues() {
      const report = await ask<Record<string, { depth: number; inFlight: number; dlqDepth: number }>>("/_local/queues");
      return Object.fromEntries(
        Object.entries(report).map(([name, { depth, inFlight, dlqDepth }]) => [name, { waiting: depth + inFlight, dead: dlqDepth }]),
      );
    },
    memory: async () => (await ask<{ bytes: number }>("/_local/memory")).bytes,
  };
}
