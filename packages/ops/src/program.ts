import { mailKinds } from "@bbws/core/mail/kinds.ts";
import { orderStatuses } from "@bbws/core/order/order.ts";
import { Command, CommanderError, Option } from "commander";
import { month, oneOf, pastSpan, positive } from "./arguments.ts";
import { addCommand, print, type Session } from "./command.ts";
import { depth } from "./dead-letter/depth.ts";
import { listDeadLetters } from "./dead-letter/list.ts";
import { type PeekOptions, peek } from "./dead-letter/peek.ts";
import { type PurgeOptions, purge } from "./dead-letter/purge.ts";
import { deadLetterQueue } from "./dead-letter/queues.ts";
import { type RedriveOptions, redrive } from "./dead-letter/redrive.ts";
import { type ExitCode, exitCode, OpsError } from "./exit-code.ts";
import { exportInvoices } from "./invoice/export.ts";
import { showNumbers, skipNumbers } from "./invoice/numbers.ts";
import { type Io, startProgress } from "./io.ts";
import { findOrders } from "./order/find.ts";
import { replay } from "./order/replay.ts";
import { type ResendOptions, resend } from "./order/resend.ts";
import { showOrder } from "./order/show.ts";
import { plural } from "./output.ts";
import { reconcile } from "./reconcile.ts";
import { type SmokeOptions, smoke } from "./smoke.ts";
import type { Target } from "./target/target.ts";
import { listTemplates, publishTemplates, rollBackTemplates } from "./template/publish.ts";
import { eraseTenant } from "./tenant/erase.ts";
import { setStanding, showTenant } from "./tenant/standing.ts";

const EXIT_CODES = `
Exit codes: 0 done; 1 it did not work; 2 wrong command line or not confirmed, nothing was touched;
3 it worked and found something to do (dead letters, gaps, sums that do not tie out).`;

/**
 * Runs one command line.
 * @param argv without the program's own name
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const session: Session = {
    io,
    exit(next) {
      code = next;
    },
  };
  try {
    await program(session).parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    if (error instanceof OpsError) {
      io.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    io.stderr.write(`${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\n`);
    return exitCode.failed;
  }
}

/** Every command of the program by its whole name, e.g. `order show`, with the options it takes. */
export function commands(io: Io): { name: string; options: string[] }[] {
  const leaves = (command: Command, name: string): { name: string; options: string[] }[] =>
    command.commands.length > 0
      ? command.commands.flatMap((inner) => leaves(inner, `${name} ${inner.name()}`.trim()))
      : [{ name, options: command.options.map(({ long }) => long ?? "") }];
  return leaves(program({ io, exit: () => undefined }), "");
}

function program(session: Session): Command {
  const root = new Command("ops")
    .description("The operators' command line of the BBWS order service: on the local stack, or on a stage with --stage.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => session.io.stdout.write(text), writeErr: (text) => session.io.stderr.write(text) })
    .showHelpAfterError("(--help shows what there is)")
    .addHelpText("after", EXIT_CODES);
  orderCommands(root, session);
  deadLetterCommands(root, session);
  tenantCommands(root, session);
  addCommand<{ since: number; grace: number }>(root, session, {
    usage: "reconcile",
    description: "find orders that lack a record, a document, a mail, a timer or their expiry, and set it going again",
    examples: ["reconcile --dry-run", "reconcile --since 7d", "reconcile --stage sit --since 2026-11-24 --json"],
    options: (command) =>
      command
        .addOption(spanOption("--since <span>", "look at what changed since then (24h, 7d, 2026-11-24)", "24h"))
        .addOption(spanOption("--grace <span>", "leave alone what changed within it", "5m")),
    changes: { what: () => "Missing documents, mails and records are set going again" },
    run: (target, _, { since, grace, dryRun }, io) => reconcile(target, { sinceMs: since, graceMs: grace, dryRun }, io),
  });
  addCommand<{ tenant: string }>(root, session, {
    usage: "erase",
    description: "erase a tenant's personal data, but for what the law keeps; asks on every stage",
    examples: ["erase --tenant tenant_4c1e… --dry-run", "erase --tenant tenant_4c1e… --stage prod"],
    options: (command) => command.requiredOption("--tenant <id>", "whose data"),
    changes: { what: (_, { tenant }) => `The personal data of ${tenant} is erased for good`, irreversible: true },
    run: (target, _, { tenant, dryRun }, io) => eraseTenant(target, tenant, { dryRun }, io),
  });
  templateCommands(root, session);
  exportCommands(root, session);
  numberCommands(root, session);
  smokeCommand(root, session);
  return root;
}

const spanOption = (flags: string, description: string, usual: string) =>
  new Option(flags, description).argParser((text) => pastSpan(text)).default(pastSpan(usual), usual);

function orderCommands(root: Command, session: Session): void {
  const order = root.command("order").description("look an order up, and set its mails and documents going again");
  addCommand(order, session, {
    usage: "show <order>",
    description: "an order's whole story: by its id, or its order, invoice or credit-note number",
    examples: ["order show ORD-2026-00042", "order show INV-2026-00007 --stage sit", "order show order_0193f2a8-… --json"],
    run: (target, [id = ""]) => showOrder(target, id),
  });
  addCommand<{ email: string; all?: boolean }>(order, session, {
    usage: "find",
    description: "the orders of an e-mail address, newest first",
    examples: ["order find --email thandi@example.co.za", "order find --email thandi@example.co.za --all --stage prod"],
    options: (command) =>
      command
        .requiredOption("--email <address>", "the customer's address, in any case")
        .option("--all", "also orders of signed-in tenants: reads the whole table"),
    run: (target, _, options, io) => findOrders(target, options, io),
  });
  addCommand<ResendOptions>(order, session, {
    usage: "resend <order>",
    description: "send one mail of an order again",
    examples: [
      "order resend ORD-2026-00042 --kind order_confirmation",
      "order resend ORD-2026-00042 --kind payment_received --to accounts@example.co.za",
      "order resend ORD-2026-00042 --kind order_status_update --status PROCESSING --dry-run",
    ],
    options: (command) =>
      command
        .requiredOption("--kind <kind>", `which mail: ${mailKinds.join(", ")}`, oneOf(mailKinds))
        .option("--to <address>", "to this address instead of the customer or the internal recipients")
        .option("--status <status>", "which status an order_status_update speaks of (default: the present one)", oneOf(orderStatuses)),
    changes: { what: ([id]) => `A mail of ${id} goes out again` },
    run: (target, [id = ""], options) => resend(target, id, options),
  });
  addCommand(order, session, {
    usage: "replay <order>",
    description: "emit an order's events again; consumers do only what has not been done",
    examples: ["order replay ORD-2026-00042 --dry-run", "order replay ORD-2026-00042"],
    changes: { what: ([id]) => `The events of ${id} are emitted again` },
    run: (target, [id = ""], options) => replay(target, id, options),
  });
}

function deadLetterCommands(root: Command, session: Session): void {
  const dlq = root.command("dlq").description("dead letters: count, explain, redrive, purge");
  const ofOrder = (command: Command) => command.option("--order <order>", "only letters of this order: its id or number");
  addCommand(dlq, session, {
    usage: "list",
    description: "every dead-letter queue with its letters, every work queue with what waits",
    examples: ["dlq list", "dlq list --stage prod --json"],
    run: (target) => listDeadLetters(target),
  });
  addCommand<PeekOptions>(dlq, session, {
    usage: "peek <queue>",
    description: "why each letter died: its reason, age, receives, the last logged failure and the state of its order",
    examples: [
      "dlq peek InvoiceQueue",
      "dlq peek bbws-order-pdf-dlq-prod --stage prod",
      "dlq peek InvoiceDLQ --order order_0193f2a8-… --body",
    ],
    options: (command) =>
      ofOrder(command)
        .option("--max <n>", "show so many, oldest first", positive, 20)
        .option("--body", "show the messages themselves (personal data)"),
    run: (target, [queue = ""], options) => peek(target, queue, options),
  });
  addCommand<RedriveOptions>(dlq, session, {
    usage: "redrive <queue>",
    description: "give dead letters another chance; killed in the middle, none is lost",
    examples: [
      "dlq redrive InvoiceQueue --dry-run",
      "dlq redrive InvoiceQueue --max 10",
      "dlq redrive OrderCreationDLQ --order order_0193f2a8-…",
    ],
    options: (command) => ofOrder(command).option("--max <n>", "at most so many", positive),
    changes: { what: ([queue]) => `Dead letters of ${queue} are handled again` },
    run: async (target, [queue = ""], options, io) => {
      const progress = await lettersBar(target, queue, { doing: "redriving", max: options.max }, io);
      const result = await redrive(target, queue, { ...options, progress });
      progress.done();
      return result;
    },
  });
  addCommand<PurgeOptions>(dlq, session, {
    usage: "purge <queue>",
    description: "delete dead letters for good; asks on every stage",
    examples: ["dlq purge InvoiceDLQ --dry-run", "dlq purge InvoiceDLQ --message 5f0c… --yes"],
    options: (command) => ofOrder(command).option("--message <id>", "only this letter"),
    changes: { what: ([queue]) => `Dead letters of ${queue} are deleted for good`, irreversible: true },
    run: async (target, [queue = ""], options, io) => {
      const progress = await lettersBar(target, queue, { doing: "purging" }, io);
      const result = await purge(target, queue, { ...options, progress });
      progress.done();
      return result;
    },
  });
}

/** A bar over the letters of a queue: as many as it tells, or as are asked for. */
async function lettersBar(target: Target, queueName: string, { doing, max }: { doing: string; max?: number }, io: Io) {
  const { component } = deadLetterQueue(queueName, target.stage);
  const { waiting, inFlight } = await depth(target, component);
  const total = Math.min(max ?? Number.POSITIVE_INFINITY, waiting + inFlight);
  const label = `${doing} ${component}: ${plural(total, "letter")}`;
  const bar = startProgress(io, label, total);
  return { ...bar, done: () => bar.done(label) };
}

function tenantCommands(root: Command, session: Session): void {
  const tenant = root.command("tenant").description("tenants and their standing");
  addCommand(tenant, session, {
    usage: "show <tenant>",
    description: "a tenant, its latest orders and its erasures",
    examples: ["tenant show tenant_4c1e…"],
    run: (target, [id = ""]) => showTenant(target, id),
  });
  addCommand(tenant, session, {
    usage: "suspend <tenant>",
    description: "the tenant may no longer place or change orders",
    examples: ["tenant suspend tenant_4c1e… --dry-run", "tenant suspend tenant_4c1e…"],
    changes: { what: ([id]) => `Tenant ${id} may no longer order` },
    run: (target, [id = ""], options) => setStanding(target, id, "suspended", options),
  });
  addCommand(tenant, session, {
    usage: "reactivate <tenant>",
    description: "the tenant may order again, in the status it had before",
    examples: ["tenant reactivate tenant_4c1e…"],
    changes: { what: ([id]) => `Tenant ${id} may order again` },
    run: (target, [id = ""], options) => setStanding(target, id, "active", options),
  });
}

function templateCommands(root: Command, session: Session): void {
  const templates = root.command("templates").description("the published mail templates");
  addCommand<{ set?: string; afterDeploy?: boolean }>(templates, session, {
    usage: "publish",
    description: "publish the templates of this checkout and make them the current set",
    examples: ["templates publish", "templates publish --stage dev", "templates publish --set templates.json --dry-run"],
    options: (command) =>
      command
        .option("--set <file>", "another set than the one built from this checkout")
        .option(
          "--after-deploy",
          "this checkout was deployed just now: note what its functions can fill, and keep a set made current by hand since the last deployment unless this one brings other templates",
        ),
    changes: { what: () => "Every mail is written from the published templates" },
    run: (target, _, options) => publishTemplates(target, options),
  });
  addCommand(templates, session, {
    usage: "list",
    description: "the published sets, newest first",
    examples: ["templates list --stage prod"],
    run: (target) => listTemplates(target),
  });
  addCommand(templates, session, {
    usage: "rollback [version]",
    description: "make an earlier set the current one: the one before it, or the given one",
    examples: ["templates rollback --stage dev", "templates rollback 4f0c12ab --stage prod"],
    changes: { what: ([version]) => `Mails are written from the templates ${version ?? "published before the current ones"}` },
    run: (target, [version], { dryRun }) => rollBackTemplates(target, { version, dryRun }),
  });
}

function exportCommands(root: Command, session: Session): void {
  const exports = root.command("export").description("data for other departments");
  addCommand<{ month: string; out?: string }>(exports, session, {
    usage: "invoices",
    description: "a month's tax invoices and credit notes as CSV, with totals that tie out",
    examples: ["export invoices --month 2026-11 > invoices.csv", "export invoices --month 2026-11 --out invoices-2026-11.csv --stage prod"],
    options: (command) =>
      command
        .requiredOption("--month <yyyy-mm>", "by date of issue in South Africa", month)
        .option("--out <file>", "write there, with a byte order mark for spreadsheets"),
    run: (target, _, options, io) => exportInvoices(target, options, io),
  });
}

function numberCommands(root: Command, session: Session): void {
  const numbers = root.command("numbers").description("the series of order, invoice and credit-note numbers");
  addCommand(numbers, session, {
    usage: "show",
    description: "the last number of each series this year, and the declared gaps",
    examples: ["numbers show --stage prod"],
    run: (target) => showNumbers(target),
  });
  addCommand<{ by: number }>(numbers, session, {
    usage: "skip",
    description: "after a failover: pass over the next numbers of every series, as a declared gap; asks on every stage",
    examples: ["numbers skip --by 1000 --stage prod-dr --dry-run", "numbers skip --by 1000 --stage prod-dr"],
    options: (command) => command.requiredOption("--by <n>", "how many of each series", positive),
    changes: { what: (_, { by }) => `The next ${by} numbers of every series are never used`, irreversible: true },
    run: (target, _, options) => skipNumbers(target, options),
  });
}

function smokeCommand(root: Command, session: Session): void {
  root
    .command("smoke <url>")
    .description("prove a deployment from outside: create, follow and cancel one marked order")
    .option("--token <jwt>", "of a customer of a test tenant (or BBWS_TOKEN); without one a guest orders and nobody cancels")
    .addOption(
      new Option("--timeout <span>", "how long the order may take").argParser((text) => pastSpan(text)).default(pastSpan("30s"), "30s"),
    )
    .option("--commit <sha>", "fail unless /health answers this version")
    .option("--json", "print JSON for scripts")
    .addHelpText(
      "after",
      "\nExamples:\n  npm run smoke -- http://127.0.0.1:3000\n  npm run smoke -- https://orders-api.dev.kimmyai.io --json",
    )
    .action(async (url: string, options: SmokeOptions & { json?: boolean }) => {
      print(session, await smoke(url, options, session.io), options.json ?? false);
    });
}
