import type { TestProject } from "vitest/node";
import { personalDataIn } from "../support/contract/log.ts";

export type LocalService = {
  folder: string;
  dynamodb: string;
  table: string;
};

declare module "vitest" {
  interface ProvidedContext {
    /** The service the contract cases run against. What only a stack of our own has is absent for a deployed stage. */
    service: { url: string; local?: LocalService };
  }
}

/** One stack for the whole folder, unless BASE_URL names a service: then only the cases that are safe there run. */
export async function setup({ provide }: TestProject) {
  const url = process.env.BASE_URL?.replace(/\/+$/, "");
  if (url) {
    provide("service", { url });
    return undefined;
  }
  const { startStack } = await import("@bbws/local/stack.ts");
  const stack = await startStack({ fresh: true, port: 0, quiet: true });
  const { folder, table, endpoints } = stack;
  provide("service", { url: stack.url, local: { folder, table, dynamodb: endpoints.dynamodb } });
  return async () => {
    const found = personalDataIn(folder);
    await stack.stop();
    if (found.length > 0) throw new Error(`the functions' log holds personal data or tokens: ${found.slice(0, 3).join("; ")}`);
  };
}
