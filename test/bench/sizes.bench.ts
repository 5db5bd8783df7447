import type { FunctionName } from "../../infra/settings.ts";
import type { Group } from "./harness/group.ts";
import { builtFunction, functionNames } from "./harness/lambda.ts";
import { exactly } from "./harness/stats.ts";

const KB = 1000;
const api = { target: 520 * KB, stretch: 240 * KB };
const stream = { target: 190 * KB };
const mail = { target: 450 * KB };
const limits: Partial<Record<FunctionName, { target: number; stretch?: number }>> = {
  CreateOrder: api,
  GetOrder: api,
  ListOrders: api,
  UpdateOrder: api,
  OrderChangeRouter: stream,
  OrderExpirer: stream,
  OrderPDFCreator: { target: 1500 * KB, stretch: 1250 * KB },
  OrderInternalNotificationSender: mail,
  CustomerOrderConfirmationSender: mail,
};

/** What is uploaded for each function, without its source map. */
export const sizes: Group = {
  name: "sizes",
  rows: functionNames.map((name) => ({ id: `sizes.${name}`, title: `bundle of ${name}`, unit: "bytes", judged: "value", ...limits[name] })),
  async measure({ progress }) {
    progress("building");
    const built = await Promise.all(functionNames.map(async (name) => [name, await builtFunction(name)] as const));
    return Object.fromEntries(built.map(([name, { bytes }]) => [`sizes.${name}`, { figure: exactly(bytes) }]));
  },
};
