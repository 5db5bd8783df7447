/** What the load placed: the order's id, and the address its confirmation goes to. */
export type Accepted = { id: string; customerEmail: string };
/** What the service says of an order after the load; `listed`: whether it stands in its tenant's list, where there is one. */
export type Seen = { id: string; orderNumber: string; documented: boolean; listed?: boolean };
/** A mail that went out. */
export type Sent = { subject: string; to: readonly string[] };

export type Findings = {
  accepted: readonly Accepted[];
  seen: readonly Seen[];
  /** The last running number before the load, 0 for none, where nobody else ordered meanwhile: the load's numbers follow it without a gap. */
  after?: number;
  /** The mails that went out, where they can be seen. */
  mails?: readonly Sent[];
  /** Messages that wait or died, by queue, where they can be seen. */
  queues?: Readonly<Record<string, { waiting: number; dead: number }>>;
};

const ORDER_NUMBER = /^ORD-\d{4}-(\d{5,})$/;
/** The running part of an order number: 42 of `ORD-2026-00042`; undefined when it is none. */
function serialOf(orderNumber: string): number | undefined {
  const serial = ORDER_NUMBER.exec(orderNumber)?.[1];
  return serial === undefined ? undefined : Number(serial);
}

const serialsOf = (seen: readonly Seen[]) => seen.flatMap(({ orderNumber }) => serialOf(orderNumber) ?? []).sort((a, b) => a - b);

/** The least and the highest running number of these orders. */
export function rangeOf(seen: readonly Seen[]): { first: number; last: number } | undefined {
  const serials = serialsOf(seen);
  return serials.length === 0 ? undefined : { first: serials[0]!, last: serials.at(-1)! };
}

const CONFIRMATION = "Order Confirmation - #";
const NEW_ORDER = "New Order Received: ";

/** The last running number that these mails speak of, 0 for none: staff hear of every order. */
export const lastNumberIn = (mails: readonly Sent[]) =>
  mails.reduce((last, { subject }) => {
    const serial = subject.startsWith(NEW_ORDER) ? serialOf(subject.slice(NEW_ORDER.length)) : undefined;
    return Math.max(last, serial ?? 0);
  }, 0);

/** One mail from another: a confirmation by its addressee too, for it must reach the right customer. */
const nameOf = ({ subject, to }: Sent) => (subject.startsWith(CONFIRMATION) ? `${subject} to ${to.join(", ")}` : subject);

export const confirmationOf = (orderNumber: string) => CONFIRMATION + orderNumber;

/** Mails of one order that nobody has paid yet. */
const mailsDue = ({ orderNumber }: Seen, customerEmail: string) => [
  nameOf({ subject: confirmationOf(orderNumber), to: [customerEmail] }),
  NEW_ORDER + orderNumber,
];

/** Everything that is not as it must be: lost, doubled, misnumbered, without document or mail. Empty when all is well. */
export function problemsOf({ accepted, seen, after, mails, queues = {} }: Findings): string[] {
  const problems: string[] = [];
  const tell = (count: number, what: string, example?: string | number) => {
    if (count > 0) problems.push(`${count} ${what}${example === undefined ? "" : `, for example ${example}`}`);
  };
  const addresses = new Map(accepted.map(({ id, customerEmail }) => [id, customerEmail]));
  const found = new Map(seen.map((order) => [order.id, order]));
  const lost = accepted.filter(({ id }) => !found.has(id));
  tell(lost.length, "orders were accepted and are not recorded", lost[0]?.id);
  tell(accepted.length - addresses.size, "orders were accepted under an id that another has");
  tell(seen.length - found.size, "orders are listed twice");
  const ours = [...found.values()].filter(({ id }) => addresses.has(id));
  if (after !== undefined) tell(found.size - ours.length, "orders are recorded that nobody placed");

  const misnamed = ours.filter(({ orderNumber }) => serialOf(orderNumber) === undefined);
  tell(misnamed.length, "orders have no order number", misnamed[0]?.id);
  tell(ours.length - new Set(ours.map(({ orderNumber }) => orderNumber)).size, "order numbers are given twice");
  if (after !== undefined) {
    const serials = serialsOf(ours);
    const again = serials.filter((serial) => serial <= after);
    tell(again.length, "order numbers had been given before", again[0]);
    const skipped = serials.filter((serial, i) => serial > (serials[i - 1] ?? after) + 1);
    tell(skipped.length, "gaps are in the order numbers", skipped.length > 0 ? `before ${skipped[0]}` : undefined);
  }
  const bare = ours.filter(({ documented }) => !documented);
  tell(bare.length, "orders have no document", bare[0]?.id);
  const unlisted = ours.filter(({ listed }) => listed === false);
  tell(unlisted.length, "orders are not in their tenant's list", unlisted[0]?.id);

  if (mails) {
    const sent = new Map<string, number>();
    for (const name of mails.map(nameOf)) sent.set(name, (sent.get(name) ?? 0) + 1);
    const due = new Set(ours.flatMap((order) => mailsDue(order, addresses.get(order.id)!)));
    const missing = [...due].filter((name) => !sent.has(name));
    tell(missing.length, "mails are missing", missing[0]);
    const twice = [...due].filter((name) => (sent.get(name) ?? 0) > 1);
    tell(twice.length, "mails went out more than once", twice[0]);
    const stray = [...sent.keys()].filter((name) => !due.has(name));
    if (after !== undefined) tell(stray.length, "mails went out that no order of the load is due", stray[0]);
  }
  for (const [queue, { waiting, dead }] of Object.entries(queues)) {
    tell(waiting, `messages wait in ${queue}`);
    tell(dead, `dead letters lie in ${queue}`);
  }
  return problems;
}
