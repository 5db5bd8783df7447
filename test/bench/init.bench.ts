import { join } from "node:path";
import { documentContent } from "@bbws/core/document/content.ts";
import type { FunctionName } from "../../infra/settings.ts";
import { startInTurns } from "./harness/fresh-process.ts";
import type { Group } from "./harness/group.ts";
import { builtFunction, functionNames, lambdaEnvironment } from "./harness/lambda.ts";
import { buildBaseline } from "./harness/plain-build.ts";
import { spreadOf } from "./harness/stats.ts";
import { buildSubject } from "./harness/subject.ts";
import { invoice } from "./subjects/invoices.ts";

const api = { target: 1.15, stretch: 0.7 };
const stream = { target: 0.65 };
const mail = { target: 1.0 };
const limits: Partial<Record<FunctionName, { target: number; stretch?: number }>> = {
  CreateOrder: api,
  GetOrder: api,
  ListOrders: api,
  UpdateOrder: api,
  OrderChangeRouter: stream,
  OrderExpirer: stream,
  OrderPDFCreator: { target: 3, stretch: 2.3 },
  OrderInternalNotificationSender: mail,
  CustomerOrderConfirmationSender: mail,
};

const WITHOUT_MAPS = "init.dynamodb-without-maps";
const FIRST_INVOICE = "init.first-invoice";
const FIRST_INVOICE_OUR_FONT = "init.first-invoice-our-font";

/** What happens before a function's first event, in a fresh process with Lambda's environment. */
export const init: Group = {
  name: "init",
  rows: [
    ...functionNames.map((name) => ({
      id: `init.${name}`,
      title: `init of ${name}`,
      unit: "ms" as const,
      baseline: "module with only the DynamoDB client",
      judged: "ratio" as const,
      tolerance: 0.15,
      ...limits[name],
    })),
    {
      id: WITHOUT_MAPS,
      title: "module with only the DynamoDB client, without source maps",
      unit: "ms",
      baseline: "the same with them, as ours are deployed",
      judged: "ratio",
      tolerance: 0.15,
    },
    {
      id: FIRST_INVOICE,
      title: "cold import and first invoice",
      unit: "ms",
      baseline: "pdfkit by hand, standard font, one bundle",
      judged: "ratio",
      target: 3,
      stretch: 2,
      tolerance: 0.15,
    },
    {
      id: FIRST_INVOICE_OUR_FONT,
      title: "cold import and first invoice, embedded font",
      unit: "ms",
      baseline: "pdfkit by hand, our font, same bundling",
      judged: "ratio",
      tolerance: 0.15,
    },
  ],
  async measure({ quick, folder, progress }) {
    const [dynamodbOnly, withoutMaps, ours, pdfkit, pdfkitOurFont, ...built] = await Promise.all([
      buildBaseline("dynamodb-only.ts"),
      buildBaseline("dynamodb-only.ts", { sourceMaps: false }),
      buildSubject("first-invoice.ts"),
      buildBaseline("first-invoice-pdfkit-plain.ts"),
      buildSubject("first-invoice-pdfkit.ts"),
      ...functionNames.map(builtFunction),
    ]);
    const plain = lambdaEnvironment("GetOrder");
    const pdfkitFirst = `await module.first(${JSON.stringify(documentContent(invoice(0, 5)))});`;
    const samples = await startInTurns(
      [
        { name: "baseline", bundle: dynamodbOnly, env: plain },
        { name: "without-maps", bundle: withoutMaps, env: { ...plain, NODE_OPTIONS: "" } },
        ...functionNames.map((name, i) => ({ name, bundle: built[i]!.file, env: lambdaEnvironment(name) })),
        { name: "first-invoice", bundle: ours, env: plain, after: "await module.first();" },
        { name: "pdfkit", bundle: pdfkit, env: plain, after: pdfkitFirst },
        { name: "pdfkit-our-font", bundle: pdfkitOurFont, env: plain, after: pdfkitFirst },
      ],
      {
        folder: join(folder, "init"),
        rounds: quick ? 5 : 17,
        onRound: (done, of) => progress(`round ${done} of ${of}`),
      },
    );
    const baseline = spreadOf(samples.baseline!);
    return {
      ...Object.fromEntries(functionNames.map((name) => [`init.${name}`, { figure: spreadOf(samples[name]!), baseline }])),
      [WITHOUT_MAPS]: { figure: spreadOf(samples["without-maps"]!), baseline },
      [FIRST_INVOICE]: {
        figure: spreadOf(samples["first-invoice"]!),
        baseline: spreadOf(samples.pdfkit!),
        note: "ours is set in its embedded font here too; it has no other",
      },
      [FIRST_INVOICE_OUR_FONT]: { figure: spreadOf(samples["first-invoice"]!), baseline: spreadOf(samples["pdfkit-our-font"]!) },
    };
  },
};
