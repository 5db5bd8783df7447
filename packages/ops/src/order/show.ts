import { formatRand } from "@bbws/core/money.ts";
import { gapText } from "@bbws/core/order/completeness.ts";
import { documentTypes } from "@bbws/core/order/order.ts";
import type { StoredOrder } from "@bbws/core/order/orders.ts";
import { isUnpaid } from "@bbws/core/order/status.ts";
import { type Diagnosis, diagnose, diagnosisData } from "../dead-letter/diagnosis.ts";
import { heldText, lettersIn } from "../dead-letter/letters.ts";
import { letterText } from "../dead-letter/peek.ts";
import { deadLetterQueues } from "../dead-letter/queues.ts";
import { exitCode, OpsError } from "../exit-code.ts";
import { columns, facts, paragraphs, type Result, section } from "../output.ts";
import type { Target } from "../target/target.ts";
import { type Store, storeOf } from "./store.ts";

type Around = Awaited<ReturnType<Store["around"]>>;

/** An order's whole story on one screen. @throws OpsError when neither the table nor a dead letter knows it. */
export async function showOrder(target: Target, idOrNumber: string): Promise<Result> {
  const store = storeOf(target);
  const order = await store.find(idOrNumber);
  const letters = await lettersOf(target, order?.id ?? idOrNumber);
  if (!order) return unrecorded(idOrNumber, letters);
  const around = await store.around(order);
  const lacks = await store.lacks(order);
  const clean = letters.own.length === 0 && lacks.length === 0;
  return {
    data: {
      order,
      mails: around.mails,
      timer: around.timer ?? null,
      deadLetters: letters.own.map((letter) => diagnosisData(letter)),
      lettersHeld: letters.held,
      lacks: lacks.map(gapText),
    },
    text: paragraphs(
      summary(order, around.timer),
      section("Lines", lines(order)),
      section("History", history(order)),
      section("Documents", documents(order)),
      section("Mails", mails(around.mails)),
      section("Dead letters", deadLetters(letters)),
      section("Lacks", lacks.length === 0 ? "nothing" : `${lacks.map(gapText).join("\n")}\norder replay ${order.id} emits it again`),
    ),
    exitCode: clean ? exitCode.ok : exitCode.notClean,
  };
}

/** Accepted and not in the table: its letter is all there is. */
function unrecorded(id: string, letters: Letters): Result {
  if (letters.own.length === 0) {
    throw new OpsError([`there is no order ${id}, neither in the table nor among the dead letters`, ...letters.held].join("; "));
  }
  return {
    data: {
      order: null,
      mails: [],
      timer: null,
      deadLetters: letters.own.map((letter) => diagnosisData(letter)),
      lettersHeld: letters.held,
      lacks: ["record"],
    },
    text: paragraphs(`Order ${id}   not recorded`, section("Dead letters", deadLetters(letters))),
    exitCode: exitCode.notClean,
  };
}

type Letters = {
  own: Diagnosis[];
  /** What is said of those that another command holds. */
  held: string[];
};

async function lettersOf(target: Target, orderId: string): Promise<Letters> {
  const found = await Promise.all(
    deadLetterQueues.map(async (queue) => {
      const { letters, held } = await lettersIn(target, queue.component, ({ about }) => about.orderId === orderId);
      return { own: await diagnose(target, queue, letters), held: held > 0 ? [heldText(held, queue.component)] : [] };
    }),
  );
  return { own: found.flatMap(({ own }) => own), held: found.flatMap(({ held }) => held) };
}

function summary(order: StoredOrder, timer: Around["timer"]): string {
  const { billingAddress: to, paymentDetails: payment, campaign } = order;
  const name = [order.firstName, order.lastName].filter(Boolean).join(" ") || to.fullName;
  const title = [
    `Order ${order.orderNumber}`,
    order.status,
    formatRand(order.total),
    order.id,
    ...(order.active ? [] : ["soft-deleted"]),
  ].join("   ");
  const body = facts([
    ["customer", [name, order.company, order.customerEmail, order.primaryPhone].filter(Boolean).join(", ")],
    ["address", [to.street, to.addressLine2, to.city, to.province, to.postalCode, to.country].filter(Boolean).join(", ")],
    ["VAT number", to.vatNumber],
    ["tenant", `${order.tenantId}   from ${order.source}, by ${order.createdBy}`],
    ["placed", `${order.dateCreated}   changed ${order.dateLastUpdated} by ${order.lastUpdatedBy}, version ${order.version}`],
    ["their order no.", order.purchaseOrderNumber],
    ["campaign", campaign && `${campaign.code}, ${campaign.discountPercentage} %`],
    [
      "payment",
      payment
        ? `${formatRand(payment.amount)} by ${payment.method}, ${payment.paymentReference}, ${payment.paidAt}`
        : `not received (${order.paymentMethod} chosen)`,
    ],
    ["expires", timer && isUnpaid(order.status) ? `${new Date(timer.expiresAt * 1000).toISOString()} if it is unpaid then` : undefined],
    ["notes", order.notes],
    ["correlation id", order.correlationId],
  ]);
  return section(title, body);
}

function lines({ items, subtotal, discount, tax, total }: StoredOrder): string {
  return columns(
    ["Product", "Name", "Quantity", "Price", "Discount", "Amount"],
    [
      ...items.map((line) => [
        line.productId,
        line.productName,
        line.quantity,
        formatRand(line.unitPrice),
        formatRand(line.discount),
        formatRand(line.subtotal),
      ]),
      ["", "subtotal, discount", "", "", formatRand(discount), formatRand(subtotal)],
      ["", "VAT", "", "", "", formatRand(tax)],
      ["", "total", "", "", "", formatRand(total)],
    ],
    [2, 3, 4, 5],
  );
}

function history({ statusHistory }: StoredOrder): string {
  return columns(
    ["Status", "At", "By", "Reason"],
    statusHistory.map(({ status, at, by, reason }) => [status, at, by, reason ?? ""]),
  );
}

function documents(order: StoredOrder): string {
  const rows = documentTypes.flatMap((type) => {
    const document = order.documents[type];
    if (!document) return [];
    return [
      [type, document.number ?? order.orderNumber, document.issuedAt, document.key ?? "not stored", document.sha256?.slice(0, 12) ?? ""],
    ];
  });
  return rows.length === 0 ? "none" : columns(["Type", "Number", "Issued", "Stored at", "SHA-256"], rows);
}

function mails(ledger: Around["mails"]): string {
  if (ledger.length === 0) return "none";
  return columns(
    ["Mail", "Version", "State", "At", "SES message id"],
    ledger.map(({ kind, orderVersion, state, at, sesMessageId, refusal }) => {
      const [version, request] = orderVersion.split("#");
      return [kind, `${version}${request ? " (asked for)" : ""}`, refusal ? `${state}: ${refusal}` : state, at, sesMessageId ?? ""];
    }),
  );
}

function deadLetters({ own, held }: Letters): string {
  const texts = own.map((letter) => `${letter.queue}: ${letterText(letter)}`);
  return [...(texts.length === 0 ? ["none"] : texts), ...held].join("\n");
}
