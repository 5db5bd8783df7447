/**
 * The journey of an order as chapters and steps: what has happened, what is happening, what is still to come. Pure. Which
 * documents and mails belong to a change is asked of the domain, never repeated here.
 */
import type { MailKind } from "@bbws/core/mail/kinds.ts";
import { customerMailOf, internalMailOf } from "@bbws/core/mail/mails.ts";
import { documentOf, EVENT_VERSION, type OrderEvent } from "@bbws/core/order/events.ts";
import type { DocumentType, OrderStatus } from "@bbws/core/order/order.ts";
import type { PlacedOrder } from "./placed.ts";
import type { Letter, Order, OrderMail } from "./service.ts";

/** What the page knows of an order. */
export type Sighting = {
  placed: PlacedOrder;
  order?: Order;
  mails: readonly OrderMail[];
  /** Dead letters of any order, by work queue. */
  letters: Readonly<Record<string, readonly Letter[]>>;
};

/** `running`: being worked on now. `waiting`: its turn comes later. `stopped`: given up, a dead letter. */
export type StepState = "done" | "running" | "waiting" | "stopped";

export type Opens = { kind: "document"; documentType: DocumentType } | { kind: "mail"; mailKind: MailKind; orderVersion: string };

export type Step = {
  key: string;
  /** What it is called before and after it is done. */
  label: string;
  detail?: string;
  state: StepState;
  /** Epoch ms, where the service tells when it was done; a document carries the time of what it certifies, not of its making. */
  at?: number;
  queue?: string;
  /** Why it was given up. */
  reason?: string;
  /** Ids of the dead letters it was given up with: those of this step, and of no other. */
  letters?: string[];
  opens?: Opens;
};

export type Chapter = { key: string; title: string; status: OrderStatus; startedAt: number; by?: string; note?: string; steps: Step[] };

export const documentTitles: Record<DocumentType, string> = {
  order: "Order document",
  taxInvoice: "Tax invoice",
  creditNote: "Credit note",
};

export const mailTitles: Record<MailKind, string> = {
  order_confirmation: "Confirmation to the customer",
  payment_received: "Receipt with tax invoice to the customer",
  order_cancelled: "Cancellation to the customer",
  order_status_update: "News to the customer",
  internal_new: "Notice to support and sales",
  internal_paid: "Notice of payment to staff",
  internal_cancelled: "Notice of cancellation to staff",
  internal_refunded: "Notice of refund to staff",
};

const chapterTitles: Record<OrderStatus, string> = {
  PENDING: "Ordered",
  PAYMENT_PENDING: "Awaiting payment",
  PAID: "Paid",
  PROCESSING: "In progress",
  COMPLETED: "Completed",
  CANCELLED: "Cancelled",
  EXPIRED: "Expired",
  REFUNDED: "Refunded",
};

/** The chapters so far, oldest first. */
export function journeyOf(sighting: Sighting): Chapter[] {
  const { placed, order } = sighting;
  const first: Chapter = { key: "placed", title: chapterTitles.PENDING, status: "PENDING", startedAt: placed.placedAt, steps: [] };
  first.steps.push({
    key: "accepted",
    label: "Accepted",
    detail: "priced by the catalogue, safe in the queue",
    state: "done",
    at: placed.acceptedAt,
  });
  first.steps.push(recordedStep(sighting));
  if (!order) {
    first.steps.push(...effectsOf(sighting, 0, "PENDING"));
    return [first];
  }
  return order.statusHistory.map(({ status, at, by, reason }, index) => {
    if (index === 0) return { ...first, steps: [...first.steps, ...effectsOf(sighting, 0, status)] };
    return {
      key: `${index}-${status}`,
      title: chapterTitles[status],
      status,
      startedAt: Date.parse(at),
      by,
      ...(reason && { note: reason }),
      steps: [statusStep(order, status, at, index), ...effectsOf(sighting, index, status)],
    };
  });
}

/** True when nothing more will happen by itself. */
export const isSettled = (chapters: readonly Chapter[]) => chapters.every(({ steps }) => steps.every(({ state }) => state === "done"));
/** True when somebody must act: a step was given up. */
export const isStopped = (chapters: readonly Chapter[]) => chapters.some(({ steps }) => steps.some(({ state }) => state === "stopped"));

function recordedStep(sighting: Sighting): Step {
  const { order } = sighting;
  const base = { key: "recorded", queue: "OrderCreationQueue" };
  if (order)
    return {
      ...base,
      label: "Recorded",
      detail: order.orderNumber,
      state: "done",
      at: Date.parse(order.statusHistory[0]?.at ?? order.dateCreated),
    };
  return { ...base, label: "Record and number", ...givenUp(sighting, base.queue, { type: "order.accepted" }) };
}

function statusStep(order: Order, status: OrderStatus, at: string, index: number): Step {
  const step = { key: `status-${index}`, state: "done" as const, at: Date.parse(at) };
  if (status === "PAID") return { ...step, label: "Payment confirmed", detail: order.paymentDetails?.paymentReference };
  return { ...step, label: `${chapterTitles[status]} recorded`, detail: `version ${index + 1}` };
}

/** Documents and mails that follow from one entry of the history. */
function effectsOf(sighting: Sighting, index: number, status: OrderStatus): Step[] {
  const event = eventOf(sighting, index, status);
  const steps: Step[] = [];
  const documentType = documentOf(event);
  if (documentType) steps.push(documentStep(sighting, documentType, event));
  const documentReady = steps[0]?.state === "done";
  const atOnce = customerMailOf(event);
  if (atOnce) steps.push(mailStep(sighting, { index, kind: atOnce.kind, event }));
  if (documentType) {
    const ready: OrderEvent = { ...envelope(sighting, index), type: "order.document_ready", data: { documentType } };
    const afterDocument = customerMailOf(ready);
    if (afterDocument) steps.push(mailStep(sighting, { index, kind: afterDocument.kind, event: documentReady ? ready : undefined }));
  }
  const staff = internalMailOf(event);
  if (staff) steps.push(mailStep(sighting, { index, kind: staff.kind, event }));
  return steps;
}

function documentStep(sighting: Sighting, documentType: DocumentType, event: OrderEvent): Step {
  const base = { key: `document-${documentType}`, queue: "InvoiceQueue" };
  const issued = sighting.order?.documents.find(({ type }) => type === documentType);
  const title = documentTitles[documentType];
  if (!issued) return { ...base, label: title, ...(sighting.order ? givenUp(sighting, base.queue, event) : { state: "waiting" }) };
  return {
    ...base,
    label: title,
    detail: `${issued.number}.pdf`,
    state: "done",
    opens: { kind: "document", documentType },
  };
}

/** @param event what the mail is sent upon; absent while that has not happened */
function mailStep(sighting: Sighting, { index, kind, event }: { index: number; kind: MailKind; event: OrderEvent | undefined }): Step {
  const queue = kind.startsWith("internal_") ? "InternalNotificationQueue" : "CustomerNotificationQueue";
  const base = { key: `mail-${kind}-${index}`, label: mailTitles[kind], queue };
  const known = occasionOf(sighting.mails, kind, index);
  if (known?.state === "REFUSED") return { ...base, state: "stopped", reason: `refused by the mail service: ${known.refusal}` };
  if (known?.state === "SENT") {
    return {
      ...base,
      detail: known.mail?.to.join(", "),
      state: "done",
      at: Date.parse(known.at),
      ...(known.mail && { opens: { kind: "mail", mailKind: kind, orderVersion: known.orderVersion } }),
    };
  }
  return { ...base, ...(sighting.order && event ? givenUp(sighting, queue, event) : { state: "waiting" }) };
}

/**
 * The ledger's entry for a mail. Its version is at least the transition's: a document that comes later may find the order
 * further on. Mails an operator asked for (`3#id`) are not part of the journey.
 */
function occasionOf(mails: readonly OrderMail[], kind: MailKind, index: number): OrderMail | undefined {
  return mails
    .filter((mail) => mail.kind === kind && /^\d+$/.test(mail.orderVersion) && Number(mail.orderVersion) > index)
    .sort((a, b) => Number(a.orderVersion) - Number(b.orderVersion))[0];
}

/** What a step waits for: which event of the order. */
type Awaited = Pick<OrderEvent, "type" | "data"> | { type: "order.accepted" };

function givenUp({ placed, letters }: Sighting, queue: string, awaited: Awaited): Pick<Step, "state" | "reason" | "letters"> {
  const own = (letters[queue] ?? []).filter(({ body }) => tellsOf(body, placed.orderId, awaited));
  const [letter] = own;
  if (!letter) return { state: "running" };
  return {
    state: "stopped",
    reason: `dead letter: ${letter.attributes.errorReason ?? "failed too often"}`,
    letters: own.map(({ messageId }) => messageId),
  };
}

/** Two events of an order that share a queue differ in their type, their new status or their document. */
function tellsOf(body: string, orderId: string, awaited: Awaited): boolean {
  const told = eventIn(body);
  if (told.type !== awaited.type || (told.orderId ?? told.order?.id) !== orderId) return false;
  const { to, documentType } = ("data" in awaited ? awaited.data : {}) as EventData;
  return told.data?.to === to && told.data?.documentType === documentType;
}

type EventData = { to?: string; documentType?: string };

/** What can be read of a letter's event, whatever the letter holds. */
function eventIn(body: string): { type?: string; orderId?: string; order?: { id?: string }; data?: EventData } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

function envelope({ placed, order }: Sighting, index: number) {
  return {
    eventId: "",
    version: EVENT_VERSION as typeof EVENT_VERSION,
    occurredAt: order?.statusHistory[index]?.at ?? new Date(placed.acceptedAt).toISOString(),
    correlationId: placed.orderId,
    tenantId: order?.tenantId ?? "",
    orderId: placed.orderId,
    orderVersion: index + 1,
  };
}

function eventOf(sighting: Sighting, index: number, status: OrderStatus): OrderEvent {
  const before = sighting.order?.statusHistory[index - 1]?.status;
  if (!before) return { ...envelope(sighting, index), type: "order.recorded", data: { status } };
  return { ...envelope(sighting, index), type: "order.status_changed", data: { from: before, to: status } };
}
