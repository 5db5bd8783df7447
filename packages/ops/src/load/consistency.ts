/** What the service says of the orders after the load. */
export type Seen = { id: string; orderNumber: string; documented: boolean };

export type Findings = {
  accepted: readonly string[];
  seen: readonly Seen[];
  /** The last order number before the load, 0 for none, where nobody else ordered meanwhile: the numbers follow it without a gap. */
  after?: number;
  /** Subjects of the mails that went out, where they can be seen. */
  subjects?: readonly string[];
  /** Messages that wait or died, by queue, where they can be seen. */
  queues?: Readonly<Record<string, { waiting: number; dead: number }>>;
};

/** The running part of an order number: 42 of `ORD-2026-00042`. */
const serialOf = (orderNumber: string) => Number(orderNumber.slice(orderNumber.lastIndexOf("-") + 1));

/** The least and the highest running number of these orders. */
export function rangeOf(seen: readonly Seen[]): { first: number; last: number } | undefined {
  const serials = seen.map(({ orderNumber }) => serialOf(orderNumber)).sort((a, b) => a - b);
  return serials.length === 0 ? undefined : { first: serials[0]!, last: serials.at(-1)! };
}

const NEW_ORDER = "New Order Received: ";

/** The last order number that these mails speak of, 0 for none: staff hear of every order. */
export const lastNumberIn = (subjects: readonly string[]) =>
  subjects.reduce((last, subject) => (subject.startsWith(NEW_ORDER) ? Math.max(last, serialOf(subject)) : last), 0);

/** Mails of one order that nobody has paid yet. */
const mailSubjects = (orderNumber: string) => [`Order Confirmation - #${orderNumber}`, NEW_ORDER + orderNumber];

/** Everything that is not as it must be: lost, doubled, misnumbered, without document or mail. Empty when all is well. */
export function problemsOf({ accepted, seen, after, subjects, queues = {} }: Findings): string[] {
  const problems: string[] = [];
  const tell = (count: number, what: string, example?: string) => {
    if (count > 0) problems.push(`${count} ${what}${example ? `, for example ${example}` : ""}`);
  };
  const wanted = new Set(accepted);
  const found = new Map<string, Seen>();
  let doubled = 0;
  for (const order of seen) {
    if (found.has(order.id)) doubled += 1;
    found.set(order.id, order);
  }
  const lost = accepted.filter((id) => !found.has(id));
  tell(lost.length, "orders were accepted and are not recorded", lost[0]);
  tell(accepted.length - wanted.size, "orders were accepted under an id that another has");
  tell(doubled, "orders are listed twice");
  const ours = [...found.values()].filter(({ id }) => wanted.has(id));
  if (after !== undefined) tell(found.size - ours.length, "orders are recorded that nobody placed");

  const numbers = ours.map(({ orderNumber }) => serialOf(orderNumber)).sort((a, b) => a - b);
  tell(numbers.filter((number, i) => number === numbers[i - 1]).length, "order numbers are given twice");
  if (after !== undefined) {
    const skipped = numbers.filter((number, i) => number > (numbers[i - 1] ?? after) + 1);
    tell(skipped.length, "gaps are in the order numbers", skipped.length > 0 ? `before ${skipped[0]}` : undefined);
  }
  const bare = ours.filter(({ documented }) => !documented);
  tell(bare.length, "orders have no document", bare[0]?.id);

  if (subjects) {
    const sent = new Map<string, number>();
    for (const subject of subjects) sent.set(subject, (sent.get(subject) ?? 0) + 1);
    const due = ours.flatMap(({ orderNumber }) => mailSubjects(orderNumber));
    const missing = due.filter((subject) => !sent.has(subject));
    const twice = due.filter((subject) => (sent.get(subject) ?? 0) > 1);
    tell(missing.length, "mails are missing", missing[0]);
    tell(twice.length, "mails went out more than once", twice[0]);
  }
  for (const [queue, { waiting, dead }] of Object.entries(queues)) {
    tell(waiting, `messages wait in ${queue}`);
    tell(dead, `dead letters lie in ${queue}`);
  }
  return problems;
}
